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
  - "A manifest has for every file of a volume: path, type, mode, owner, group, size, target of a link, which names are one
    file, device number, access lists and extended attributes, time to the nanosecond, and SHA-256. SELinux labels are left
    out. Equal digests mean equal volumes."
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
      - V(none) reads no file. V(keep) makes the manifest and keeps it in the move's folder, where it saves later ones the
        hashing of files that have not changed since. V(compare) does so too, and compares it with the one that
        M(anycloud.container_host.move_volume) has brought with O(anycloud.container_host.move_volume#module:phase=final).
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
      description: Whether the volume could be sent as the difference of two snapshots; so far for btrfs subvolumes only.
      type: bool
    free_bytes:
      description: What may still be written to the file system.
      type: int
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
