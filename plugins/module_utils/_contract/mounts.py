# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Mounts, from ``/proc/self/mountinfo`` (proc_pid_mountinfo(5))."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# cgroup2's own options, Documentation/admin-guide/cgroup-v2.rst, "Mounting".
CGROUP2_OPTIONS = frozenset(
    {
        "favordynmods",
        "memory_hugetlb_accounting",
        "memory_localevents",
        "memory_recursiveprot",
        "nsdelegate",
        "pids_localevents",
    }
)


@dataclass(frozen=True)
class Mount:
    """One mount: where, the file system's type, the options of mount and of file system, and what is mounted.

    flags: the options of this mount alone, without those of the file system. device: the file system's number, which is
    one for all subvolumes of a btrfs.
    """

    path: str
    kind: str
    options: tuple[str, ...]
    source: str = ""
    flags: tuple[str, ...] = ()
    device: str = ""


def parse_mountinfo(text: str) -> list[Mount]:
    """All mounts, in the order they were made."""
    mounts = []
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        before, after = left.split(), right.split()
        if not separator or len(before) < 6 or len(after) < 1:
            continue
        flags = before[5].split(",")
        options = flags + (after[2].split(",") if len(after) > 2 else [])
        source = unescape(after[1]) if len(after) > 1 else ""
        names = tuple(dict.fromkeys(options))
        mounts.append(Mount(unescape(before[4]), after[0], names, source, tuple(flags), before[2]))
    return mounts


def unescape(text: str) -> str:
    """A field with its octal escapes resolved, as in mountinfo and fstab(5)."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def mount_of(path: str, mounts: t.Sequence[Mount]) -> t.Optional[Mount]:
    """The mount a path lies on: the deepest one above it, and of several at one place the last."""
    best = None
    for mount in mounts:
        inside = mount.path in {"/", path} or path.startswith(mount.path + "/")
        if inside and (best is None or len(mount.path) >= len(best.path)):
            best = mount
    return best


def cgroup2_options(mounts: t.Sequence[Mount]) -> list[str]:
    """The options of the cgroup2 mount that change its rules, sorted; empty without one."""
    options = next((mount.options for mount in mounts if mount.kind == "cgroup2"), ())
    return sorted(CGROUP2_OPTIONS & set(options))
