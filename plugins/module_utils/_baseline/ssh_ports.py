# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The ports the SSH server listens on, and those it will listen on once it starts anew: from files alone."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import sshd
from ansible_collections.anycloud.container_host.plugins.module_utils._process_sockets import socket_inodes

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

DEFAULT_PORT = 22
PROCESS_LISTS = (
    "/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs",
    "/sys/fs/cgroup/system.slice/sshd.service/cgroup.procs",
    "/sys/fs/cgroup/systemd/system.slice/ssh.service/cgroup.procs",
    "/sys/fs/cgroup/systemd/system.slice/sshd.service/cgroup.procs",
    "/run/sshd.pid",
    "/var/run/sshd.pid",
)
CONFIG_PATTERNS = ("/etc/ssh/sshd_config.d/*.conf",)
SOCKET_PATTERNS = tuple(
    f"{folder}/systemd/system/{unit}.socket{more}"
    for folder in ("/etc", "/run", "/usr/lib")
    for unit in ("ssh", "sshd")
    for more in ("", ".d/*.conf")
)
PORT_LINE = re.compile(r"^\s*port[\s=]+\"?(\d+)", re.IGNORECASE | re.MULTILINE)
ADDRESS_LINE = re.compile(r"^\s*listenaddress[\s=]+(?:\[[^\]]*\]|[^\s:]+):(\d+)", re.IGNORECASE | re.MULTILINE)
STREAM_LINE = re.compile(r"^\s*ListenStream=(?:\S*:)?(\d+)\s*$", re.MULTILINE)
LISTENING = "0A"


def configured_ports(text: str) -> set[int]:
    """The ports a configuration names (sshd_config(5))."""
    return {int(port) for port in (*PORT_LINE.findall(text), *ADDRESS_LINE.findall(text))}


def listening_ports(tables: t.Iterable[str], inodes: t.AbstractSet[str]) -> set[int]:
    """The ports on which sockets of these inodes listen, by the text of /proc/net/tcp and tcp6 (proc(5))."""
    rows = (line.split() for table in tables for line in table.splitlines()[1:])
    return {
        int(row[1].rpartition(":")[2], 16) for row in rows if len(row) > 9 and row[3] == LISTENING and row[9] in inodes
    }


def find_ports(io: HostIO, connection: Connection | None) -> tuple[int, ...]:
    """Every port by which somebody comes in, or will: sorted, never empty."""
    ports = _listening(io)
    texts = [io.read_text(sshd.MAIN_PATH) or ""]
    texts += [io.read_text(path) or "" for pattern in CONFIG_PATTERNS for path in io.glob(pattern)]
    ports |= {port for text in texts for port in configured_ports(text)}
    for pattern in SOCKET_PATTERNS:
        for path in io.glob(pattern):
            ports |= {int(port) for port in STREAM_LINE.findall(io.read_text(path) or "")}
    if connection is not None:
        ports.add(connection.server_port)
    return tuple(sorted(ports)) or (DEFAULT_PORT,)


def _listening(io: HostIO) -> set[int]:
    processes = {word for path in PROCESS_LISTS for word in (io.read_text(path) or "").split() if word.isdigit()}
    inodes: set[str] = set().union(*(socket_inodes(io, process) for process in processes))
    if not inodes:
        return set()
    return listening_ports((io.read_text(path) or "" for path in ("/proc/net/tcp", "/proc/net/tcp6")), inodes)
