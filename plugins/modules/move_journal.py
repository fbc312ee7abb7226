#!/usr/bin/python

# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: move_journal
short_description: Keep the journal of a move on one of its two hosts
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Writes down on a host where the move of a workload stands, in C(/var/lib/container-host/moves/ID.json). The file
    is replaced whole and is on the disk before the module answers.
  - One run at a time may write. It holds a lease with a generation that grows with every holder; what a run with an
    older generation wants to write is refused.
  - Taking the lease on the target ends a copy of data that an earlier run still sends there. It is waited for, then
    told to end, then killed. A run that is copying does not take its lease again.
  - A second move of a workload that is being moved is refused.
  - The role P(anycloud.container_host.move#role) uses this module; M(anycloud.container_host.move_workload) carries
    out the steps in which something happens to the workload.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
  - anycloud.container_host._attributes.action
  - anycloud.container_host._attributes.actiongroup
options:
  state:
    description:
      - V(begun) begins the move, or takes the lease of the unfinished one with the same hosts.
      - V(leased) takes the lease of the move O(id).
      - V(noted) writes down that O(phase) is complete and renews the lease.
      - V(returned) gives the lease back, so that another run needs not wait for it to expire.
    type: str
    choices: [begun, leased, noted, returned]
    required: true
  id:
    description:
      - The move's id, the same on both hosts. For O(state=begun) the id of a move that is not there yet.
      - Lower-case letters, digits, dashes and underscores; at most 64 characters, the first one a letter or digit.
    type: str
    required: true
  project_name:
    description: The workload. Needed for O(state=begun).
    type: str
  side:
    description: Which of its hosts this is. Needed for O(state=begun).
    type: str
    choices: [source, target]
  source:
    description: The source's name in the inventory. Needed for O(state=begun).
    type: str
  target:
    description: The target's name in the inventory. Needed for O(state=begun).
    type: str
  rung:
    description: How the workload is carried over. When left out it stays as it is, V(precopy) at first.
    type: str
    choices: [live, precopy, cold]
  phase:
    description: The phase that is complete. Needed for O(state=noted).
    type: str
    choices: [planned, verdict, images_seeded, volumes_precopied, source_fenced, frozen, final_delta, started, verified,
      switched, released]
  facts:
    description: What was measured, kept in the journal under these names.
    type: dict
    default: {}
  holder:
    description: Who writes. By default the control node and the process of this run.
    type: str
  generation:
    description: The generation of the lease this run holds. Needed for O(state=noted) and O(state=returned).
    type: int
  lease_seconds:
    description: How long the lease holds without being renewed.
    type: int
    default: 900
  taken_over_from:
    description:
      - Holders that are known to be dead, whose lease need not expire; V(*) is whoever it is.
      - A run of the same control node whose process is gone is found by the module itself.
    type: list
    elements: str
    default: []
seealso:
  - module: anycloud.container_host.move_info
  - module: anycloud.container_host.move_workload
"""

EXAMPLES = r"""
- name: Begin the move
  anycloud.container_host.move_journal:
    state: begun
    id: shop-20261129061500
    project_name: shop
    side: source
    source: alpha
    target: bravo
  register: begun

- name: Write down that the images are there
  anycloud.container_host.move_journal:
    state: noted
    id: "{{ begun.journal.id }}"
    phase: images_seeded
    generation: "{{ begun.journal.lease.generation }}"
"""

RETURN = r"""
journal:
  description: The journal afterwards, as in RV(anycloud.container_host.move_info#module:moves).
  returned: success
  type: dict
held_by:
  description: Who holds the lease, when that is why the module failed.
  returned: failure
  type: str
"""

import dataclasses
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, MoveRefusedError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move.names import check_id
from ansible_collections.anycloud.container_host.plugins.module_utils._move.phases import PHASES
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Fence
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.gate_lock import GateLock
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import (
    demand_writer,
    describe,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store


class HeldError(MoveRefusedError):
    """Another run holds the lease. holder: which."""

    def __init__(self, error: MoveRefusedError, holder: str) -> None:
        super().__init__(str(error))
        self.holder = holder


def lease(journal: Journal, params: dict[str, t.Any], now: float) -> Journal:
    """The journal with this run as its writer. Raises HeldError."""
    try:
        return journals.take_lease(journal, params["holder"], now, params["lease_seconds"], params["taken_over_from"])
    except MoveRefusedError as error:
        raise HeldError(error, journal.lease.holder) from error


def next_journal(
    params: dict[str, t.Any], store: Store, fence: Fence, now: float
) -> tuple[t.Optional[Journal], Journal]:
    """The journal before (None when there is none) and after. Raises MoveRefusedError or HostError."""
    if params["state"] == "begun":
        names = {key: params[key] for key in ("id", "side", "source", "target")}
        wanted = Journal(project=params["project_name"], rung=params["rung"] or "precopy", **names)
        existing = store.all(wanted.project)
        found = journals.begin(existing, wanted, fence.mark(wanted.project) is not None)
        return (found if found in existing else None), lease(found, params, now)
    journal = store.get(params["id"])
    if params["state"] == "leased":
        return journal, lease(journal, params, now)
    demand_writer(journal, params["holder"], params["generation"])
    if params["state"] == "returned":
        return journal, journals.give_back_lease(journal)
    noted = journals.complete(journal, params["phase"], now, **params["facts"])
    noted = dataclasses.replace(noted, rung=params["rung"] or noted.rung, facts={**noted.facts, **params["facts"]})
    return journal, lease(noted, params, now)


def run(params: dict[str, t.Any], io: HostIO, now: float, check_mode: bool) -> dict[str, t.Any]:
    """Read, decide and, outside check mode, write; returns the module's result.

    Raises HostError when a copy of an earlier run can't be ended.
    """
    store = Store(io)
    project = params["project_name"] or store.get(params["id"]).project
    with store.lock(project):
        before, after = next_journal(params, store, Fence(io), now)
        changed = (
            before is None
            or dataclasses.replace(before, lease=after.lease) != after
            or (before.lease.generation != after.lease.generation or before.lease.holder != after.lease.holder)
        )
        # A lease that was only renewed is written and isn't told as a change: nothing else is different.
        if before != after and not check_mode:
            store.write(after)
        # The gate lets this generation in alone from here on; what an earlier one still sends is ended.
        if params["state"] in ("begun", "leased") and after.side == journals.TARGET and not check_mode:
            GateLock(io, after.id).close()
    shown = {"before": {} if before is None else describe(before), "after": describe(after)}
    return {"changed": changed, "journal": to_plain(after), "diff": shown}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["begun", "leased", "noted", "returned"], "required": True},
            "id": {"type": "str", "required": True},
            "project_name": {"type": "str"},
            "side": {"type": "str", "choices": list(journals.SIDES)},
            "source": {"type": "str"},
            "target": {"type": "str"},
            "rung": {"type": "str", "choices": list(journals.RUNGS)},
            "phase": {"type": "str", "choices": list(PHASES)},
            "facts": {"type": "dict", "default": {}},
            "holder": {"type": "str"},
            "generation": {"type": "int"},
            "lease_seconds": {"type": "int", "default": 900},
            "taken_over_from": {"type": "list", "elements": "str", "default": []},
        },
        required_if=[
            ("state", "begun", ("project_name", "side", "source", "target")),
            ("state", "noted", ("phase", "generation")),
            ("state", "returned", ("generation",)),
        ],
        supports_check_mode=True,
    )
    params = module.params
    try:
        check_id(params["id"])
        result = run(params, HostIO(), time.time(), module.check_mode)
    except HeldError as error:
        module.fail_json(msg=str(error), held_by=error.holder)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
