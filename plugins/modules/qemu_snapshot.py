#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module qemu_snapshot: documentation, arguments and a thin shell over the lab's core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: qemu_snapshot
short_description: Take, restore and remove snapshots of local virtual machines
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Takes snapshots of running hosts of a lab, memory and disk, in about a second, and brings the hosts back to them.
  - After a restore the guest's clock stands where it was; the C(provision) role sets it.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.LINUX
  - anycloud.container_host._attributes.STATEFUL_MODULE
attributes:
  idempotent:
    support: partial
    details:
      - With O(state=restored) each run goes back again.
options:
  directory:
    description: The lab's directory.
    type: path
    required: true
  lab:
    description: The lab's name.
    type: str
    required: true
  name:
    description: The snapshot's name.
    type: str
    required: true
  hosts:
    description: The hosts concerned. Without it, every host of the lab.
    type: list
    elements: str
  state:
    description:
      - V(present) takes the snapshot on hosts that have none of that name.
      - V(restored) brings hosts back to it, V(absent) forgets it.
    type: str
    choices: [present, restored, absent]
    default: present
  accelerator:
    description: What runs a host that is started from its snapshot. A snapshot can only be loaded by what took it.
    type: str
    choices: [kvm, tcg]
    default: tcg
seealso:
  - module: anycloud.container_host.qemu_lab
  - module: anycloud.container_host.qemu_lab_info
"""

EXAMPLES = r"""
- name: Keep the hosts as they are now
  anycloud.container_host.qemu_snapshot:
    directory: ~/.cache/container-host/labs/demo
    lab: demo
    name: converged
"""

RETURN = r"""
hosts:
  description: The hosts that were snapshotted, brought back or had their snapshot removed.
  returned: success
  type: list
  elements: str
"""

import re

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.lab import Lab, observe


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "lab": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "hosts": {"type": "list", "elements": "str"},
            "state": {"type": "str", "choices": ["present", "restored", "absent"], "default": "present"},
            "accelerator": {"type": "str", "choices": ["kvm", "tcg"], "default": "tcg"},
        },
        supports_check_mode=True,
    )
    params, io = module.params, HostIO()
    snapshot, state = params["name"], params["state"]
    try:
        if not re.match(r"^[A-Za-z][A-Za-z0-9_-]{0,60}$", snapshot):
            raise HostError(f"name: {snapshot!r} is no snapshot name; use letters, digits, hyphens, a letter first")
        lab = Lab(io, params["directory"], params["lab"], "", params["accelerator"], "qemu-system-x86_64")
        found = observe(io, params["directory"])
        names = params["hosts"] if params["hosts"] is not None else sorted(found)
        unknown = sorted(set(names) - set(found))
        if unknown:
            raise HostError(f"hosts: {', '.join(unknown)} not in the lab, which has {', '.join(sorted(found))}")
        has = {name: snapshot in lab.snapshots(name) for name in names}
        if state == "restored" and not all(has.values()):
            missing = ", ".join(sorted(name for name in names if not has[name]))
            raise HostError(f"name: no snapshot {snapshot} of {missing}; take it first")
        if state == "present" and any(found[name].power != "on" for name in names):
            raise HostError("hosts: a snapshot is taken of running hosts only; start them first")
        concerned = [name for name in names if state == "restored" or has[name] != (state == "present")]
        act = {"present": lab.take_snapshot, "restored": lab.restore_snapshot, "absent": lab.remove_snapshot}[state]
        for name in concerned if not module.check_mode else ():
            act(name, snapshot)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    diff = {
        "before": {name: snapshot if has[name] else None for name in concerned},
        "after": dict.fromkeys(concerned, None if state == "absent" else snapshot),
    }
    module.exit_json(changed=bool(concerned), hosts=concerned, diff=diff)


if __name__ == "__main__":
    main()
