# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which processes run code that has been replaced on disk, and which unit each belongs to."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# Where packages put code. What a program maps and deletes on purpose lies elsewhere (/tmp, /dev/shm, memfd).
_CODE = re.compile(r"(/(?:usr|lib\w*|bin|sbin|opt)/.*?)(?:\.dpkg-tmp|;[0-9a-f]{8})?(?: \(deleted\))$")
# Containers have their own files, as their images have them.
_CONTAINER = re.compile(
    r"/(?:docker|libpod|crio|cri-containerd|containerd)[-/:](?!conmon)[0-9a-f]{12,}|/libpod_parent/"
)


@dataclass(frozen=True)
class Process:
    """pid, its command's name, the systemd unit it belongs to (empty without one), the replaced files it runs."""

    pid: int
    command: str
    unit: str
    files: tuple[str, ...]


def replaced_files(maps: str) -> tuple[str, ...]:
    """The replaced files in /proc/PID/maps that are run, programs and libraries."""
    found = set()
    for line in maps.splitlines():
        fields = line.split(None, 5)
        if len(fields) == 6 and "x" in fields[1]:
            match = _CODE.match(fields[5])
            if match:
                found.add(match.group(1))
    return tuple(sorted(found))


def in_container(cgroup: str) -> bool:
    """Whether /proc/PID/cgroup is that of a process in a container."""
    return _CONTAINER.search(cgroup) is not None


def unit_of(cgroup: str) -> str:
    """The unit in /proc/PID/cgroup, of version 2 or of systemd's own hierarchy in version 1; empty without one."""
    for line in cgroup.splitlines():
        number, _colon, rest = line.partition(":")
        controllers, _colon, path = rest.partition(":")
        if number == "0" or controllers == "name=systemd":
            units = re.findall(r"/([^/]+\.(?:service|scope))", path)
            # A user's own services belong to his manager.
            return t.cast(str, units[0]) if units else ""
    return ""


def parse_process(pid: int, command: str, cgroup: str, maps: str) -> t.Optional[Process]:
    """The process when it is the host's own and runs replaced files."""
    files = replaced_files(maps)
    if not files or in_container(cgroup):
        return None
    return Process(pid, command.strip(), unit_of(cgroup), files)
