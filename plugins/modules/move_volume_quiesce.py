#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_volume_quiesce
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Has the services of a workload make their data whole before a final copy, and go on after
description:
  - Runs the commands that a workload's services have for this, inside their running containers.
  - "They are in labels of the service: C(io.anycloud.container-host.move.before) and
    C(io.anycloud.container-host.move.after), each a JSON list of commands, each of those a list of words; or they are
    given in O(hooks)."
  - The first command that fails or takes too long ends a V(before); the V(after) commands of all services begun are run
    then.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - What commands change inside a container is not known.
  idempotent:
    support: none
    details:
      - The commands are run each time.
options:
  project:
    description: The workload's name.
    type: str
    required: true
  moment:
    description: V(before) the data are copied for the last time, or V(after).
    type: str
    choices: [before, after]
    required: true
  hooks:
    description:
      - "Commands that take the place of those in the labels: name of a service to its commands."
    type: dict
    default: {}
  timeout_seconds:
    description: How long one command may stay silent; never less than 60 seconds.
    type: int
    default: 60
seealso:
  - module: anycloud.container_host.move_volume
  - module: anycloud.container_host.move_volume_info
"""

EXAMPLES = r"""
- name: Have PostgreSQL write what it holds, and Redis too
  anycloud.container_host.move_volume_quiesce:
    project: shop
    moment: before
    hooks:
      database:
        before:
          - [psql, --username=postgres, --command=CHECKPOINT]
      cache:
        before:
          - [redis-cli, CONFIG, SET, save, ""]
          - [redis-cli, SAVE]
        after:
          - [redis-cli, CONFIG, SET, save, "3600 1 300 100 60 10000"]
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
    container:
      description: The container's name.
      type: str
    argv:
      description: The command.
      type: list
      elements: str
    exit_code:
      description: What it ended with; null in check mode.
      type: int
    output:
      description: The last lines it wrote.
      type: str
not_running:
  description: Services with commands and no running container.
  returned: always
  type: list
  elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient, connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import hooks

SHOWN_LINES = 10


def run(client: EngineClient, steps: list[hooks.Step], done: list[dict[str, t.Any]]) -> None:
    """Run the commands until one fails. Raises HostError with what it said."""
    for step in steps:
        code, output = client.execute(step.container, step.argv)
        lines = "\n".join(output.strip().splitlines()[-SHOWN_LINES:])
        done.append(describe(step, code, lines))
        if code != 0:
            raise HostError(f"service {step.service}: {' '.join(step.argv)} failed with {code}: {lines}")


def describe(step: hooks.Step, code: t.Optional[int], output: str) -> dict[str, t.Any]:
    return {
        "service": step.service,
        "container": step.container,
        "argv": list(step.argv),
        "exit_code": code,
        "output": output,
    }


def go_on(client: EngineClient, params: dict[str, t.Any], begun: set[str], done: list[dict[str, t.Any]]) -> str:
    """Run the commands for after of the services that had begun; returns what failed of that too."""
    steps, _skipped = hooks.plan(client.containers(), params["project"], hooks.AFTER, hooks.read_hooks(params["hooks"]))
    failures = []
    for step in steps:
        if step.service in begun:
            try:
                run(client, [step], done)
            except HostError as error:
                failures.append(f"; and after it: {error}")
    return "".join(failures)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **connection_options(),
            "project": {"type": "str", "required": True},
            "moment": {"type": "str", "choices": ["before", "after"], "required": True},
            "hooks": {"type": "dict", "default": {}},
            "timeout_seconds": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    done: list[dict[str, t.Any]] = []
    not_running: list[str] = []
    try:
        given = hooks.read_hooks(params["hooks"])
        client = connect(HostIO(), params["engine"], params["socket"] or "", params["timeout_seconds"])
        steps, not_running = hooks.plan(client.containers(), params["project"], params["moment"], given)
        if module.check_mode:
            done = [describe(step, None, "") for step in steps]
        else:
            try:
                run(client, steps, done)
            except HostError as error:
                begun = {entry["service"] for entry in done}
                more = go_on(client, params, begun, done) if params["moment"] == hooks.BEFORE else ""
                raise HostError(f"{error}{more}") from error
    except ContainerHostError as error:
        module.fail_json(msg=str(error), commands=done, not_running=not_running)
    module.exit_json(changed=bool(done), commands=done, not_running=not_running)


if __name__ == "__main__":
    main()
