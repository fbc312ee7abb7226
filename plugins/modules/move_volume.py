#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_volume
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Brings the contents of volumes from a move's source to its target
description:
  - On the target it makes the volumes that are missing and tells their directories, for
    M(anycloud.container_host.move_key).
  - On the source it sends them, in rounds while the workload runs (O(phase=precopy)), and once more when it stands
    still (O(phase=final)). All volumes are sent in one module execution over one connection.
  - A volume whose directory is a btrfs subvolume is sent as the difference of two snapshots (C(btrfs-send(8))), where
    the target can take it so; RV(ways) tells. Nobody looks through its files then, and nothing is sent but what was
    written. Its directory at the target is exchanged in one step for what arrived. All others are sent with
    C(rsync(1)).
  - The last snapshot stays beside the volume's directory on both hosts, until M(anycloud.container_host.move_key) with
    C(state=absent) removes it with the key.
  - Content, hard links, holes, owners, modes, times to the nanosecond, access lists and extended attributes are kept;
    what is not in the source is deleted at the target. The label C(security.selinux) is left out, since it belongs to
    the host.
  - A round that was cut off is gone on with by the next one, which keeps what has arrived.
  - While it sends, C(progress.json) in the move's folder tells what is sent, the bytes done, percent, bytes per second
    and seconds left.
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
    description: The volumes.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The volume's name on this host, and what it is called in the move.
        type: str
        required: true
      path:
        description: Its directory. Without it, the engine is asked.
        type: path
      driver_opts:
        description: With O(side=target), options of the driver C(local) for a volume that has to be made.
        type: dict
        default: {}
      labels:
        description: With O(side=target), labels of a volume that has to be made.
        type: dict
        default: {}
      uid_map:
        description:
          - "With O(side=source), how numeric owners change, when the hosts have different subordinate ranges: each
            entry takes O(volumes[].uid_map[].count) ids from O(volumes[].uid_map[].source) on to those from
            O(volumes[].uid_map[].target) on. Ids in no range stay. A volume whose access lists name ids that would
            change is refused."
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
  state:
    description: With O(side=target), V(absent) removes the volumes from the engine, with what is in them.
    type: str
    choices: [present, absent]
    default: present
  phase:
    description:
      - With O(side=source), V(precopy) sends until one more round would not help, V(final) sends once and writes the
        manifest of what it sent to where the target compares it.
      - In check mode nothing is sent; RV(estimate) says what a round would take. The target is asked what it has when
        M(anycloud.container_host.move_key) has opened the way; until then it counts as empty.
    type: str
    choices: [precopy, final]
    default: precopy
  downtime_budget_ms:
    description: With O(phase=precopy), rounds end when the final one is estimated to take no longer. 0 for no budget.
    type: int
    default: 0
  max_rounds:
    description: With O(phase=precopy), the most rounds.
    type: int
    default: 8
  bandwidth_limit_kib_per_second:
    description: The most to send in a second, in KiB. 0 for no limit.
    type: int
    default: 0
  compress:
    description:
      - V(auto) compresses where sending takes longer than compressing would, which the first round's rate tells. Needs
        rsync 3.2.0 or later on both hosts for V(auto) to choose anything but V(never).
      - Snapshots are not compressed on their way; V(always) therefore sends all volumes with rsync.
    type: str
    choices: [auto, always, never]
    default: auto
  block_size_kib:
    description:
      - For rsync, the pieces large files are compared in, in KiB; 0 leaves it to rsync, which takes the root of a
        file's size (32 KiB for 1 GiB).
      - Each piece costs some 7 bytes, and one byte changed sends the whole of it. Databases that write pages all over
        large files are served best by the size of their pages, V(8) or V(16); files that are written in long runs by
        V(64).
    type: int
    default: 0
  checksum:
    description:
      - With O(phase=final), compare by content what size and time say is equal. It reads all on both hosts, so it is
        for when the manifests differ.
    type: bool
    default: false
  timeout_seconds:
    description: How long nothing may come over the connection before a round counts as cut off.
    type: int
    default: 60
  retries:
    description: How often a round that was cut off is begun again.
    type: int
    default: 3
