# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken and free on a host, from files as the kernel writes them and an engine's answers."""

from __future__ import annotations

import dataclasses
import typing as t

import move_pairs
import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_host_facts as facts
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Device, Mount
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import FOLDER

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TCP = f"""{HEAD}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 0F02000A:0016 0202000A:D431 01 00000000:00000000 00:00000000 00000000     0        0 3
"""
TCP6 = f"""{HEAD}   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4
   1: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 5
"""
UDP = f"{HEAD}   0: 0F02000A:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 6\n"
ANONYMOUS = "a" * 64
IDENTITY = "c" * 64


class Engine:
    """Answers as both engines' APIs do."""

    identity = EngineIdentity("docker", "26.1.5", "1.45", "/var/run/docker.sock")

    def about(self) -> dict[str, t.Any]:
        return {"DockerRootDir": "/var/lib/docker", "Driver": "overlay2"}

    def containers(self) -> list[dict[str, t.Any]]:
        labels = {"com.docker.compose.project": "shop"}
        return [
            {
                "Names": ["/shop-web-1"],
                "State": "running",
                "Labels": labels,
                "Ports": [{"PrivatePort": 1, "PublicPort": 99, "Type": "tcp"}],
            },
            # Podman lists those of a container that stopped, too
            {"Names": ["/lone"], "State": "exited", "Ports": [{"PrivatePort": 1, "PublicPort": 98, "Type": "tcp"}]},
        ]

    def container(self, name: str) -> dict[str, t.Any]:
        assert name == "shop-web-1"
        named = {"Type": "volume", "Name": "shop_data", "Destination": "/data"}
        nameless = {"Type": "volume", "Name": ANONYMOUS, "Destination": "/cache"}
        return {
            "Id": IDENTITY, "Name": "/shop-web-1", "Config": {"Labels": {}}, "HostConfig": {},
            "Mounts": [named, nameless], "State": {"Pid": 41},
        }  # fmt: skip

    def volumes(self) -> list[dict[str, t.Any]]:
        return [{"Name": "shop_data", "Labels": None}]

    def networks(self) -> list[dict[str, t.Any]]:
        pool = {"Subnet": "10.1.0.0/16", "Gateway": "10.1.0.1"}
        return [
            {"Name": "bridge", "Labels": {}, "IPAM": {"Config": [pool]}},
            {"Name": "host", "IPAM": {"Config": None}},
        ]


def machine(**more: str) -> FakeHostIO:
    mounts = (*move_pairs.WEB.mounts, Mount("bind", "/x", "/srv/x"))
    web = dataclasses.replace(move_pairs.WEB, mounts=mounts, devices=(Device("/dev/fuse", "/dev/fuse"),))
    project = dataclasses.replace(move_pairs.SHOP, services={"web": web})
    return FakeHostIO(
        files={
            "/proc/net/tcp": TCP,
            "/proc/net/tcp6": TCP6,
            "/proc/net/udp": UDP,
            "/proc/meminfo": "MemTotal:  2012820 kB\nMemAvailable:  1000 kB\n",
            "/sys/kernel/security/apparmor/profiles": "docker-default (enforce)\nmy profile (complain)\n",
            "/srv/x": "content",
            f"{FOLDER}/shop.json": move_pairs.text(project),
            **more,
        }
    )


def look(io: FakeHostIO, paths: t.Optional[list[str]] = None, directory: str = "") -> dict[str, t.Any]:
    return facts.observe(t.cast("t.Any", Engine()), io, "shop", paths, directory, "/var/lib/container-host/moves")


def test_a_host() -> None:
    seen = look(machine())
    assert seen["containers"] == [
        {"name": "shop-web-1", "project": "shop", "running": True, "anonymous_volumes": ["/cache"], "listening": []},
        {"name": "lone", "project": "", "running": False, "anonymous_volumes": [], "listening": []},
    ]
    assert seen["volumes"] == [{"name": "shop_data", "labels": {}}]
    assert [(entry["name"], entry["subnets"]) for entry in seen["networks"]] == [
        ("bridge", ["10.1.0.0/16"]),
        ("host", []),
    ]
    assert seen["memory_available_bytes"] == 1_024_000
    assert seen["apparmor_profiles"] == ["docker-default", "my profile"]
    assert {name: entry and entry["path"] for name, entry in seen["places"].items()} == {
        "volumes": "/var/lib",
        "images": None,
        "packing": "/var/lib/container-host",
    }


def test_ports_of_the_kernel_and_of_engines() -> None:
    listening = [(entry["port"], entry["protocol"], entry["address"]) for entry in look(machine())["listening"]]
    assert listening == [
        (22, "tcp", ""),
        (68, "udp", "10.0.2.15"),
        (80, "tcp", ""),
        (81, "tcp", "127.0.0.1"),
        (99, "tcp", ""),
        (8080, "tcp", "127.0.0.1"),
    ]


def test_ports_of_a_container_with_the_network_of_the_host() -> None:
    io = machine()
    io.links.update({"/proc/self/ns/net": "net:[1]", "/proc/41/ns/net": "net:[1]", "/proc/41/fd/3": "socket:[4]"})
    assert look(io)["containers"][0]["listening"] == [{"port": 80, "protocol": "tcp", "address": ""}]


def test_paths_are_those_of_the_definition_or_as_asked() -> None:
    assert look(machine())["paths"] == {"/dev/fuse": "", "/srv/x": "file"}
    assert look(machine(), ["/proc", "/nowhere"])["paths"] == {"/proc": "directory", "/nowhere": ""}


def test_a_host_without_the_workload() -> None:
    io = machine()
    del io.files[f"{FOLDER}/shop.json"]
    seen = look(io)
    assert (seen["paths"], seen["containers"][0]["anonymous_volumes"]) == ({}, [])


def test_a_directory_that_is_not_there_is_no_full_disk() -> None:
    with pytest.raises(HostError, match="engine_directory: /var/lib/docker is absent"):
        look(machine(), directory="/var/lib/docker")


def test_a_kernel_that_does_not_say() -> None:
    assert facts.memory_available_bytes("MemTotal: 5 kB\n") is None
