#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_drain
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Stops all workloads of a container host in order, and brings exactly those back
description:
  - Stops the running containers of every Compose project, each before those it depends on, and starts them again in the
    reverse order, each once its dependencies are ready.
  - What is to be stopped is noted in C(/var/lib/container-host/drained.json) first. Any later run brings it back, also
    after a reboot or a power cut.
  - Takes no Compose file and changes no container otherwise. Containers that belong to no project are left alone.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  state:
    description:
      - V(drained) stops what runs. Some of it may come back with a reboot, as its restart policy says.
      - V(restored) starts what the note says, and nothing when there is no note.
    type: str
    choices: [drained, restored]
    required: true
  timeout_seconds:
    description: How long to wait in all for what others depend on.
    type: int
    default: 300
seealso:
  - module: anycloud.container_host.workload
  - module: anycloud.container_host.workload_info
  - module: anycloud.container_host.workload_wait
"""

EXAMPLES = r"""
- name: Stop the workloads for work on the host
  anycloud.container_host.workload_drain:
    state: drained

- name: Bring them back
  anycloud.container_host.workload_drain:
    state: restored
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [stop shop-web-1, stop shop-database-1]
gone:
  description: Containers of the note that do not exist any more.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.drain import DRAINED, RESTORED, Drainer
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": [DRAINED, RESTORED], "required": True},
            **connection_options(),
            "timeout_seconds": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        io = HostIO()
        client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
        drainer = Drainer(client, io, params["timeout_seconds"])
        plan = drainer.plan(params["state"])
        if plan.difference and not module.check_mode:
            drainer.apply(plan, params["state"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(plan.difference),
        diff=plan.difference.before_after(),
        actions=plan.actions(),
        gone=list(plan.gone),
    )


if __name__ == "__main__":
    main()
