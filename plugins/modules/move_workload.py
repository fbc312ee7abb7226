#!/usr/bin/python

# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: move_workload
short_description: Carry out one step of a move on one of its two hosts
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Does to the workload what a step of a move takes, and writes it down in the host's journal before and after. A run
    may end at any instant; the step can be done again.
  - A step that would let two copies live is refused on the host itself, whatever the run believes, by the host's
    journal and the generation of its lease.
  - The role P(anycloud.container_host.move#role) calls the steps in their order.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
  - anycloud.container_host._attributes.action
  - anycloud.container_host._attributes.actiongroup
options:
  step:
    description:
      - On the target, V(stage) keeps the definition and makes the volumes; V(ready) makes all else and starts nothing,
        so that little is left to be done once the source has stopped; V(start) ends a copy of data that
        may still be under way, so that nothing else writes, and starts the workload, which does not come back with a
        boot yet; V(verify) waits until it is healthy; V(settle) has it come back with a boot;
        V(withdraw) removes what the move has brought, for good.
      - On the source, V(freeze) fences the workload and stops it; V(hand_over) allows the target to start; V(commit)
        is the point from which a move only goes on; V(abandon) begins to roll back; V(note_target_is_down) says that
        the target's copy is gone for good; V(restore) lifts the fence and starts the workload again.
      - V(release) ends the move on either host. On the source V(clean) removes what it kept once its time is over,
        and V(revive) starts that again, for when the target is lost.
    type: str
    choices: [stage, ready, freeze, hand_over, start, verify, commit, settle, release, abandon, withdraw,
      note_target_is_down, restore, clean, revive]
    required: true
  id:
    description: The move's id.
    type: str
    required: true
  definition:
    description: For O(step=stage) the definition that M(anycloud.container_host.move_info) read on the source.
    type: json
  holder:
    description: Who writes. By default the control node and the process of this run.
    type: str
  generation:
    description: The generation of the lease this run holds. Steps after the end of a move need none.
    type: int
    default: 0
  keep_seconds:
    description: For O(step=release) on the source, how long what it keeps stays revivable.
    type: int
    default: 86400
  target_is_down:
    description: For O(step=revive), your word that the target's copy does not run and won't.
    type: bool
    default: false
  timeout_seconds:
    description: How long to wait in all for services to be ready.
    type: int
    default: 300
seealso:
  - module: anycloud.container_host.move_info
  - module: anycloud.container_host.move_journal
"""

EXAMPLES = r"""
- name: Fence the workload on the source and stop it
  anycloud.container_host.move_workload:
    step: freeze
    id: shop-20261129061500
    generation: 1

- name: Bring back what the source kept, since the target has burnt down
  anycloud.container_host.move_workload:
    step: revive
    id: shop-20261129061500
    target_is_down: true
"""

RETURN = r"""
actions:
  description: What was done to the workload, or would be done in check mode, one line per action.
  returned: success
  type: list
  elements: str
  sample: [fence shop, stop_container shop-web-1]
journal:
  description: The journal afterwards, as in RV(anycloud.container_host.move_info#module:moves).
  returned: success
  type: dict
seconds:
  description: How long the step took on the host.
  returned: success
  type: float
"""

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move.steps import STEP_NAMES, acts_of
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.afterwards import (
    AFTERWARDS,
    demand_allowed,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Fence
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import (
    Done,
    demand_writer,
    describe,
    run_step,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.acts import Acts


def make_acts(params: dict[str, t.Any], io: HostIO, journal: Journal) -> Acts:
    """What a step does on the host. Most of the code, and the SDK, are read here: steps that only write are quicker
    without, and must also work while the engine is down.
    """
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.acts import (  # noqa: PLC0415
        Acts,
    )
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (  # noqa: PLC0415
        parse,
    )

    client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
    incoming = parse(params["definition"], "definition") if params["definition"] else None
    return Acts(client, io, journal, params["timeout_seconds"], incoming)


def run(params: dict[str, t.Any], io: HostIO, now: t.Callable[[], float], check_mode: bool) -> Done:
    """Carry out the step. Raises ContainerHostError."""
    store = Store(io)
    step = params["step"]
    with store.lock(store.get(params["id"]).project):
        journal = store.get(params["id"])
        demand_writer(journal, params["holder"] or "", params["generation"])
        if step in AFTERWARDS:
            mark = Fence(io).mark(journal.project)
            demand_allowed(step, journal, store.all(journal.project), mark, params["target_is_down"], now())
        acts = make_acts(params, io, journal) if acts_of(step) else None
        kept_until = now() + params["keep_seconds"]
        return run_step(store, acts, journal, step, now, kept_until, check_mode)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "step": {"type": "str", "choices": list(STEP_NAMES), "required": True},
            "id": {"type": "str", "required": True},
            "definition": {"type": "json", "no_log": True},
            "holder": {"type": "str"},
            "generation": {"type": "int", "default": 0},
            "keep_seconds": {"type": "int", "default": 86400},
            "target_is_down": {"type": "bool", "default": False},
            **connection_options(),
            "timeout_seconds": {"type": "int", "default": 300},
        },
        required_if=[("step", "stage", ("definition",))],
        supports_check_mode=True,
    )
    params = module.params
    started = time.monotonic()
    try:
        done = run(params, HostIO(), time.time, module.check_mode)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    before, after = describe(done.before), describe(done.after)
    module.exit_json(
        changed=done.changed,
        actions=list(done.actions),
        journal=to_plain(done.after),
        diff={"before": before, "after": {**after, "actions": list(done.actions)} if done.actions else after},
        seconds=round(time.monotonic() - started, 3),
    )


if __name__ == "__main__":
    main()
