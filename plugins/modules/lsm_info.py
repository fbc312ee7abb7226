#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lsm_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads a host's mandatory access control and what it has refused
description:
  - Reads which access controls are in force and in which mode, and every kind of refusal in the audit log, or
    without one in
    the kernel's messages, with the rule that would allow it.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  since_seconds:
    description: Of refusals, those since this time, in seconds since the epoch.
    type: float
    default: 0
seealso:
  - module: anycloud.container_host.lsm
"""

EXAMPLES = r"""
- name: Read the access control
  anycloud.container_host.lsm_info:
  register: access

- name: See that nothing was refused
  ansible.builtin.assert:
    that: access.lsm.denials == []
"""

RETURN = r"""
lsm:
  description: The access control.
  type: dict
  returned: success
  contains:
    active:
      description: The access controls in force, in order.
      type: list
      elements: str
    provider:
      description: The one that confines containers, V(selinux), V(apparmor) or null.
      type: str
    selinux:
      description:
        - The mode now and at the next boot, the policy, how far files are labelled by the module
          M(anycloud.container_host.lsm), and the modules it has installed.
      type: dict
      sample: {mode: enforcing, mode_at_boot: enforcing, policy: default, labels: labelled, modules: {}}
    apparmor:
      description: The profiles in the kernel, name to mode.
      type: dict
    denials:
      description: The refusals, one for each kind. C(enforced) is false for what was only noted.
      type: list
      elements: dict
      contains:
        provider:
          description: V(selinux) or V(apparmor).
          type: str
        source:
          description: The type, or the profile, of the process.
          type: str
        target:
          description: The type, or what was reached for.
          type: str
        category:
          description: The class of what was reached for.
          type: str
        permissions:
          description: What was wanted.
          type: list
          elements: str
        enforced:
          description: Whether it was refused.
          type: bool
        count:
          description: How many times.
          type: int
        last_seconds:
          description: When last, in seconds since the epoch.
          type: float
        command:
          description: The command that was first.
          type: str
        path:
          description: The path that was first, where one is known.
          type: str
        rule:
          description: The rule that would allow it.
          type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_facts import lsm_facts


def main() -> None:
    specification = {"since_seconds": {"type": "float", "default": 0}}
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    try:
        found = lsm_facts(HostIO(), module.params["since_seconds"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, lsm=found)


if __name__ == "__main__":
    main()
