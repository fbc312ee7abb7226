# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Who is connected to this host right now, and from where: found in the processes above ours."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

UNSET_LOGIN_UID = "4294967295"
MAXIMUM_ANCESTORS = 16


@dataclass(frozen=True)
class Account:
    """One line of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str


@dataclass(frozen=True)
class Connection:
    """The SSH session this runs in. Addresses and ports as sshd(8) puts them into SSH_CONNECTION."""

    user: str
    client_address: str
    server_address: str
    server_port: int


def read_accounts(io: HostIO) -> dict[str, Account]:
    """The accounts of /etc/passwd by name (passwd(5))."""
    accounts = {}
    for line in (io.read_text("/etc/passwd") or "").splitlines():
        fields = line.split(":")
        if len(fields) >= 7 and fields[2].isdigit() and fields[3].isdigit():
            accounts[fields[0]] = Account(fields[0], int(fields[2]), int(fields[3]), fields[5])
    return accounts


def read_groups(io: HostIO) -> dict[str, int]:
    """The group ids of /etc/group by name (group(5))."""
    groups = {}
    for line in (io.read_text("/etc/group") or "").splitlines():
        fields = line.split(":")
        if len(fields) >= 3 and fields[2].isdigit():
            groups[fields[0]] = int(fields[2])
    return groups


def parent_of(stat: str) -> str:
    """The parent's process id out of /proc/PID/stat (proc(5)); the name in brackets may hold anything."""
    fields = stat.rpartition(")")[2].split()
    return fields[1] if len(fields) > 1 else "0"


def names_above(io: HostIO) -> list[str]:
    """The names of the processes above this one, the nearest first."""
    names = []
    process = "self"
    for _generation in range(MAXIMUM_ANCESTORS):
        stat = io.read_text(f"/proc/{process}/stat") or ""
        process = parent_of(stat)
        names.append(stat.partition("(")[2].rpartition(")")[0])
        if process in ("0", "1"):
            break
    return names[1:]


def _session(io: HostIO) -> list[str] | None:
    """The fields of SSH_CONNECTION of the nearest process above that has it; sudo and su drop it for us."""
    process = "self"
    for _generation in range(MAXIMUM_ANCESTORS):
        for entry in (io.read_bytes(f"/proc/{process}/environ") or b"").split(b"\0"):
            if entry.startswith(b"SSH_CONNECTION="):
                fields = entry.decode("utf-8", "replace").partition("=")[2].split()
                if len(fields) == 4 and fields[3].isdigit():
                    return fields
        process = parent_of(io.read_text(f"/proc/{process}/stat") or "")
        if process in ("0", "1"):
            return None
    return None


def find_connection(io: HostIO, login_user: str) -> Connection | None:
    """The SSH session this runs in, or None when it runs in none.

    The user is the kernel's login user id of the session when it is set; ``login_user`` is what the control node says.
    """
    fields = _session(io)
    if fields is None:
        return None
    login_uid = (io.read_text("/proc/self/loginuid") or UNSET_LOGIN_UID).strip()
    user = login_user
    if login_uid != UNSET_LOGIN_UID:
        user = next((name for name, entry in read_accounts(io).items() if str(entry.uid) == login_uid), login_user)
    return Connection(user, fields[0], fields[2], int(fields[3]))
