#!/usr/bin/python

# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: move_info
short_description: Show where every move on a host stands, and what a workload was made from
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Reads the journals of moves in C(/var/lib/container-host/moves), and whether a workload is fenced.
  - With O(project_name), also reads the definition a move hands to its target. It holds the environment of the
    services, so tasks that ask for it should set C(no_log).
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
  - anycloud.container_host._attributes.actiongroup
options:
  project_name:
    description: Show this workload only.
    type: str
seealso:
  - module: anycloud.container_host.move_journal
  - module: anycloud.container_host.move_workload
  - plugin: anycloud.container_host.move_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: See where all moves stand
  anycloud.container_host.move_info:
  register: found

- name: Show them as a table
  ansible.builtin.debug:
    msg: "{{ ([found] | anycloud.container_host.move_table).lines }}"
"""

RETURN = r"""
moves:
  description: The journals, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The move's id, the same on both hosts.
      type: str
    project:
      description: The workload.
      type: str
    side:
      description: V(source) or V(target).
      type: str
    source:
      description: The source's name in the inventory.
      type: str
    target:
      description: The target's name in the inventory.
      type: str
    rung:
      description: V(live), V(precopy) or V(cold).
      type: str
    phase:
      description: The last phase that is complete on this host.
      type: str
    intent:
      description: The phase that was begun and is not complete; empty when there is none.
      type: str
    outcome:
      description: V(active), V(rolling_back), V(rolled_back), V(released), V(cleaned) or V(revived).
      type: str
    target_is_down:
      description: On the source, whether the target's copy is known to be gone for good.
      type: bool
    kept_until:
      description: On a released source, until when what it kept stays, in seconds of the epoch.
      type: float
    lease:
      description: Who may write, with C(holder), C(generation) and C(expires_at).
      type: dict
    history:
      description: What happened when.
      type: list
      elements: dict
    facts:
      description: What was measured.
      type: dict
    schema_version:
      description: The version of the document.
      type: int
due:
  description: The ids of moves whose stopped copy on this host has been kept for long enough, for
    M(anycloud.container_host.move_workload) with C(step=clean).
  returned: success
  type: list
  elements: str
left_behind:
  description: The moves that are through and whose key and folder a run that died has left here, for
    M(anycloud.container_host.move_key) with C(state=absent), each with C(id) and C(side).
  returned: success
  type: list
  elements: dict
progress:
  description: The id of each move that is sending from this host, to what its copy tells of itself.
  returned: success
  type: dict
  contains:
    what:
      description: What is sent.
      type: str
    done_bytes:
      description: How much of it has been.
      type: int
    percent:
      description: How much of it has been, of the whole; null for a snapshot, whose size is not known before.
      type: int
    bytes_per_second:
      description: How fast.
      type: int
    seconds_left:
      description: How long it will take, as things go; null when that is not known.
      type: int
  sample: {shop-20261129061500: {what: volume shop_data, done_bytes: 1048576, percent: 10, bytes_per_second: 524288,
    seconds_left: 18}}
fenced:
  description: With O(project_name), whether the workload is kept from being started here.
  returned: success
  type: bool
definition:
  description: With O(project_name), what it was made from, as text for M(anycloud.container_host.move_workload);
    empty when it was not deployed here.
  returned: success
  type: str
services:
  description: With O(project_name) and a definition, the images of the services and the names of the volumes.
  returned: success
  type: dict
  contains:
    images:
      description: The references of the images.
      type: list
      elements: str
    volumes:
      description: The volumes that belong to the workload, each with its C(name).
      type: list
      elements: dict
"""

import json
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, due
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import Definitions
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Fence
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store


def is_left_behind(io: HostIO, journal: Journal) -> bool:
    """Whether a move that is through has its folder still, and so maybe its key: the folder goes last."""
    return not journal.unfinished and io.exists(f"{names.FOLDER}/{journal.id}")


def progress(io: HostIO, move: str) -> dict[str, t.Any]:
    """What a copy under way tells of itself; empty when none is, or it has not begun to tell."""
    text = io.read_text(f"{names.FOLDER}/{move}/progress.json")
    return dict(json.loads(text)) if text else {}


def run(project: str, io: HostIO, now: float) -> dict[str, object]:
    """The module's result."""
    journals = Store(io).all(project)
    moves = [to_plain(journal) for journal in journals]
    definition = Definitions(io).find(project) if project else None
    services: dict[str, list[t.Any]] = {"images": [], "volumes": []}
    if definition is not None:
        services["images"] = sorted({service.image for service in definition.project.services.values()})
        services["volumes"] = [
            {"name": entry.name} for entry in definition.project.volumes.values() if not entry.external
        ]
    return {
        "changed": False,
        "moves": moves,
        "due": due(journals, now),
        "left_behind": [{"id": entry.id, "side": entry.side} for entry in journals if is_left_behind(io, entry)],
        "progress": {journal.id: told for journal in journals if (told := progress(io, journal.id))},
        "fenced": bool(project) and Fence(io).mark(project) is not None,
        "definition": definition.render() if definition else "",
        "services": services,
    }


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec={"project_name": {"type": "str"}}, supports_check_mode=True)
    try:
        result = run(module.params["project_name"] or "", HostIO(), time.time())
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
