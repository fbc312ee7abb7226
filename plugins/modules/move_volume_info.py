#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_volume_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Tells what is in volumes, and whether a move's target has what its source sent
description:
  - Tells size, file system and free space of each volume and, where asked, the digest of its manifest.
  - "A manifest has for every file of a volume: path, type, mode, owner, group, size, target of a link, which names are
    one file, device number, access lists and extended attributes, time to the nanosecond, and SHA-256. SELinux labels
    are left out. Equal digests mean equal volumes."
  - Made on both hosts after the pre-copy (O(manifest=keep)), they leave only what has changed since to be hashed while
    the workload stands still.
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  volumes:
    description: The volumes. One that is absent is told, not refused.
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
  manifest:
    description:
      - V(none) reads no file. V(keep) makes the manifest and keeps it in the move's folder, where it saves later ones
        the hashing of files that have not changed since. V(compare) does so too, and compares it with the one that
        M(anycloud.container_host.move_volume) has brought with
        O(anycloud.container_host.move_volume#module:phase=final).
    type: str
    choices: [none, keep, compare]
    default: none
  rehash:
    description: Hash every file, even if its size, times and inode are those of the manifest kept before.
    type: bool
    default: false
  differences:
    description: How many differences to name, per volume.
    type: int
    default: 20
seealso:
  - module: anycloud.container_host.move_volume
"""

EXAMPLES = r"""
- name: Compare what arrived with what was sent
  anycloud.container_host.move_volume_info:
    move_id: shop-1
    manifest: compare
    volumes:
      - name: shop_data
  register: arrived
  failed_when: not arrived.equal
"""

RETURN = r"""
volumes:
  description: The volumes in the order asked for.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The volume's name.
      type: str
    exists:
      description: Whether it is there. The other values are null when it is not.
      type: bool
    path:
      description: Its directory.
      type: str
    files:
      description: How many files, directories and others are in it.
      type: int
    size_bytes:
      description: The size of the regular files, each counted once whatever its number of names.
      type: int
    allocated_bytes:
      description: What they take on the disk; less than the size when there are holes.
      type: int
    file_system:
      description: The file system's type.
      type: str
      sample: ext4
    has_snapshots:
      description: Whether the volume could be sent as the difference of two snapshots; so far for btrfs subvolumes
        only.
      type: bool
    free_bytes:
      description: What may still be written to it, by the quota of a project and by the file system.
      type: int
    place:
      description: The same with what tells whether another directory shares it, as each of
        RV(anycloud.container_host.move_host_info#module:places).
      type: dict
    manifest_sha256:
      description: The manifest's digest, unless O(manifest=none).
      type: str
    hashed_bytes:
      description: How many bytes had to be read for it.
      type: int
    equal:
      description: With O(manifest=compare), whether it is the source's manifest.
      type: bool
    differences:
      description: With O(manifest=compare), the first differences, by path, one line each.
      type: list
      elements: str
equal:
  description: With O(manifest=compare), whether all volumes are equal; null otherwise.
  returned: success
  type: bool
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_manifest_host
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, manifest
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.durable import settle
from ansible_collections.anycloud.container_host.plugins.module_utils._move_options import move_options
from ansible_collections.anycloud.container_host.plugins.module_utils._move_place_host import place

UNKNOWN = (
    "path", "files", "size_bytes", "allocated_bytes", "file_system", "has_snapshots", "free_bytes", "place",
    "manifest_sha256", "hashed_bytes", "equal",
)  # fmt: skip


def read(io: HostIO, files: key.Files, name: str, path: str, params: dict[str, t.Any]) -> dict[str, t.Any]:
    kind, snapshots = _host.file_system(io, path)
    where = place(io, path)
    wanted = params["manifest"]
    if wanted == "none":
        made = manifest.build(io.read_tree(path), lambda _path: "")
    else:
        made = _move_manifest_host.make(io, files, name, path, params["rehash"])
    equal: t.Optional[bool] = None
    named: list[str] = []
    if wanted == "compare":
        equal, named = _move_manifest_host.compare_with_sent(io, files, name, made, params["differences"])
    return {
        "name": name,
        "exists": True,
        "path": path,
        "files": len(made.entries) - 1,
        "size_bytes": made.size_bytes,
        "allocated_bytes": made.allocated_bytes,
        "file_system": kind,
        "has_snapshots": snapshots,
        "free_bytes": min(where["free_bytes"], where["file_system_free_bytes"]),
        "place": where,
        "manifest_sha256": None if wanted == "none" else made.digest(),
        "hashed_bytes": 0 if wanted == "none" else made.hashed_bytes,
        "equal": equal,
        "differences": named,
    }


def main() -> None:
    volume = {"name": {"type": "str", "required": True}, "path": {"type": "path"}}
    module = AnsibleModule(
        argument_spec={
            **move_options(),
            **connection_options(),
            "volumes": {"type": "list", "elements": "dict", "required": True, "options": volume},
            "manifest": {"type": "str", "choices": ["none", "keep", "compare"], "default": "none"},
            "rehash": {"type": "bool", "default": False},
            "differences": {"type": "int", "default": 20},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        key.check(params, {})
        volumes = _host.read_volumes(params["volumes"])
        io = HostIO()
        asks = any(not volume.path for volume in volumes)
        client = connect(io, params["engine"], params["socket"] or "", 60) if asks else None
        paths = {name: path for name, path in _host.locate(client, volumes).items() if io.exists(path)}
        files = key.Files(params["directory"], params["move_id"])
        if params["manifest"] != "none":
            settle(io, paths.values())
        found = [
            read(io, files, volume.name, paths[volume.name], params)
            if volume.name in paths
            else {"name": volume.name, "exists": False, "differences": [], **dict.fromkeys(UNKNOWN)}
            for volume in volumes
        ]
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    equal = all(entry["equal"] for entry in found) if params["manifest"] == "compare" else None
    module.exit_json(changed=False, volumes=found, equal=equal)


if __name__ == "__main__":
    main()
