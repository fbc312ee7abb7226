#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cgroup_slices_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads how a host is shared by control groups, and how much is waited for what
description:
  - Reads the kernel's control groups of the system, the container engine, the workloads and the tenants, with what they
    limit, what they use, and their pressure.
  - Reads files only.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options: {}
seealso:
  - module: anycloud.container_host.cgroup_slices
"""

EXAMPLES = r"""
- name: Read how the host is shared
  anycloud.container_host.cgroup_slices_info:
  register: shares

- name: See that nothing has been killed
  ansible.builtin.assert:
    that: shares.slices['machine.slice'].oom_kills == 0
"""

RETURN = r"""
host:
  description: The host as a whole.
  type: dict
  returned: success
  contains:
    hierarchy:
      description: V(unified), or V(hybrid) or V(legacy), under which there are no slices to manage.
      type: str
    controllers:
      description: The controllers the kernel has.
      type: list
      elements: str
    pressure:
      description:
        - For C(cpu), C(memory) and C(io), how much of the time some or all processes waited, in percent over 10, 60 and
          300 seconds and in microseconds as a whole.
        - Null where the kernel does not tell.
      type: dict
      sample: {cpu: {some: {avg10: 1.5, avg60: 0.4, avg300: 0.1, total: 812345}}}
slices:
  description: The slices by unit name. What is unlimited is null.
  type: dict
  returned: success
  contains:
    path:
      description: The control group's directory.
      type: str
    tenant:
      description: The tenant whose slice it is, or null.
      type: str
    controllers:
      description: The controllers it has.
      type: list
      elements: str
    handed_on:
      description: The controllers those below it have.
      type: list
      elements: str
    limits:
      description: What the kernel limits and guarantees, in the words of the options, memory and swap in bytes.
      type: dict
    memory_bytes:
      description: The memory it uses.
      type: int
    tasks:
      description: How many processes and threads it has.
      type: int
    cpu_seconds:
      description: The processor time it has used.
      type: float
    oom_kills:
      description: How many processes were killed for want of memory.
      type: int
    pressure:
      description: As RV(host.pressure), for this slice.
      type: dict
    used_by:
      description: Who runs in a tenant's or the engine's slice, containers by their names.
      type: list
      elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_facts import host_facts, slice_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    io = HostIO()
    try:
        result = {"host": host_facts(io), "slices": slice_facts(io)}
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