seealso:
  - module: anycloud.container_host.move_volume_info
  - module: anycloud.container_host.move_volume_quiesce
  - module: anycloud.container_host.move_key
"""

EXAMPLES = r"""
- name: Make the volumes at the target
  anycloud.container_host.move_volume:
    move_id: shop-1
    side: target
    volumes:
      - name: shop_data

- name: Copy while the workload runs
  anycloud.container_host.move_volume:
    move_id: shop-1
    side: source
    phase: precopy
    downtime_budget_ms: 2000
    volumes:
      - name: shop_data

- name: Copy the rest while it stands still
  anycloud.container_host.move_volume:
    move_id: shop-1
    side: source
    phase: final
    volumes:
      - name: shop_data
"""

RETURN = r"""
volumes:
  description: Name of each volume -> its directory on this host; what C(move_key) takes on the target.
  returned: success
  type: dict
  sample: {"shop_data": "/var/lib/docker/volumes/shop_data/_data"}
created:
  description: With O(side=target), the names of the volumes that were made, or would be in check mode.
  returned: success
  type: list
  elements: str
rounds:
  description: With O(side=source), the rounds sent in this run, all volumes together.
  returned: success
  type: list
  elements: dict
  contains:
    wire_bytes:
      description: What was sent and received. What an attempt of rsync that was cut off had sent is not known.
      type: int
    moved_bytes:
      description: The data that were not at the target and had to be sent (before compression).
      type: int
    total_bytes:
      description: The size of all files, but for volumes that are sent by snapshots.
      type: int
    changed_files:
      description:
        - How many files, directories and others were made, changed or deleted, attributes alone included. By snapshots,
          times alone are not counted.
      type: int
    seconds:
      description: How long it took.
      type: float
    attempts:
      description: How often it was begun; more than 1 when it was cut off.
      type: int
wire_bytes:
  description: With O(side=source), the sum over the rounds of this run.
  returned: success
  type: int
moved_bytes:
  description: With O(side=source), the sum over the rounds of this run.
  returned: success
  type: int
estimate:
  description:
    - With O(side=source), what the next round is estimated to take, from the rounds before it. In check mode, and
      without a round, from the sizes.
  returned: success
  type: dict
  contains:
    bytes:
      description: What will have to be sent.
      type: int
    milliseconds:
      description: How long it will take; null when no rate is known.
      type: int
    link_bytes_per_second:
      description: The best rate of those rounds so far that sent enough to tell; null when none did.
      type: int
    changed_bytes_per_second:
      description: What the workload has changed while the round before the last one ran; null when there was none.
      type: int
ways:
  description: With O(side=source), outside check mode, name of each volume -> how it was sent.
  returned: success
  type: dict
  contains:
    way:
      description: V(btrfs) by snapshots, V(rsync) by files.
      type: str
    why:
      description: Why not by snapshots; empty for V(btrfs).
      type: str
  sample: {shop_data: {way: rsync, why: it is no btrfs subvolume}}
stopped_because:
  description:
    - With O(phase=precopy), why no more rounds were made.
    - V(fits) the budget is met, V(unchanged) nothing was left to send, V(not_shrinking) rounds no longer get smaller,
      V(max_rounds) there were enough; V(check_mode).
  returned: success
  type: str
  sample: fits
