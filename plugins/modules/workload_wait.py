#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_wait
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Waits until the containers that ran are back and healthy, and says how long each was away
description:
  - Polls on the host, in one execution, until every container that ran before runs again and is healthy where it has a
    health check. It changes nothing.
  - How long a container was away is counted from the moment the engine noted that it stopped to its start, or to the
    first good health check after it, all by the host's clock.
  - A container that is not to be restarted (restart policy V(no)) and has ended is told as such, and not waited for.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  workloads:
    description: What M(anycloud.container_host.workload_info) returned before. Containers that did not run don't count.
    type: list
    elements: dict
    required: true
  timeout_seconds:
    description: How long to wait for all of them.
    type: int
    default: 300
seealso:
  - module: anycloud.container_host.workload_info
  - module: anycloud.container_host.workload_drain
"""

EXAMPLES = r"""
- name: Read what runs
  anycloud.container_host.workload_info:
  register: before

- name: Reboot
  ansible.builtin.reboot:

- name: Wait until all of it is back
  anycloud.container_host.workload_wait:
    workloads: "{{ before.workloads }}"
  register: back

- name: Show the longest time a container was away
  ansible.builtin.debug:
    msg: "{{ back.containers | map(attribute='seconds_away') | max }} s"
"""

RETURN = r"""
containers:
  description: Every container that ran before. Returned also when the module fails because some are not back.
  returned: success
  type: list
  elements: dict
  contains:
    project:
      description: The project's name.
      type: str
    service:
      description: The service's name in the Compose file.
      type: str
    container:
      description: The container's name.
      type: str
    state:
      description: The container's state, or V(absent).
      type: str
    health:
      description: V(starting), V(healthy), V(unhealthy), or V(none) without a health check.
      type: str
    back:
      description: Whether it runs and is healthy again, or has ended well.
      type: bool
    expected:
      description: Whether it had to come back.
      type: bool
    restarted:
      description: Whether it was started since, or is gone.
      type: bool
    seconds_away:
      description: How long it was away; V(0) when it never was, null when that can't be told.
      type: float
    measured_from:
      description: V(engine) when the engine noted when it stopped, V(boot) when only the start of the host is known.
      type: str
    reason:
      description: Why it is not back. Empty when it is.
      type: str
  sample:
    - project: shop
      service: web
      container: shop-web-1
      state: running
      health: healthy
      back: true
      expected: true
      restarted: true
      seconds_away: 41.3
      measured_from: engine
      reason: ""
"""

import re

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient, connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.wait import (
    Wait,
    missing_words,
    parse_expected,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "workloads": {"type": "list", "elements": "dict", "required": True},
            **connection_options(),
            "timeout_seconds": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    params = module.params
    io = HostIO()
    boot = re.search(r"^btime (\d+)$", io.read_text("/proc/stat") or "", re.MULTILINE)

    def client() -> EngineClient:
        return connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])

    try:
        expected = parse_expected(params["workloads"])
        containers = Wait(io, client, int(boot.group(1)) if boot else 0).wait(expected, params["timeout_seconds"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    missing = missing_words(containers)
    if missing:
        module.fail_json(msg=f"not back within {params['timeout_seconds']} s: {missing}", containers=containers)
    module.exit_json(changed=False, containers=containers)


if __name__ == "__main__":
    main()
