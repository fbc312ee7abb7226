# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Kernel settings and limits: what is set by somebody, and what the kernel sized by the machine's memory."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import SIZED_BY_KERNEL, UNLIMITED

# Limits whose default the kernel computes from memory or CPUs (kernel/fork.c, fs/file_table.c, kernel/ucount.c,
# fs/notify/inotify, kernel/pid.c). All others have one default, and their number counts as it is.
SIZED_LIMITS = frozenset(
    {
        "fs.file-max",
        "fs.inotify.max_user_watches",
        "kernel.pid_max",
        "kernel.threads-max",
        "user.max_user_namespaces",
    }
)
_LARGEST_LONG = 2**63 - 1

# sysctl.d(5): a file in an earlier folder replaces one of the same name in a later one.
SYSCTL_FOLDERS: tuple[str, ...] = (
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
)


def sysctl_path(name: str) -> str:
    """The file of a setting: ``net.ipv4.ip_forward`` is ``/proc/sys/net/ipv4/ip_forward``."""
    return "/proc/sys/" + name.replace(".", "/")


def parse_sysctl_file(text: str) -> set[str]:
    """The settings a sysctl.d file sets, dotted, without those it only excludes from a pattern (``-name``)."""
    names = set()
    for line in text.splitlines():
        name, equals, _value = line.strip().partition("=")
        name = name.strip()
        if not equals or name[:1] in "#;":
            continue
        name = name[1:] if name.startswith("-") else name
        # The first separator decides: kernel/pid_max and kernel.pid_max are the same.
        slash, dot = name.find("/"), name.find(".")
        names.add(name.replace("/", ".") if slash >= 0 and (dot < 0 or slash < dot) else name)
    return names


def number(text: t.Optional[str]) -> t.Optional[int]:
    """The integer in a one-number file; None for anything else."""
    stripped = (text or "").strip()
    return int(stripped) if stripped.lstrip("-").isdigit() else None


def limit(name: str, text: t.Optional[str], configured: t.Container[str]) -> t.Union[int, str, None]:
    """A limit as the contract states it.

    A number when its default is fixed or somebody set it; ``unlimited`` for the largest long; else, when the kernel
    sized it, the words that say so: two hosts of different size then agree, as neither pins the limit.
    """
    value = number(text)
    if value is None:
        return None
    if value >= _LARGEST_LONG:
        return UNLIMITED
    if name in SIZED_LIMITS and name not in configured:
        return SIZED_BY_KERNEL
    return value
