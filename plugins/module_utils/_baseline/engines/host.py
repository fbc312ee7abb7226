# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What of the host itself counts for both engines."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import mount_of

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.files import HostFiles

SHARED_MOUNTS = ("/", "/var", "/var/lib")


def data_filesystem(path: str, machine: HostFiles) -> str:
    """Whether images and volumes have a file system of their own."""
    mount = mount_of(path, machine.mounts)
    return "shared" if mount is None or mount.path in SHARED_MOUNTS else "own"


def group_members(group: str, machine: HostFiles) -> list[str]:
    """The users of a group, by either of its files (group(5), passwd(5)); root needs no group."""
    fields = next((line.split(":") for line in machine.group.splitlines() if line.startswith(f"{group}:")), [])
    if len(fields) < 4:
        return []
    accounts = (line.split(":") for line in machine.passwd.splitlines())
    primary = [entry[0] for entry in accounts if len(entry) > 3 and entry[3] == fields[2]]
    return sorted({name for name in (*fields[3].split(","), *primary) if name.strip() and name != "root"})


def network_addresses(listen: t.Iterable[str]) -> list[str]:
    """Those of a socket unit's addresses that are not a path or an abstract name (systemd.socket(5))."""
    return [address for address in listen if not address.startswith(("/", "%", "@", "vsock:"))]


def overlapping(text: str) -> list[str]:
    """The users whose ranges in a file of subordinate ids overlap with another's (subuid(5)); 2 ** 32 ids exist."""
    ranges = []
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) == 3 and fields[1].isdigit() and fields[2].isdigit():
            ranges.append((int(fields[1]), int(fields[1]) + int(fields[2]), fields[0]))
    found = []
    highest, owner = 0, ""
    for first, end, name in sorted(ranges):
        if first < highest and name != owner:
            found += [owner, name]
        if end > highest:
            highest, owner = end, name
    return sorted(set(found))
