# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One local virtual machine as values: its specification, its first boot, its QEMU command line. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.firmware import (
    FIRMWARE,
    UEFI,
    firmware_arguments,
)

NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$")
POWER = ("on", "off", "cut")
LINK = ("up", "down")

EMULATED_CPU = "max,-erms,-fsrm,-la57"
"""All that QEMU can emulate but what is quick on real processors only: copies byte by byte, a fifth level of pages."""

QEMU_ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Huge pages for QEMU's own memory (glibc 2.35): emulation looks up translated code at random in big tables."""


@dataclass(frozen=True)
class HostSpec:
    """What one local host shall be.

    power: on; off (asked to shut down); cut (its process is killed, as a power failure would).
    link: whether its network cables are plugged in.
    firmware: bios; uefi, with Secure Boot not built in; uefi_secure_boot, on with the vendors' keys; uefi_setup_mode,
    off and without keys, so that the host can be given its own.
    """

    name: str
    image: str
    cpus: int = 2
    memory_mib: int = 2048
    disk_gib: int = 10
    forward_ports: tuple[int, ...] = ()
    power: str = "on"
    link: str = "up"
    firmware: str = UEFI
    variables: t.Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def shape(self) -> dict[str, t.Any]:
        """The part that needs a power cycle to change."""
        return {
            "image": self.image,
            "cpus": self.cpus,
            "memory_mib": self.memory_mib,
            "forward_ports": list(self.forward_ports),
            "firmware": self.firmware,
        }


@dataclass(frozen=True)
class HostPlace:
    """Where one host's things are and which local ports lead to it."""

    folder: str
    ssh_port: int
    forwarded_ports: t.Mapping[int, int]
    address: str
    mac_suffix: str


def parse_hosts(
    raw: t.Sequence[t.Mapping[str, t.Any]],
    images: t.Mapping[str, str],
    power: t.Mapping[str, str] | None = None,
    link: t.Mapping[str, str] | None = None,
) -> list[HostSpec]:
    """Host specifications from plain mappings; ``power`` and ``link`` by host name take the place of the host's own.

    Raises InputError with every problem found.
    """
    problems: list[Problem] = []
    names = [str(item.get("name") or "") for item in raw]
    problems += _name_problems(names)
    for index, item in enumerate(raw):
        problems += _host_problems(f"hosts[{index}]", item, images)
    for option, overrides, allowed in (("power", power or {}, POWER), ("link", link or {}, LINK)):
        for name, value in overrides.items():
            if name not in names:
                problems.append(Problem(f"{option}.{name}", "is no host of this lab", f"use one of {', '.join(names)}"))
            if _word(value) not in allowed:
                problems.append(
                    Problem(f"{option}.{name}", f"{value!r} is unknown", f"use one of {', '.join(allowed)}")
                )
    if problems:
        raise InputError(problems)
    specs = []
    for item in raw:
        keys = ("cpus", "memory_mib", "disk_gib", "firmware", "variables")
        given = {key: item[key] for key in keys if item.get(key) is not None}
        name, image = str(item["name"]), str(item.get("image") or "")
        spec = HostSpec(
            name=name,
            image=images.get(image, image),
            forward_ports=tuple(int(port) for port in item.get("forward_ports") or ()),
            power=_word((power or {}).get(name, item.get("power") or "on")),
            link=_word((link or {}).get(name, item.get("link") or "up")),
            **given,
        )
        specs.append(spec)
    return specs


def _word(value: t.Any) -> str:
    """YAML 1.1 reads a bare ``on`` or ``off`` as a boolean."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _name_problems(names: t.Sequence[str]) -> list[Problem]:
    problems = []
    for index, name in enumerate(names):
        where = f"hosts[{index}].name"
        if not NAME.match(name):
            problems.append(Problem(where, f"{name!r} is no host name", "use lower-case letters, digits and hyphens"))
        elif name in names[:index]:
            problems.append(Problem(where, f"{name!r} is there twice", "give each host its own name"))
    return problems


def _host_problems(where: str, item: t.Mapping[str, t.Any], images: t.Mapping[str, str]) -> list[Problem]:
    problems = []
    image = str(item.get("image") or "")
    if "/" not in image and images and image not in images:
        problems.append(
            Problem(f"{where}.image", f"{image!r} is no image", f"use one of {', '.join(sorted(images))}, or a path")
        )
    if (item.get("firmware") or UEFI) not in FIRMWARE:
        message = f"{item['firmware']!r} is unknown"
        problems.append(Problem(f"{where}.firmware", message, f"use one of {', '.join(FIRMWARE)}"))
    for key, least in (("cpus", 1), ("memory_mib", 256), ("disk_gib", 3)):
        if item.get(key) is not None and int(item[key]) < least:
            problems.append(Problem(f"{where}.{key}", f"{item[key]} is too little", f"use {least} or more"))
    problems += [
        Problem(f"{where}.forward_ports", f"{port} is not a TCP port", "use a number from 1 to 65535")
        for port in item.get("forward_ports") or ()
        if not 0 < int(port) < 65536
    ]
    return problems


def lab_network(lab: str) -> tuple[str, int]:
    """The lab's own network: a multicast group and port on loopback, derived from the lab's name.

    Administratively scoped addresses (RFC 2365), so that two labs do not hear each other.
    """
    digest = hashlib.sha256(lab.encode()).digest()
    return f"239.77.{digest[0]}.{digest[1] or 1}", 20000 + int.from_bytes(digest[2:4], "big") % 20000


def lab_address(index: int) -> str:
    """The host's address on the lab's own network, by its place in the lab (0-based)."""
    return f"10.77.0.{11 + index}"


def user_data(user: str, public_key: str, host_key: str, host_public_key: str) -> str:
    """cloud-init user data (cloud-config; JSON is YAML), with a host key so that it is known before first boot."""
    config = {
        "users": [
            {
                "name": user,
                "gecos": "Administrator",
                "shell": "/bin/bash",
                "lock_passwd": True,
                "sudo": "ALL=(ALL) NOPASSWD:ALL",
                "ssh_authorized_keys": [public_key.strip()],
            }
        ],
        "ssh_pwauth": False,
        "ssh_deletekeys": True,
        "ssh_genkeytypes": ["ed25519"],
        "ssh_keys": {"ed25519_private": host_key, "ed25519_public": host_public_key.strip()},
        "ssh": {"emit_keys_to_console": False},
        "locale": False,  # the image has C.UTF-8 only, as minimal cloud images have
    }
    return "#cloud-config\n" + json.dumps(config, indent=1) + "\n"


def meta_data(lab: str, spec: HostSpec) -> str:
    """cloud-init NoCloud meta data."""
    return json.dumps({"instance-id": f"{lab}-{spec.name}", "local-hostname": spec.name}) + "\n"


def network_config(place: HostPlace) -> str:
    """cloud-init network configuration, version 2: an uplink by DHCP and the lab's own network."""
    return (
        json.dumps(
            {
                "version": 2,
                "ethernets": {
                    "uplink": {"match": {"macaddress": f"52:54:00:{place.mac_suffix}:01"}, "dhcp4": True},
                    "lab": {
                        "match": {"macaddress": f"52:54:00:{place.mac_suffix}:02"},
                        "addresses": [f"{place.address}/24"],
                        "optional": True,
                    },
                },
            },
            indent=1,
        )
        + "\n"
    )