manifests:
  description: With O(phase=final), name of each volume -> the digest of its manifest, ids translated to the target's.
  returned: success
  type: dict
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient, connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rounds, snapshots
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.generation import demand_may_carry
from ansible_collections.anycloud.container_host.plugins.module_utils._move_options import (
    generation_options,
    move_options,
    sending_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender
from ansible_collections.anycloud.container_host.plugins.module_utils._move_staging import remove_staging


def on_target(module: AnsibleModule, io: HostIO, client: EngineClient, volumes: list[_host.Volume]) -> dict[str, t.Any]:
    present = module.params["state"] == "present"
    paths = _host.locate(client, volumes)
    difference = Difference()
    todo = [volume for volume in volumes if difference.compare(f"volume {volume.name}", volume.name in paths, present)]
    if not module.check_mode:
        for volume in todo:
            if present:
                client.create_volume(volume.name, _host.target_engine_arguments(volume))
            elif not volume.path:
                remove_staging(io, snapshots.staging(paths[volume.name], module.params["move_id"]))
                client.remove_volume(volume.name)
        paths = _host.locate(client, volumes)
    created = [volume.name for volume in todo] if present else []
    return {"changed": bool(difference), "diff": difference.before_after(), "volumes": paths, "created": created}


def on_source(
    module: AnsibleModule, io: HostIO, client: t.Optional[EngineClient], volumes: list[_host.Volume]
) -> dict[str, t.Any]:
    params = module.params
    files = key.Files(params["directory"], params["move_id"])
    paths = _host.locate(client, volumes)
    _host.all_there(io, volumes, paths)
    names = ("bandwidth_limit_kib_per_second", "compress", "checksum", "timeout_seconds", "downtime_budget_ms")
    more = ("max_rounds", "block_size_kib", "target_generation")
    manner = _host.Manner(**{name: params[name] for name in (*names, *more)})
    sender = Sender(io, files, params["retries"], 2 * params["timeout_seconds"], params["generation"])
    work = _host.VolumeSender(io, files, volumes, paths, manner, sender)
    done: list[rounds.Round] = []
    answer: dict[str, t.Any] = {"stopped_because": "", "manifests": {}}
    if module.check_mode:
        answer["stopped_because"] = "check_mode"
    elif params["phase"] == "precopy":
        done, answer["stopped_because"] = work.precopy()
    else:
        last, answer["manifests"] = work.final()
        done = [last]
    expected = work.estimate()
    moved = sum(entry.moved_bytes for entry in done)
    changed_files = sum(entry.changed_files for entry in done)
    answer["ways"] = {name: way.as_dict() for name, way in work.ways.items()}
    difference = Difference()
    if module.check_mode:
        preview = work.preview()
        # a target that can't be asked yet has nothing yet
        difference.compare("files to change", 0, "all" if preview is None else preview[0])
        expected = expected if preview is None else work.expected(preview[1])
    else:
        difference.compare("bytes moved", 0, moved)
        difference.compare("files changed", 0, changed_files)
    return {
        **answer,
        "changed": bool(difference),
        "diff": difference.before_after(),
        "volumes": paths,
        "rounds": [entry.as_dict() for entry in done],
        "wire_bytes": sum(entry.wire_bytes for entry in done),
        "moved_bytes": moved,
        "estimate": expected.as_dict(),
    }


def main() -> None:
    ids = {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {name: {"type": "int", "required": True} for name in ("source", "target", "count")},
    }
    volume = {
        "name": {"type": "str", "required": True},
        "path": {"type": "path"},
        "driver_opts": {"type": "dict", "default": {}},
        "labels": {"type": "dict", "default": {}},
        "uid_map": ids,
        "gid_map": ids,
    }
    module = AnsibleModule(
        argument_spec={
            **move_options(),
            **generation_options(),
            **sending_options(),
            **connection_options(),
            "side": {"type": "str", "choices": ["source", "target"], "required": True},
            "volumes": {"type": "list", "elements": "dict", "required": True, "options": volume},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "phase": {"type": "str", "choices": ["precopy", "final"], "default": "precopy"},
            "downtime_budget_ms": {"type": "int", "default": 0},
            "max_rounds": {"type": "int", "default": 8},
            "bandwidth_limit_kib_per_second": {"type": "int", "default": 0},
            "compress": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
            "block_size_kib": {"type": "int", "default": 0},
            "checksum": {"type": "bool", "default": False},
            "timeout_seconds": {"type": "int", "default": 60},
            "retries": {"type": "int", "default": 3},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        key.check(params, {})
        volumes = _host.read_volumes(params["volumes"])
        io = HostIO()
        demand_may_carry(io, params["move_id"], params["generation"])
        target = params["side"] == "target"
        asks = target or any(not volume.path for volume in volumes)
        client = connect(io, params["engine"], params["socket"] or "", 60) if asks else None
        result = on_target(module, io, client, volumes) if target and client else on_source(module, io, client, volumes)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
