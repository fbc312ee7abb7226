#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module qemu_lab_info: documentation, arguments and a thin shell over the lab's core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: qemu_lab_info
short_description: List the local virtual machines of a lab
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Lists the hosts of a lab with their power, links, ports and snapshots.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.LINUX
  - anycloud.container_host._attributes.INFO_MODULE
options:
  directory:
    description: The lab's directory.
    type: path
    required: true
seealso:
  - module: anycloud.container_host.qemu_lab
"""

EXAMPLES = r"""
- name: List the lab
  anycloud.container_host.qemu_lab_info:
    directory: ~/.cache/container-host/labs/demo
"""

RETURN = r"""
hosts:
  description: The lab's hosts by name.
  returned: success
  type: dict
  contains:
    power:
      description: V(on) or V(off).
      type: str
    link:
      description: V(up) or V(down).
      type: str
    image:
      description: The disk image below the host's own disk.
      type: str
    firmware:
      description: V(bios), V(uefi), V(uefi_secure_boot) or V(uefi_setup_mode).
      type: str
    ssh_port:
      description: The port of the loopback address that leads to the host's SSH.
      type: int
    forwarded_ports:
      description: The ports of the loopback address by the host's port.
      type: dict
    address:
      description: The host's address on the lab's own network.
      type: str
    snapshots:
      description: The names of the host's snapshots.
      type: list
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.lab import Lab, observe
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.plan import describe


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"directory": {"type": "path", "required": True}},
        supports_check_mode=True,
    )
    io, directory = HostIO(), module.params["directory"]
    try:
        lab = Lab(io, directory, "", "", "", "")
        found = observe(io, directory)
        hosts = {name: {**describe(host), "snapshots": lab.snapshots(name)} for name, host in found.items()}
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, hosts=hosts)


if __name__ == "__main__":
    main()
