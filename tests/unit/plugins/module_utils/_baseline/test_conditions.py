# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which conditions hold on a host."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.conditions import find_conditions
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import CONDITIONS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.uplinks import announced_uplinks

ZEROS = "0" * 32
ROUTES = (
    f"{ZEROS} 00 {ZEROS} 00 fe800000000000000000000000000002 00000400 1 0 00450003     ens3\n"
    f"{ZEROS} 00 {ZEROS} 00 fe800000000000000000000000000002 00000400 1 0 00000003     ens4\n"
    f"fe800000{'0' * 24} 40 {ZEROS} 00 {ZEROS} 00000100 1 0 00040001     ens5\n"
    f"{ZEROS} 00 {ZEROS} 00 {ZEROS} ffffffff 1 0 00240200       lo\n"
)

CASES: list[tuple[str, dict[str, str], bool]] = [
    ("uefi", {"/sys/firmware/efi/runtime": ""}, True),
    ("x86", {"/proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\n"}, True),
    ("x86", {"/proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\n"}, False),
    ("dpkg", {"/var/lib/dpkg/status": ""}, True),
    ("apparmor_kernel", {"/sys/module/apparmor/parameters/enabled": "N"}, True),
    ("unsigned_modules", {"/proc/modules": "a 1 0 - Live 0x0\nb 1 0 - Live 0x0 (OE)\n"}, True),
    ("unsigned_modules", {"/proc/modules": "a 1 0 - Live 0x0\nb 1 0 - Live 0x0 (O)\n"}, False),
    ("router_announced", {"/proc/net/ipv6_route": ROUTES}, True),
    ("router_announced", {"/proc/net/ipv6_route": ROUTES.splitlines()[1]}, False),
]


@pytest.mark.parametrize(("name", "files", "holds"), CASES)
def test_condition(name: str, files: dict[str, str], holds: bool) -> None:
    assert (name in find_conditions(FakeHostIO(files=files), None, [name])) == holds


DOCKER = ("dockerd", "containerd")
ENGINES: list[tuple[tuple[str, ...], dict[str, str], bool]] = [
    (DOCKER, {}, True),
    (("containerd",), {}, False),
    (("dockerd",), {}, False),
    ((*DOCKER, "kubelet"), {}, False),
    (DOCKER, {"/var/lib/kubelet/config.yaml": ""}, False),
    (DOCKER, {"/etc/kubernetes/kubelet.conf": ""}, False),
]


@pytest.mark.parametrize(("available", "files", "holds"), ENGINES)
def test_containerd_for_docker_alone(available: tuple[str, ...], files: dict[str, str], holds: bool) -> None:
    name = "containerd_for_docker_alone"
    assert (name in find_conditions(FakeHostIO(files=files, available=available), None, [name])) == holds


def test_nothing_holds_on_a_host_without_anything() -> None:
    assert find_conditions(FakeHostIO(), None, set(CONDITIONS) - {"connected_without_key"}) == frozenset()


def test_uplinks_of_announced_routes() -> None:
    assert announced_uplinks(FakeHostIO(files={"/proc/net/ipv6_route": ROUTES})) == ("ens3",)
