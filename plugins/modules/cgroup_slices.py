#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cgroup_slices
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Shares a host among its system, its container engine and its workloads by control groups
description:
  - Brings the slices of a host to their whole desired state at once. C(system.slice) has the system's services,
    C(engine.slice) the container engine's, and C(machine.slice) has the containers. Below it each tenant has a slice.
  - Podman puts its containers into C(machine.slice) by itself. Docker does so when the option
    O(anycloud.container_host.engine#module:cgroup_parent) says it.
  - What is asked for is checked against the machine and against itself before anything is written. What the kernel
    keeps is read back afterwards, and the module fails when it is something else.
  - Drop-ins in C(/etc/systemd/system) are owned by this module. systemd is reloaded once.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  state:
    description:
      - V(present) brings the slices to what is asked for.
      - V(absent) takes away all limits and guarantees, and the tenants' slices.
    type: str
    choices: [present, absent]
    default: present
  system:
    description: The limits and guarantees of C(system.slice). What is left out is not limited.
    type: dict
    suboptions: &limits
      cpu_weight:
        description: The share of processor time among slices side by side, when it is scarce. V(100) is usual.
        type: int
      cpu_quota_percent:
        description: The most processor time, where V(100) is one whole processor.
        type: int
      memory_min_mib:
        description: Memory, in MiB, that is never taken away.
        type: int
      memory_low_mib:
        description: Memory, in MiB, that is taken away only when nothing else can be.
        type: int
      memory_high_mib:
        description: Memory, in MiB, above which it is slowed down and its memory reclaimed.
        type: int
      memory_max_mib:
        description: Memory, in MiB, above which a process in it is killed.
        type: int
      swap_max_mib:
        description: The most swap, in MiB.
        type: int
      tasks_max:
        description: The most processes and threads.
        type: int
      io_weight:
        description:
          - The share of input and output among slices side by side.
          - It has an effect only where the kernel weighs, which takes the scheduler bfq or io.cost. The module warns
            where it doesn't.
        type: int
      oom_swap:
        description: Whether systemd-oomd kills in it when swap runs out.
        type: str
        choices: [auto, kill]
      oom_memory_pressure:
        description: Whether systemd-oomd kills in it when too long is waited for memory.
        type: str
        choices: [auto, kill]
      oom_memory_pressure_limit_percent:
        description: With V(kill), how much of the time may be spent waiting.
        type: int
      devices:
        description: The most input and output with single disks.
        type: list
        elements: dict
        suboptions:
          device:
            description: The path of a whole disk.
            type: str
            required: true
          read_bytes_per_second:
            description: The most bytes read in a second.
            type: int
          write_bytes_per_second:
            description: The most bytes written in a second.
            type: int
          read_iops:
            description: The most reads in a second.
            type: int
          write_iops:
            description: The most writes in a second.
            type: int
  engine:
    description: The limits and guarantees of C(engine.slice).
    type: dict
    suboptions: *limits
  workload:
    description: The limits and guarantees of all containers together.
    type: dict
    suboptions: *limits
  tenants:
    description:
      - The tenants, each with a slice C(machine-NAME.slice) below the workloads' one.
      - A tenant that was there and is left out is taken away. That is refused while something runs in its slice.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Up to 32 lowercase letters, digits and underscores.
        type: str
        required: true
      <<: *limits
  delegate_users:
    description:
      - The controllers users' own systemd may hand on, which rootless engines need for limits of their containers.
      - With none, systemd's own default holds.
    type: list
    elements: str
    choices: [cpu, cpuset, io, memory, pids]
    default: []
  restart_engines:
    description:
      - Whether the engine's services are restarted when they run in another slice than they shall. Docker's containers
        survive that only with live restore.
      - Otherwise they move at their next start, and RV(restart_required) names them.
    type: bool
    default: false
requirements:
  - systemd 252
seealso:
  - module: anycloud.container_host.cgroup_slices_info
"""

EXAMPLES = r"""
- name: Keep the system alive whatever containers do, and share the rest among two tenants
  anycloud.container_host.cgroup_slices:
    system:
      cpu_weight: 400
      memory_min_mib: 256
    workload:
      memory_max_mib: 3072
      tasks_max: 8192
    tenants:
      - name: acme
        cpu_weight: 200
        memory_max_mib: 2048
      - name: umbrella
        cpu_weight: 100
        memory_max_mib: 1024
        devices:
          - device: /dev/vda
            write_bytes_per_second: 10485760
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [write /etc/systemd/system/machine.slice.d/60-container-host-cgroups.conf, reload systemd]
restart_required:
  description: The engine's services that are in another slice until they are restarted.
  type: list
  elements: str
  returned: success
  sample: [docker.service]
slices:
  description: The slices there are, as RV(anycloud.container_host.cgroup_slices_info#module:slices).
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_argspec import cgroup_argument_spec
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_host import CgroupHost
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(argument_spec=cgroup_argument_spec(), supports_check_mode=True)
    try:
        outcome = CgroupHost(HostIO(), module.params, module.check_mode).run()
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    for warning in outcome.plan.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.plan.difference),
        diff=outcome.plan.difference.before_after(),
        actions=outcome.plan.actions(),
        restart_required=outcome.plan.restart_required,
        slices=outcome.slices,
    )


if __name__ == "__main__":
    main()
