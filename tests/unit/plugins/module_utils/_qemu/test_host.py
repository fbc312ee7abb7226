# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of host specifications, first-boot texts and the QEMU command line."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import host

IMAGES = {"debian-13": "/cache/debian-13.qcow2"}
PLACE = host.HostPlace("/lab/hosts/alpha", 42200, {8080: 42201}, "10.77.0.11", "ab:cd")

BAD_HOSTS: list[tuple[list[dict[str, t.Any]], dict[str, str], dict[str, str], str, str]] = [
    ([{"name": "Alpha", "image": "debian-13"}], {}, {}, "hosts[0].name", "lower-case"),
    ([{"name": "", "image": "debian-13"}], {}, {}, "hosts[0].name", "lower-case"),
    ([{"name": "a", "image": "debian-13"}, {"name": "a", "image": "debian-13"}], {}, {}, "hosts[1].name", "own name"),
    ([{"name": "a", "image": "debian-99"}], {}, {}, "hosts[0].image", "debian-13"),
    ([{"name": "a", "image": "debian-13", "memory_mib": 10}], {}, {}, "hosts[0].memory_mib", "256"),
    ([{"name": "a", "image": "debian-13", "cpus": 0}], {}, {}, "hosts[0].cpus", "1 or more"),
    ([{"name": "a", "image": "debian-13", "disk_gib": 1}], {}, {}, "hosts[0].disk_gib", "3 or more"),
    ([{"name": "a", "image": "debian-13", "firmware": "coreboot"}], {}, {}, "hosts[0].firmware", "uefi_secure_boot"),
    ([{"name": "a", "image": "debian-13", "forward_ports": [70000]}], {}, {}, "hosts[0].forward_ports", "65535"),
    ([{"name": "a", "image": "debian-13"}], {"b": "cut"}, {}, "power.b", "use one of a"),
    ([{"name": "a", "image": "debian-13"}], {"a": "broken"}, {}, "power.a", "cut"),
    ([{"name": "a", "image": "debian-13"}], {}, {"a": "loose"}, "link.a", "down"),
]


@pytest.mark.parametrize(("raw", "power", "link", "path", "remedy"), BAD_HOSTS)
def test_bad_hosts_are_refused(
    raw: list[dict[str, t.Any]], power: dict[str, str], link: dict[str, str], path: str, remedy: str
) -> None:
    with pytest.raises(InputError) as caught:
        host.parse_hosts(raw, IMAGES, power, link)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert remedy in caught.value.problems[0].remedy


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(InputError) as caught:
        host.parse_hosts([{"name": "A", "image": "x", "cpus": 0}], IMAGES)
    assert len(caught.value.problems) == 3


OVERRIDES = [
    ({}, {}, "on", "up"),
    ({"a": "cut"}, {}, "cut", "up"),
    ({"a": False}, {}, "off", "up"),
    ({}, {"a": "down"}, "on", "down"),
]


@pytest.mark.parametrize(("power", "link", "expected_power", "expected_link"), OVERRIDES)
def test_overrides(power: dict[str, t.Any], link: dict[str, str], expected_power: str, expected_link: str) -> None:
    (spec,) = host.parse_hosts([{"name": "a", "image": "debian-13"}], IMAGES, power, link)
    assert (spec.power, spec.link, spec.image) == (expected_power, expected_link, IMAGES["debian-13"])


def test_labs_have_networks_of_their_own() -> None:
    networks = {host.lab_network(f"lab{number}") for number in range(50)}
    assert len(networks) == 50
    assert all(group.startswith("239.77.") and 20000 <= port < 40000 for group, port in networks)


def test_first_boot_texts_are_what_cloud_init_reads() -> None:
    text = host.user_data("admin", "ssh-ed25519 AAAA lab\n", "PRIVATE", "ssh-ed25519 BBBB alpha\n")
    first, rest = text.split("\n", 1)
    config = json.loads(rest)
    assert first == "#cloud-config"
    assert config["users"][0]["ssh_authorized_keys"] == ["ssh-ed25519 AAAA lab"]
    assert config["ssh_pwauth"] is False
    network = json.loads(host.network_config(PLACE))
    assert network["ethernets"]["lab"]["addresses"] == ["10.77.0.11/24"]
    assert network["ethernets"]["uplink"]["match"]["macaddress"] == "52:54:00:ab:cd:01"
    assert json.loads(host.meta_data("demo", host.HostSpec("alpha", "/i")))["local-hostname"] == "alpha"


ACCELERATORS = [("kvm", "kvm", "host"), ("tcg", "tcg,thread=multi,tb-size=512", host.EMULATED_CPU)]


@pytest.mark.parametrize(("accelerator", "accel", "cpu"), ACCELERATORS)
def test_command_line(accelerator: str, accel: str, cpu: str) -> None:
    spec = host.HostSpec("alpha", "/i", cpus=3, memory_mib=1024, forward_ports=(8080,))
    argv = host.qemu_command("qemu-system-x86_64", "demo", spec, PLACE, accelerator)
    pairs = dict(zip(argv, argv[1:]))
    assert pairs["-accel"] == accel
    assert pairs["-cpu"] == cpu
    assert pairs["-smp"] == "3"
    assert pairs["-m"] == "1024"
    assert "user,id=uplink,hostfwd=tcp:127.0.0.1:42200-:22,hostfwd=tcp:127.0.0.1:42201-:8080" in argv
    assert not [word for word in argv if "hostfwd=tcp::" in word], "a port must not be open to other machines"


def test_firmware_is_part_of_the_command_line() -> None:
    plain = host.qemu_command("qemu", "demo", host.HostSpec("alpha", "/i"), PLACE, "kvm")
    bios = host.qemu_command("qemu", "demo", host.HostSpec("alpha", "/i", firmware="bios"), PLACE, "kvm")
    assert "if=pflash,format=qcow2,unit=1,file=/lab/hosts/alpha/firmware_variables.qcow2" in plain
    assert not [word for word in bios if "pflash" in word]
    assert host.parse_hosts([{"name": "a", "image": "debian-13"}], IMAGES)[0].firmware == "uefi"


def test_inventory() -> None:
    class Placed(t.NamedTuple):
        name: str
        variables: dict[str, str]
        place: host.HostPlace

    found = host.inventory([Placed("alpha", {"provider": "north"}, PLACE)], "admin", "/lab")
    alpha = found["all"]["hosts"]["alpha"]
    assert alpha["provider"] == "north"
    assert alpha["ansible_port"] == 42200
    assert alpha["provision_forwarded_ports"] == {"8080": 42201}
