#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: package_updates_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads which updates a container host lacks, and whether it has to be rebooted
description:
  - Says what M(anycloud.container_host.package_updates) would do, why the host is to be rebooted as it is now, and
    whether kexec could start the kernel the boot loader would.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  state:
    description: The updates that are looked for.
    type: str
    choices: [all, security]
    default: all
  refresh:
    description: Whether package lists older than an hour are fetched first. Check mode takes them as they are.
    type: bool
    default: false
seealso:
  - module: anycloud.container_host.package_updates
"""

EXAMPLES = r"""
- name: Read what is left to update
  anycloud.container_host.package_updates_info:
    refresh: true
  register: updates

- name: Refuse a host that lacks security updates
  ansible.builtin.assert:
    that: updates.updates | selectattr('security') | length == 0
"""

RETURN = r"""
updates:
  description: The packages that would change, as in M(anycloud.container_host.package_updates).
  type: list
  elements: dict
  returned: success
held:
  description: Held packages that have another version on offer, each with C(name), C(version) and C(offered).
  type: list
  elements: dict
  returned: success
kept_back:
  description: Packages the package manager keeps back.
  type: list
  elements: str
  returned: success
interrupted:
  description: The packages an earlier run was interrupted at.
  type: list
  elements: str
  returned: success
reboot_required:
  description: Whether the host is to be rebooted as it is now, whatever there is to update.
  type: bool
  returned: success
reboot_reasons:
  description: Why, one line per reason.
  type: list
  elements: str
  returned: success
services_to_restart:
  description: The services that run files which have been replaced, and whose restart is enough.
  type: list
  elements: str
  returned: success
reboot_refused:
  description:
    - Why a reboot now would not start the kernel that is meant, in one line. A kernel is on trial, or the boot loader
      would start another one than M(anycloud.container_host.kernel_pin) has pinned. Empty when nothing is against it.
  type: str
  returned: success
kexec:
  description: What kexec would start.
  type: dict
  returned: success
  contains:
    release:
      description: The kernel the boot loader would start, or null when it can't be told.
      type: str
    argv:
      description: The command that loads it with the boot loader's own parameters. Empty when that is refused.
      type: list
      elements: str
    refused:
      description: Why it can't be, in one line. Empty when it can.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.plan import ALL, SECURITY
from ansible_collections.anycloud.container_host.plugins.module_utils._updates_host import UpdatesHost, as_result


def main() -> None:
    specification = {
        "state": {"type": "str", "choices": [ALL, SECURITY], "default": ALL},
        "refresh": {"type": "bool", "default": False},
    }
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    try:
        host = UpdatesHost(HostIO(), module.check_mode)
        outcome = host.read(module.params["state"], module.params["refresh"])
        boot = host.boot()
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **as_result(outcome), **boot)


if __name__ == "__main__":
    main()
