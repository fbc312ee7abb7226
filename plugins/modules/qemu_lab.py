#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module qemu_lab: documentation, arguments and a thin shell over the lab's core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: qemu_lab
short_description: Make, start, stop and remove local virtual machines
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Brings a whole lab of local virtual machines to the state wanted, in one task. A lab stands in for cloud providers.
  - Each host's disk is an overlay of a cached image. The first boot is cloud-init's, from a NoCloud seed, as it would
    be at a cloud. Afterwards cloud-init is switched off on the host, as every later boot would pay for it and get
    nothing.
  - Hosts reach the outside through QEMU's user network, are reached through ports of the loopback address, and see each
    other on a network of the lab's own. No privileges are needed.
  - KVM is used when a kernel truly starts under it; otherwise the machines are emulated in software.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.LINUX
  - anycloud.container_host._attributes.STATEFUL_MODULE
options:
  name:
    description: The lab's name. Two labs of different names and directories can run side by side.
    type: str
    required: true
  directory:
    description: Where everything of the lab is kept. It is removed with the last host.
    type: path
    required: true
  user:
    description: The administrator made at first boot. It logs in with the lab's key and may use sudo.
    type: str
    default: admin
  hosts:
    description: The hosts the lab shall have.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The host's name.
        type: str
        required: true
      image:
        description: A key of O(images), or the path of a disk image.
        type: str
        default: debian-13
      cpus:
        description: Number of virtual processors.
        type: int
        default: 2
      memory_mib:
        description: Memory in MiB.
        type: int
        default: 2048
      disk_gib:
        description: Size of the disk in GiB. Decided when the host is made.
        type: int
        default: 10
      forward_ports:
        description: TCP ports of the host to be reached through free ports of the loopback address.
        type: list
        elements: int
        default: []
      power:
        description:
          - V(on) starts the host, V(off) asks it to shut down and waits.
          - V(cut) ends it at once, as a power failure would.
        type: str
        choices: ['on', 'off', cut]
        default: 'on'
      link:
        description: Whether the host's network cables are plugged in.
        type: str
        choices: [up, down]
        default: up
      firmware:
        description:
          - What starts the host, V(bios), V(uefi), V(uefi_secure_boot) (Secure Boot on, with Microsoft's keys) or
            V(uefi_setup_mode) (Secure Boot off, no keys, so that the host can be given its own).
          - Decided when the host is made. Cloud images may not start from each of them.
        type: str
        choices: [bios, uefi, uefi_secure_boot, uefi_setup_mode]
        default: uefi
      variables:
        description: Inventory variables of the host, such as provider, region and zone.
        type: dict
        default: {}
  images:
    description: Paths of disk images by name, as made by M(anycloud.container_host.qemu_image).
    type: dict
    default: {}
  power:
    description: Power by host name, which takes the place of the host's own. Lets one host be cut off for a while.
    type: dict
    default: {}
  link:
    description: Link by host name, which takes the place of the host's own.
    type: dict
    default: {}
  purge:
    description: Whether hosts of the lab that are not in O(hosts) are removed.
    type: bool
    default: false
  state:
    description: V(absent) removes every host of the lab and its directory.
    type: str
    choices: [present, absent]
    default: present
  accelerator:
    description: V(auto) tries KVM, bounded in time, and falls back to V(tcg), which is software emulation.
    type: str
    choices: [auto, kvm, tcg]
    default: auto
  boot_timeout_seconds:
    description: How long a host may take to finish its boot.
    type: int
    default: 600
  cache_directory:
    description: Where it is kept whether KVM works on this machine.
    type: path
    default: ~/.cache/container-host/images
seealso:
  - module: anycloud.container_host.qemu_lab_info
  - module: anycloud.container_host.qemu_snapshot
"""

EXAMPLES = r"""
- name: Two hosts that stand for two providers
  anycloud.container_host.qemu_lab:
    name: demo
    directory: ~/.cache/container-host/labs/demo
    hosts:
      - name: alpha
        image: debian-13
        forward_ports: [8080]
        variables: {provider: north, region: north-1, zone: a}
      - name: beta
        image: debian-13
        forward_ports: [8080]
        variables: {provider: south, region: south-1, zone: b}
    images:
      debian-13: ~/.cache/container-host/images/debian-13-0f3a52c1b9de.qcow2
"""

RETURN = r"""
hosts:
  description: The lab's hosts by name, as M(anycloud.container_host.qemu_lab_info) gives them.
  returned: success
  type: dict
inventory:
  description: A static inventory of the lab.
  returned: success
  type: dict
accelerator:
  description: What runs the hosts, V(kvm) or V(tcg). Empty when no host had to be started.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import build as _build
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.firmware import FIRMWARE, UEFI
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.lab import Lab, observe
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.plan import compare, describe

HOST_SPEC = {
    "name": {"type": "str", "required": True},
    "image": {"type": "str", "default": "debian-13"},
    "cpus": {"type": "int", "default": 2},
    "memory_mib": {"type": "int", "default": 2048},
    "disk_gib": {"type": "int", "default": 10},
    "forward_ports": {"type": "list", "elements": "int", "default": []},
    "power": {"type": "str", "choices": ["on", "off", "cut"], "default": "on"},
    "link": {"type": "str", "choices": ["up", "down"], "default": "up"},
    "firmware": {"type": "str", "choices": list(FIRMWARE), "default": UEFI},
    "variables": {"type": "dict", "default": {}},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "directory": {"type": "path", "required": True},
            "user": {"type": "str", "default": "admin"},
            "hosts": {"type": "list", "elements": "dict", "default": [], "options": HOST_SPEC},
            "images": {"type": "dict", "default": {}},
            "power": {"type": "dict", "default": {}},
            "link": {"type": "dict", "default": {}},
            "purge": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "accelerator": {"type": "str", "choices": ["auto", "kvm", "tcg"], "default": "auto"},
            "boot_timeout_seconds": {"type": "int", "default": 600},
            "cache_directory": {"type": "path", "default": "~/.cache/container-host/images"},
        },
        supports_check_mode=True,
    )
    params, io = module.params, HostIO()
    directory, program, accelerator = params["directory"], "qemu-system-x86_64", ""
    try:
        specs = _host.parse_hosts(params["hosts"], params["images"], params["power"], params["link"])
        plan = compare(specs, observe(io, directory), params["state"], params["purge"])
        starts = [step.name for step in plan.steps if step.action == "start"]
        if starts:
            accelerator = params["accelerator"]
            if accelerator == "auto" and not module.check_mode:
                image = next(spec.image for spec in specs if spec.name == starts[0])
                accelerator = _build.choose_accelerator(io, program, image, params["cache_directory"])
        lab = Lab(io, directory, params["name"], params["user"], accelerator, program)
        lab.check_directory(specs)
        if params["state"] == "present":
            lab.check_firmware(specs)
        if not module.check_mode:
            with io.lock(f"{directory}.lock"):
                lab.apply(plan, {spec.name: spec for spec in specs})
            if params["state"] == "present":
                # hosts boot side by side, so waiting for them in turn takes no longer than the slowest
                for spec in specs:
                    if spec.power == "on" and spec.link == "up":
                        lab.wait_for_ssh(spec.name, params["boot_timeout_seconds"])
            elif not observe(io, directory):
                io.remove_tree(directory)
                io.remove(f"{directory}.lock")
        found = observe(io, directory)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(plan.steps),
        diff=plan.difference.before_after(),
        hosts={name: describe(host) for name, host in found.items()},
        inventory=_host.inventory(list(found.values()), params["user"], directory),
        accelerator=accelerator,
    )


if __name__ == "__main__":
    main()
