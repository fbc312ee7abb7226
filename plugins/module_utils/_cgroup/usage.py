# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a container uses, from the files of its control group (admin-guide/cgroup-v2.rst)."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.files import parse_keyed, parse_number

# What is read of a group; a file is absent where its controller is not enabled, memory.peak before Linux 5.19.
FILES = (
    "cpu.stat",
    "io.stat",
    "memory.current",
    "memory.max",
    "memory.peak",
    "memory.stat",
    "memory.swap.current",
    "pids.current",
    "pids.max",
)

# A runtime may set limits on a group below the container's.
LIMITS = ("memory.max", "pids.max")

Texts = t.Mapping[str, t.Optional[str]]
Usage = dict[str, t.Union[int, float, None]]


def container_groups(text: t.Optional[str], container_id: str) -> tuple[str, ...]:
    """A container's control group, from its first process's /proc/PID/cgroup; then that process's own if it differs.

    Runtimes and service managers make groups below the container's, which is the one named after its id. Empty when the
    process is in no such group.
    """
    for line in (text or "").splitlines():
        if line.startswith("0::"):
            words = line[3:].split("/")
            named = [index for index, word in enumerate(words) if container_id and container_id in word]
            return tuple(dict.fromkeys(("/".join(words[: named[0] + 1]), line[3:]))) if named else ()
    return ()


def parse_usage(files: Texts, below: Texts) -> t.Optional[Usage]:
    """File name -> text (None: absent) as values; None when there is no file at all, each value when its own is absent.

    cpu_seconds and the io values count since the container was started. memory_reclaimable_bytes is the part of
    memory_bytes that the kernel gives back first: pages of files that were not used lately. below: the files of the
    group below, for the limits, of which the lower one counts.
    """
    if all(files.get(name) is None for name in FILES):
        return None
    microseconds = parse_keyed(files.get("cpu.stat")).get("usage_usec")
    return {
        "cpu_seconds": None if microseconds is None else microseconds / 1_000_000,
        "memory_bytes": parse_number(files.get("memory.current")),
        "memory_reclaimable_bytes": parse_keyed(files.get("memory.stat")).get("inactive_file"),
        "memory_peak_bytes": parse_number(files.get("memory.peak")),
        "memory_limit_bytes": _lower(files, below, "memory.max"),
        "swap_bytes": parse_number(files.get("memory.swap.current")),
        "pids": parse_number(files.get("pids.current")),
        "pids_limit": _lower(files, below, "pids.max"),
        "io_read_bytes": _io_bytes(files.get("io.stat"), "rbytes"),
        "io_written_bytes": _io_bytes(files.get("io.stat"), "wbytes"),
    }


def _lower(files: Texts, below: Texts, name: str) -> t.Optional[int]:
    limits = [parse_number(texts.get(name)) for texts in (files, below)]
    return min((limit for limit in limits if limit is not None), default=None)


def _io_bytes(text: t.Optional[str], key: str) -> t.Optional[int]:
    """The sum over all devices of io.stat (``254:0 rbytes=1 wbytes=2 ...``); 0 when nothing was read or written yet."""
    if text is None:
        return None
    pairs = (word.partition("=") for line in text.splitlines() for word in line.split()[1:])
    return sum(int(value) for name, _equals, value in pairs if name == key and value.isdigit())
