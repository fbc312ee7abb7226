#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module qemu_snapshot_info: documentation, arguments and a thin shell over the lab's core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: qemu_snapshot_info
short_description: List the snapshots of local virtual machines
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Lists the snapshots, memory and disk, of every host of a lab.
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
  - module: anycloud.container_host.qemu_snapshot
"""

EXAMPLES = r"""
- name: List the snapshots
  anycloud.container_host.qemu_snapshot_info:
    directory: ~/.cache/container-host/labs/demo
"""

RETURN = r"""
snapshots:
  description: The names of each host's snapshots, by host.
  returned: success
  type: dict
  sample:
    alpha: [converged]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.lab import Lab, observe


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"directory": {"type": "path", "required": True}},
        supports_check_mode=True,
    )
    io, directory = HostIO(), module.params["directory"]
    try:
        lab = Lab(io, directory, "", "", "", "")
        snapshots = {name: lab.snapshots(name) for name in observe(io, directory)}
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, snapshots=snapshots)


if __name__ == "__main__":
    main()
