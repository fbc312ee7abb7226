#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kernel_pin_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads which kernel a host runs, which is pinned, and what its boot loader starts
description:
  - Reads packages, holds, the boot loader and what M(anycloud.container_host.kernel_pin) has noted.
  - Says how the trial of a kernel went, also when the host has come back from it by itself.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  available:
    description: Whether the kernels in the repositories are listed too, as the package lists on the host have them.
    type: bool
    default: false
seealso:
  - module: anycloud.container_host.kernel_pin
"""

EXAMPLES = r"""
- name: Read what kernels there are
  anycloud.container_host.kernel_pin_info:
    available: true
  register: kernels

- name: Check that the pinned kernel is the one that runs
  ansible.builtin.assert:
    that: kernels.kernel.running == kernels.kernel.pinned
"""

RETURN = r"""
kernel:
  description: Everything about the host's kernels. Absent things are null or empty, never left out.
  type: dict
  returned: success
  contains:
    running:
      description: The release of the kernel that runs.
      type: str
      sample: 6.12.48+deb13-amd64
    command_line:
      description: The parameters it was started with.
      type: list
      elements: str
    pinned:
      description: The release of the pinned kernel, or null without one.
      type: str
    packages:
      description: The packages of the pinned kernel, by name, with their versions.
      type: dict
    held:
      description: What is held for the pin, in the package manager's words. What others hold is left out.
      type: list
      elements: str
    installed:
      description: The installed kernels, the newest first.
      type: list
      elements: dict
      contains:
        release:
          description: What C(uname -r) says when it runs.
          type: str
        flavour:
          description: Its flavour; empty for the plain one of some distributions.
          type: str
        package:
          description: The package that has its image.
          type: str
        version:
          description: The version of that package.
          type: str
        bootable:
          description: Whether the boot loader has an entry for it.
          type: bool
    available:
      description: The releases repositories have, the newest first. Empty unless asked for.
      type: list
      elements: str
    boot:
      description: What the boot loader starts.
      type: dict
      contains:
        loader:
          description: V(grub), V(bls) (entries kept by grubby), V(systemd-boot), or null for an unknown one.
          type: str
        default:
          description: The release it starts by itself.
          type: str
        once:
          description: The release it starts at the next boot alone, or null.
          type: str
        once_refused:
          description: Why it can't start an entry once. Empty when it can.
          type: str
        parameters:
          description: The parameters of the default entry.
          type: list
          elements: str
    trial:
      description: How the trial of a kernel stands.
      type: dict
      contains:
        status:
          description:
            - V(none), V(prepared) before the reboot, V(waiting) for its confirmation, V(came_back) after a kernel that
              did not come up, V(not_confirmed) after one that nobody confirmed in time.
          type: str
        release:
          description: The kernel that is or was on trial, or null.
          type: str
        message:
          description: The same in one line.
          type: str
    reboot_required:
      description: Whether the host has to be rebooted to run what is pinned.
      type: bool
    reboot_reason:
      description: Why, in one line. Empty when it has not.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_facts import kernel_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost


def main() -> None:
    specification = {"available": {"type": "bool", "default": False}}
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    try:
        kernel = kernel_facts(KernelHost(HostIO()), module.params["available"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, kernel=kernel)


if __name__ == "__main__":
    main()
