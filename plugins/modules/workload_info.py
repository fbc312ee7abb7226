#!/usr/bin/python

# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: workload_info
short_description: Show the Compose projects on a container host and how their services are
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Reads which projects run on the host, their services, their states, what they use and the digests of what they were
    made from.
  - Projects that another tool made from a Compose file are shown too; their RV(workloads[].services[].spec_sha256) is
    empty.
  - The values mean the same under Docker and under Podman.
  - What a container uses is read where the kernel counts it, in the files of its control group, not from the engine.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
  - anycloud.container_host._attributes.actiongroup
options:
  project_name:
    description: Show this project only.
    type: str
  timeout_seconds:
    description: How long to wait for an answer of the engine.
    type: int
    default: 60
seealso:
  - module: anycloud.container_host.workload
  - module: anycloud.container_host.workload_drain
  - module: anycloud.container_host.workload_wait
"""

EXAMPLES = r"""
- name: Read all workloads of the host
  anycloud.container_host.workload_info:
  register: found

- name: Show the services that are not healthy
  ansible.builtin.debug:
    msg: "{{ found.workloads | map(attribute='services') | flatten | rejectattr('health', 'in', ['healthy', 'none']) }}"

- name: Show what each container uses of its memory and processors
  ansible.builtin.debug:
    msg: "{{ dict(containers | map(attribute='container') | zip(containers | map(attribute='usage'))) }}"
  vars:
    containers: "{{ found.workloads | map(attribute='services') | flatten }}"
"""

RETURN = r"""
engine:
  description: The engine that answered.
  returned: success
  type: dict
  contains:
    name:
      description: V(docker) or V(podman).
      type: str
    version:
      description: The engine's version.
      type: str
    api_version:
      description: The version of the Docker API it speaks.
      type: str
    socket:
      description: The socket it was asked through.
      type: str
  sample: {name: docker, version: 26.1.5, api_version: "1.45", socket: /var/run/docker.sock}
workloads:
  description: The projects, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    project:
      description: The project's name.
      type: str
    services:
      description: Its containers, sorted by service.
      type: list
      elements: dict
      contains:
        service:
          description: The service's name in the Compose file.
          type: str
        container:
          description: The container's name.
          type: str
        container_id:
          description: The container's id.
          type: str
        state:
          description: V(created), V(running), V(paused), V(restarting), V(removing), V(exited) or V(dead).
          type: str
        health:
          description: V(starting), V(healthy), V(unhealthy), or V(none) without a health check.
          type: str
        exit_code:
          description: The exit code once it has ended.
          type: int
        restart_policy:
          description: >-
            The restart policy in force: V(no) while the workload is stopped under Docker; V(unless-stopped) also for
            V(always) under Podman, where both mean the same.
          type: str
        restart_count:
          description: How often the engine has restarted it.
          type: int
        started_at:
          description: When it was last started, by the host's clock and in the engine's words.
          type: str
        image:
          description: The reference it was made from.
          type: str
        image_id:
          description: The image's id, which differs between engines for one and the same image.
          type: str
        image_digests:
          description: The digests of the image's manifest, which don't; empty when it never came from a registry.
          type: list
          elements: str
        ports:
          description: The published ports, with C(target), C(protocol), C(published) and C(host_ip) (empty for all).
          type: list
          elements: dict
        networks:
          description: The networks it is attached to.
          type: list
          elements: str
        spec_sha256:
          description: The digest of the service's definition it was made from.
          type: str
        usage:
          description:
            - What the container uses; null when it doesn't run, and on hosts with control groups of version 1.
            - A value is null when the kernel doesn't count it, and a limit when there is none.
          type: dict
          contains:
            cpu_seconds:
              description: Processor time since it was started.
              type: float
            memory_bytes:
              description: Memory with the files' pages that are kept for it.
              type: int
            memory_reclaimable_bytes:
              description: The part of it that the kernel gives back first, pages of files not used lately.
              type: int
            memory_peak_bytes:
              description: The most memory it ever had since it was started. Needs Linux 5.19.
              type: int
            memory_limit_bytes:
              description: The most memory it may have.
              type: int
            swap_bytes:
              description: What of it is swapped out.
              type: int
            pids:
              description: Its processes and threads.
              type: int
            pids_limit:
              description: The most of them it may have.
              type: int
            io_read_bytes:
              description: Bytes read from block devices since it was started.
              type: int
            io_written_bytes:
              description: Bytes written to block devices since it was started.
              type: int
          sample:
            cpu_seconds: 12.084
            memory_bytes: 31457280
            memory_reclaimable_bytes: 4096000
            memory_peak_bytes: 40894464
            memory_limit_bytes: 134217728
            swap_bytes: 0
            pids: 7
            pids_limit: 64
            io_read_bytes: 8192
            io_written_bytes: 102400
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import workloads
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.usage import read_usage
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "project_name": {"type": "str"},
            **connection_options(),
            "timeout_seconds": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    io = HostIO()
    try:
        client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
        found = workloads(client, params["project_name"] or "", lambda inspected: read_usage(io, inspected))
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, engine=client.identity.as_dict(), workloads=found)


if __name__ == "__main__":
    main()
