#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_cutover
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Stops a workload and sends what is left, and sees on the target that it is all there
description:
  - What has to happen while a workload stands still, in as few runs as may be, since each run takes time.
  - On the source it carries out the step C(freeze), as M(anycloud.container_host.move_workload) does, and then sends
    the volumes once more with their manifests, as M(anycloud.container_host.move_volume) does with
    O(anycloud.container_host.move_volume#module:phase=final). A workload that is stopped already is only sent.
  - On the target it compares the volumes with those manifests and, when they are equal, writes down that the phase
    C(final_delta) is complete. The journal does not say so of a target that has something else.
  - On the target, before all that, it makes ready with O(ready) whatever does not need the data, and leaves a process
    behind that waits for the source. With O(direct) the source talks with that, over the connection of the move's key.
    Once it has sent the data it asks whether they are there; the target compares and writes down that they are. Then
    the source writes down that it hands over, and the target starts the workload. No run of a module lies between the
    stop and the start then.
  - The process does what M(anycloud.container_host.move_workload) and this module do, by the same rules. It belongs to
    the run that left it there, and does nothing more once another one has taken the target's lease. It ends when the
    workload is started, when it is not wanted any more, and after O(lease_seconds).
  - All volumes are looked for before the workload is stopped. A run may end at any instant; it can be done again.
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._move_generation
  - anycloud.container_host._move_sending
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.action
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  side:
    description: Whether this host is the one the workload leaves or the one it goes to.
    type: str
    choices: [source, target]
    required: true
  volumes:
    description: The volumes of the workload.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The volume's name.
        type: str
        required: true
      path:
        description: Its directory. Without it, the engine is asked.
        type: path
      uid_map:
        description: With O(side=source), as in M(anycloud.container_host.move_volume).
        type: list
        elements: dict
        default: []
        suboptions: &range
          source:
            description: The first id on the source.
            type: int
            required: true
          target:
            description: The first id on the target.
            type: int
            required: true
          count:
            description: How many.
            type: int
            required: true
      gid_map:
        description: The same for groups.
        type: list
        elements: dict
        default: []
        suboptions: *range
  ready:
    description:
      - With O(side=target), make the workload's networks, containers and files, start none of them, and leave a process
        that waits for the source. Nothing that is made comes back with a boot. Nothing is compared.
      - Where C(podman-restart.service) would start containers at boot, containers are made once they are started.
    type: bool
    default: false
  direct:
    description:
      - With O(side=source), have the process that waits on the target compare and start. What can't be had so is left
        to the runs that come after; RV(why_not) tells.
    type: bool
    default: false
  checksum:
    description: With O(side=source), compare by content what size and time say is equal. It reads all on both hosts.
    type: bool
    default: false
  holder:
    description: Who writes the journal. By default the control node and the process of this run.
    type: str
  lease_seconds:
    description: With O(side=target), how long the lease holds from here on, and how long the source is waited for.
    type: int
    default: 900
  timeout_seconds:
    description: How long to wait in all for the services to stop, and for those that others of the workload wait for.
    type: int
    default: 300
seealso:
  - module: anycloud.container_host.move_info
  - module: anycloud.container_host.move_workload
  - module: anycloud.container_host.move_volume
  - module: anycloud.container_host.move_volume_info
"""

EXAMPLES = r"""
- name: Have the target wait for the source
  anycloud.container_host.move_cutover:
    side: target
    ready: true
    move_id: shop-20261129061500
    generation: 1
    volumes:
      - name: shop_data

- name: Stop the workload, send what is left, and have it started there
  anycloud.container_host.move_cutover:
    side: source
    direct: true
    move_id: shop-20261129061500
    generation: 1
    target_generation: 1
    volumes:
      - name: shop_data
  register: carried

- name: Stop the workload and send what is left
  anycloud.container_host.move_cutover:
    side: source
    move_id: shop-20261129061500
    generation: 1
    target_generation: 1
    volumes:
      - name: shop_data

- name: Compare the target with what was sent
  anycloud.container_host.move_cutover:
    side: target
    move_id: shop-20261129061500
    generation: 1
    volumes:
      - name: shop_data
  register: arrived
  failed_when: not arrived.equal
"""

RETURN = r"""
actions:
  description: What was done to the workload on this host, or would be in check mode, one line per action.
  returned: success, unless it was only compared
  type: list
  elements: str
  sample: [fence shop, stop_container shop-web-1]
rounds:
  description: With O(side=source), the copy, as in RV(anycloud.container_host.move_volume#module:rounds).
  returned: success, outside check mode
  type: list
  elements: dict
wire_bytes:
  description: With O(side=source), what was sent and received.
  returned: success, outside check mode
  type: int
moved_bytes:
  description: With O(side=source), the data that were not at the target.
  returned: success, outside check mode
  type: int
ways:
  description:
    - With O(side=source), name of each volume -> how it was sent, as in
      RV(anycloud.container_host.move_volume#module:ways).
  returned: success, outside check mode
  type: dict
manifests:
  description: With O(side=source), name of each volume -> the digest of its manifest, ids translated to the target's.
  returned: success, outside check mode
  type: dict
handed_over:
  description: With O(direct), whether the journal here has it that the target may start.
  returned: success, outside check mode
  type: bool
started:
  description: With O(direct), whether the target has said that it has started the workload.
  returned: success, outside check mode
  type: bool
why_not:
  description: With O(direct), why the target could not be asked; empty when it could.
  returned: success, outside check mode
  type: str
stood_still_seconds:
  description: With O(direct), from the order to stop until the target said it had started; null when not known.
  returned: success, outside check mode
  type: float
seconds_of:
  description:
    - With O(side=source), how long each part took, those before the stop included. The freeze is the fence and the
      stop, which is told by itself, too.
  returned: success, outside check mode
  type: dict
  sample: {get_ready: 0.4, freeze: 1.3, stop: 1.1, copy: 0.3, manifests: 0.1, compare: 0.1, start: 0.4}
volumes:
  description: With O(side=target), the volumes in the order asked for.
  returned: success, unless O(ready)
  type: list
  elements: dict
  contains:
    name:
      description: The volume's name.
      type: str
    equal:
      description: Whether it is what the source sent.
      type: bool
    differences:
      description: The first differences, by path, one line each.
      type: list
      elements: str
    manifest_sha256:
      description: The digest of the volume's manifest. Absent when it was found to be equal before.
      type: str
equal:
  description: Whether all volumes are equal; null when the source was not told. Nothing is written when they are not.
  returned: success, unless O(ready), and on the source outside check mode
  type: bool
journal:
  description: The journal afterwards, as in RV(anycloud.container_host.move_info#module:moves).
  returned: success
  type: dict
seconds:
  description: How long the run took on the host.
  returned: success
  type: float
"""

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_cutover_host as _cutover
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient, connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._host_talk import TalkingHostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import describe
from ansible_collections.anycloud.container_host.plugins.module_utils._move_direct import Direct
from ansible_collections.anycloud.container_host.plugins.module_utils._move_options import (
    generation_options,
    move_options,
    sending_options,
)

Json = dict[str, t.Any]


def writer_of(params: Json) -> _cutover.Writer:
    """Which run this is."""
    return _cutover.Writer(params["move_id"], params["holder"] or "", params["generation"], params["lease_seconds"])


def on_source(params: Json, io: TalkingHostIO, check_mode: bool) -> Json:
    """Stop the workload and send what is left; with ``direct``, have the target compare and start."""
    volumes = _host.read_volumes(params["volumes"])
    client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
    paths = _host.locate(client, volumes)
    _host.all_there(io, volumes, paths)
    writer, patience = writer_of(params), params["timeout_seconds"]
    if check_mode:
        return _cutover.told(_cutover.freeze(io, client, writer, patience, time.time, True))
    files = key.Files(params["directory"], params["move_id"])
    manner = _host.Manner(checksum=params["checksum"], target_generation=params["target_generation"])
    sending = _cutover.sender(io, files, volumes, paths, manner, params["generation"])
    direct = Direct(io, files, params["target_generation"]) if params["direct"] else None
    try:
        carried = _cutover.carry(io, client, writer, sending, direct, patience, time.time)
    finally:
        if direct is not None:
            direct.close()
    answer, sent = _cutover.told(carried.done), carried.difference().before_after()
    return {
        **answer,
        **carried.as_dict(),
        "changed": answer["changed"] or bool(carried.difference()),
        "diff": {side: {**answer["diff"][side], **sent[side]} for side in ("before", "after")},
    }


def get_ready(params: Json, io: TalkingHostIO, check_mode: bool) -> Json:
    """Make what does not need the data, and leave one behind who waits for the source."""
    # Most of the code. All that the one who waits needs has to be read by now.
    from ansible_collections.anycloud.container_host.plugins.module_utils import _move_waiting  # noqa: PLC0415

    volumes, patience = _host.read_volumes(params["volumes"]), params["timeout_seconds"]

    def engine() -> EngineClient:
        return connect(io, params["engine"], params["socket"] or "", patience)

    client, files, writer = engine(), key.Files(params["directory"], params["move_id"]), writer_of(params)
    paths = _host.locate(client, volumes)
    _host.all_there(io, volumes, paths)
    done = _move_waiting.make_ready(io, client, writer, patience, time.time, check_mode)
    if not check_mode:
        _move_waiting.Waiting(io, files, writer, volumes, paths, engine, patience, time.time).leave_behind()
    return _cutover.told(done)


def on_target(params: Json, io: TalkingHostIO, check_mode: bool) -> Json:
    """Compare, and write down that all of it is there; with ``ready``, make ready for that."""
    if params["ready"]:
        return get_ready(params, io, check_mode)
    volumes = _host.read_volumes(params["volumes"])
    asks = any(not volume.path for volume in volumes)
    client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"]) if asks else None
    paths = _host.locate(client, volumes)
    _host.all_there(io, volumes, paths)
    if _cutover.was_compared(io, writer_of(params)):
        # It may run by now, and is no more what was sent.
        found = [{"name": volume.name, "equal": True, "differences": []} for volume in volumes]
    else:
        found = _cutover.compare(io, key.Files(params["directory"], params["move_id"]), volumes, paths)
    equal = all(entry["equal"] for entry in found)
    return {"volumes": found, "equal": equal, **noted(params, io, time.time(), equal, check_mode)}


def noted(params: Json, io: HostIO, now: float, equal: bool, check_mode: bool) -> Json:
    """The part of the result about the journal."""
    before, after = _cutover.note(io, writer_of(params), equal, now, check_mode)
    return {
        "changed": _cutover.is_news(before, after),
        "journal": to_plain(after),
        "diff": {"before": describe(before), "after": describe(after)},
    }


def main() -> None:
    """Entry point."""
    ids = {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {name: {"type": "int", "required": True} for name in ("source", "target", "count")},
    }
    volume = {"name": {"type": "str", "required": True}, "path": {"type": "path"}, "uid_map": ids, "gid_map": ids}
    module = AnsibleModule(
        argument_spec={
            **move_options(),
            **generation_options(),
            **sending_options(),
            **connection_options(),
            "side": {"type": "str", "choices": ["source", "target"], "required": True},
            "volumes": {"type": "list", "elements": "dict", "required": True, "options": volume},
            "checksum": {"type": "bool", "default": False},
            **{name: {"type": "bool", "default": False} for name in ("ready", "direct")},
            "holder": {"type": "str"},
            "lease_seconds": {"type": "int", "default": 900},
            "timeout_seconds": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    params = module.params
    started = time.monotonic()
    try:
        key.check(params, {})
        act = on_source if params["side"] == "source" else on_target
        result = act(params, TalkingHostIO(), module.check_mode)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result, seconds=round(time.monotonic() - started, 3))


if __name__ == "__main__":
    main()
