# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the host counts for both engines."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines import host
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.files import HostFiles
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import Mount


def machine(group: str = "", passwd: str = "", mounts: tuple[str, ...] = ()) -> HostFiles:
    return HostFiles(group, passwd, ("", ""), tuple(Mount(path, "ext4", ()) for path in mounts), False, True)


FILE_SYSTEMS = [
    ((), "shared"),
    (("/", "/var", "/var/lib"), "shared"),
    (("/", "/var/lib/docker"), "own"),
    (("/", "/var/lib/docker/overlay2/x/merged"), "shared"),
]


@pytest.mark.parametrize(("mounts", "found"), FILE_SYSTEMS)
def test_data_filesystem(mounts: tuple[str, ...], found: str) -> None:
    assert host.data_filesystem("/var/lib/docker", machine(mounts=mounts)) == found


MEMBERS = [
    ("docker:x:999:\n", "", []),
    ("docker:x:999:root,bob,ann\n", "", ["ann", "bob"]),
    ("docker:x:999:\n", "eve:x:1001:999::/home/eve:/bin/sh\n", ["eve"]),
    ("dockers:x:999:bob\n", "", []),
    ("docker:x\n", "", []),
]


@pytest.mark.parametrize(("group", "passwd", "members"), MEMBERS)
def test_group_members(group: str, passwd: str, members: list[str]) -> None:
    assert host.group_members("docker", machine(group, passwd)) == members


RANGES = [
    ("a:100000:65536\nb:165536:65536\n", []),
    ("a:100000:65536\nb:165535:65536\n", ["a", "b"]),
    ("a:100000:65536\na:100000:65536\n", []),
    ("a:100000:1000000\nb:200000:10\nc:300000:10\n", ["a", "b", "c"]),
    ("a:1:x\n\nb:1:2:3\n", []),
]


@pytest.mark.parametrize(("text", "users"), RANGES)
def test_overlapping(text: str, users: list[str]) -> None:
    assert host.overlapping(text) == users


def test_network_addresses() -> None:
    assert host.network_addresses(["/run/a.sock", "%t/b.sock", "@c", "2375", "[::]:1"]) == ["2375", "[::]:1"]
