# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers with the host's network listen on, from files as the kernel writes them, and once for real."""

from __future__ import annotations

import os
import socket

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_socket_host as sockets
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move_socket_host import Running

WEB, PROXY = "a" * 64, "b" * 64
HOST, OTHER = "net:[4026531840]", "net:[4026532200]"
# Ports 80 (inode 10), 81 (11), 82 on loopback (12), 5353 (13 and 14); 22 (15) is the host's own.
TCP = "".join(
    f"   {number}: {address}:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 {inode} 1\n"
    for number, (address, port, inode) in enumerate(
        [("00000000", 80, 10), ("00000000", 81, 11), ("0100007F", 82, 12), ("00000000", 22, 15)]
    )
)
UDP = "".join(
    f"   {inode}: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0 {inode} 2\n"
    for inode in (13, 14)
)
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def machine(engine: str = "system.slice/docker-{}.scope", web_network: str = HOST) -> FakeHostIO:
    """Process 40 is of web, 41 its child in a group of its own, 50 of proxy, 60 of nobody's container."""
    groups = {40: WEB, 41: WEB, 50: PROXY}
    files = {f"/proc/{pid}/cgroup": f"0::/{engine.format(name)}\n" for pid, name in groups.items()}
    files["/proc/41/cgroup"] = files["/proc/41/cgroup"].replace("\n", "/worker\n")
    opened = {40: (10, 13), 41: (11,), 50: (12,), 60: (14, 15)}
    descriptors = {f"/proc/{pid}/fd/{inode}": f"socket:[{inode}]" for pid, own in opened.items() for inode in own}
    return FakeHostIO(
        files={
            **files,
            "/proc/60/cgroup": "0::/system.slice/avahi.service\n",
            "/proc/net/tcp": HEAD + TCP,
            "/proc/net/udp": HEAD + UDP,
            "/proc/meminfo": "",
        },
        links={
            **descriptors,
            "/proc/40/fd/0": "/dev/null",
            "/proc/40/fd/1": "pipe:[10]",
            "/proc/self/ns/net": HOST,
            "/proc/40/ns/net": web_network,
            "/proc/50/ns/net": HOST,
        },
    )


def seen(io: FakeHostIO) -> dict[str, list[int]]:
    running = {"web": Running(WEB, 40), "proxy": Running(PROXY, 50)}
    found = sockets.container_sockets(io, running, sockets.open_sockets(io))
    return {name: sorted(number for number, _protocol, _address in ports) for name, ports in found.items()}


@pytest.mark.parametrize(
    "engine", ["system.slice/docker-{}.scope", "machine.slice/libpod-{}.scope/container", "docker/{}"]
)
def test_sockets_of_all_processes_but_shared_ones(engine: str) -> None:
    assert seen(machine(engine)) == {"web": [80, 81], "proxy": [82]}


def test_a_port_that_nobody_else_listens_on_is_the_containers() -> None:
    io = machine()
    io.files["/proc/net/udp"] = io.files["/proc/net/udp"].replace(b"14 2\n", b"13 2\n")
    assert seen(io)["web"] == [80, 81, 5353]


def test_a_network_of_its_own_is_none_of_the_hosts() -> None:
    assert seen(machine(web_network=OTHER)) == {"proxy": [82]}
    assert sockets.container_sockets(machine(), {}, []) == {}


def test_a_container_whose_control_group_has_another_name_has_its_first_process() -> None:
    assert seen(machine("elsewhere/x"))["web"] == [80]


def test_a_container_that_has_ended_meanwhile() -> None:
    io = machine()
    del io.links["/proc/40/ns/net"]
    assert seen(io) == {"proxy": [82]}


def test_the_sockets_of_this_very_process() -> None:
    io = HostIO()
    with socket.socket() as listener, socket.socket() as idle:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        idle.bind(("127.0.0.1", 0))
        ports = listener.getsockname()[1], idle.getsockname()[1]
        own = sockets.container_sockets(io, {"me": Running("no such id", os.getpid())}, sockets.open_sockets(io))
    assert (ports[0], "tcp", "127.0.0.1") in own["me"]
    assert (ports[1], "tcp", "127.0.0.1") not in own["me"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("0100007F", "127.0.0.1"),
        ("00000000", ""),
        ("0" * 32, ""),
        ("00000000000000000000000001000000", "::1"),
        ("0000000000000000FFFF00000100007F", "127.0.0.1"),
    ],
)
def test_addresses(address: str, shown: str) -> None:
    assert sockets.readable(address) == shown