def qemu_command(program: str, lab: str, spec: HostSpec, place: HostPlace, accelerator: str) -> list[str]:
    """The QEMU command line of one host (qemu(1)); it puts itself in the background and writes ``pid``."""
    folder = place.folder
    forwards = [f"hostfwd=tcp:127.0.0.1:{place.ssh_port}-:22"]
    forwards += [f"hostfwd=tcp:127.0.0.1:{local}-:{port}" for port, local in sorted(place.forwarded_ports.items())]
    group, port = lab_network(lab)
    acceleration = (
        ["-accel", "kvm", "-cpu", "host"]
        if accelerator == "kvm"
        else ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", EMULATED_CPU]
    )
    return [
        program,
        "-name",
        f"{lab}-{spec.name}",
        *firmware_arguments(spec.firmware, folder),
        *acceleration,
        "-smp",
        str(spec.cpus),
        "-m",
        str(spec.memory_mib),
        "-nodefaults",
        "-display",
        "none",
        "-vga",
        "none",
        # a killed process loses what the guest had not written, which is what a power cut does; the host's own page
        # cache survives it, so waiting for the host's disk would only cost time
        "-drive",
        f"id=root,if=none,format=qcow2,file={folder}/disk.qcow2,cache=unsafe,discard=unmap",
        "-device",
        "virtio-blk-pci,drive=root,bootindex=0",
        "-drive",
        f"id=seed,if=none,format=raw,file={folder}/seed.img,readonly=on",
        "-device",
        "virtio-blk-pci,drive=seed",
        "-netdev",
        ",".join(["user", "id=uplink", *forwards]),
        "-device",
        f"virtio-net-pci,id=uplink0,netdev=uplink,mac=52:54:00:{place.mac_suffix}:01,romfile=",
        "-netdev",
        f"socket,id=lab,mcast={group}:{port},localaddr=127.0.0.1",
        "-device",
        f"virtio-net-pci,id=lab0,netdev=lab,mac=52:54:00:{place.mac_suffix}:02,romfile=",
        "-device",
        "virtio-rng-pci",
        "-serial",
        f"file:{folder}/console.log",
        "-qmp",
        f"unix:{folder}/monitor.sock,server=on,wait=off",
        "-pidfile",
        f"{folder}/pid",
        "-daemonize",
    ]


def mac_suffix(lab: str, name: str) -> str:
    """Two octets for the host's network cards, derived from lab and host name."""
    digest = hashlib.sha256(f"{lab}/{name}".encode()).hexdigest()
    return f"{digest[:2]}:{digest[2:4]}"


class Placed(t.Protocol):
    """A host with a name, inventory variables and a place."""

    @property
    def name(self) -> str:
        """The host's name."""

    @property
    def variables(self) -> t.Mapping[str, t.Any]:
        """Its inventory variables."""

    @property
    def place(self) -> HostPlace:
        """Where it is."""


def inventory(hosts: t.Sequence[Placed], user: str, lab_folder: str) -> dict[str, t.Any]:
    """A static inventory of the lab: connection variables and the hosts' own (provider, region, zone ...)."""
    return {
        "all": {
            "hosts": {
                host.name: {
                    **host.variables,
                    "ansible_host": "127.0.0.1",
                    "ansible_port": host.place.ssh_port,
                    "ansible_user": user,
                    "ansible_become": True,
                    "ansible_ssh_private_key_file": f"{lab_folder}/id_ed25519",
                    "ansible_ssh_common_args": (
                        f"-o UserKnownHostsFile={lab_folder}/known_hosts -o StrictHostKeyChecking=yes"
                    ),
                    "provision_address": host.place.address,
                    "provision_forwarded_ports": {
                        str(port): local for port, local in host.place.forwarded_ports.items()
                    },
                }
                for host in hosts
            }
        }
    }
