# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is listened on: by anyone on this host, and by containers that have the host's network."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import parse_listed_ports
from ansible_collections.anycloud.container_host.plugins.module_utils._process_sockets import socket_inodes

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Json = dict[str, t.Any]
Port = tuple[int, str, str]
"""Number, protocol and address, which is "" for all."""

# proc(5), /proc/net: state 0A is LISTEN; a socket of UDP that is not connected has 07.
TABLES = (("tcp", "0A", "tcp"), ("tcp6", "0A", "tcp"), ("udp", "07", "udp"), ("udp6", "07", "udp"))


@dataclass(frozen=True)
class Socket:
    """A line of a table: what is listened on, and the socket's inode."""

    port: Port
    inode: str


@dataclass(frozen=True)
class Running:
    """A container that runs: its id in full, and its first process."""

    id: str
    pid: int


def open_sockets(io: HostIO) -> list[Socket]:
    """What is listened on in the host's network."""
    return [
        found
        for table, state, protocol in TABLES
        for found in sockets(io.read_text(f"/proc/net/{table}") or "", state, protocol)
    ]


def sockets(text: str, state: str, protocol: str) -> t.Iterator[Socket]:
    """The sockets in a state of a table of /proc/net."""
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) > 9 and words[3] == state:
            address, _colon, port = words[1].partition(":")
            yield Socket((int(port, 16), protocol, readable(address)), words[9])


def readable(address: str) -> str:
    """An address from /proc/net: words of 32 bits, each in the byte order of the machine, which is little endian on
    every architecture the engines' packages are built for but s390x. "" for all addresses.
    """
    raw = b"".join(bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8))
    parsed = ipaddress.ip_address(raw)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return "" if (mapped or parsed).is_unspecified else str(mapped or parsed)


def engine_ports(listed: t.Iterable[Json]) -> set[Port]:
    """What the engine publishes for its containers, be it by firewall rules alone."""
    return {(port.published or 0, port.protocol, port.host_ip) for raw in listed for port in parse_listed_ports(raw)}


def as_plain(ports: t.Iterable[Port]) -> list[Json]:
    """Sorted, each once."""
    return [{"port": port, "protocol": protocol, "address": address} for port, protocol, address in sorted(set(ports))]


def container_sockets(
    io: HostIO, containers: t.Mapping[str, Running], found: t.Sequence[Socket]
) -> dict[str, set[Port]]:
    """By name, what containers listen on that have the host's network, as theirs or as another container's.

    What someone else listens on as well is left out: they share it (SO_REUSEADDR, as mDNS does), so
    they can on another host.
    """
    network = io.read_link("/proc/self/ns/net")
    names = {name: own for name, own in containers.items() if io.read_link(f"/proc/{own.pid}/ns/net") == network}
    if not names or network is None:
        return {}
    inodes = _inodes(io, names)
    owned = set().union(*inodes.values())
    shared = {socket.port for socket in found if socket.inode not in owned}
    return {name: {socket.port for socket in found if socket.inode in own} - shared for name, own in inodes.items()}


def _inodes(io: HostIO, containers: t.Mapping[str, Running]) -> dict[str, set[str]]:
    """By name, the sockets that processes of containers have open.

    A container's control groups are named after its id (cgroups(7)), whatever engine and runtime made them; one without
    has its first process looked at only.
    """
    inodes: dict[str, set[str]] = {name: set() for name in containers}
    for pid in filter(str.isdigit, io.list_directory("/proc")):
        groups = io.read_text(f"/proc/{pid}/cgroup") or ""
        for name, container in containers.items():
            if container.id in groups or pid == str(container.pid):
                inodes[name] |= socket_inodes(io, pid)
    return inodes
