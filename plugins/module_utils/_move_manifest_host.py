# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Manifests of this host's volumes: made, kept for the next time, and compared with one that was sent."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, manifest
from ansible_collections.anycloud.container_host.plugins.module_utils._move.manifest_compare import differences

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def make(io: HostIO, files: key.Files, name: str, path: str, rehash: bool = False) -> manifest.Manifest:
    """The manifest of a volume; files that have not changed since the one kept are not read again."""
    place = f"{files.kept}/{name}"
    text = None if rehash else io.read_text(place)
    kept = manifest.load(text, place) if text else None
    begun_ns = io.now_ns()
    made = manifest.build(io.read_tree(path), lambda relative: io.hash_file(f"{path}/{relative}"), kept, begun_ns)
    if not made.entries:
        raise HostError(f"{path}: is not there, so the volume {name} has no manifest")
    io.make_directory(files.kept, 0o700)
    io.write_atomic(place, manifest.dump(made), mode=0o600)
    return made


def compare_with_sent(
    io: HostIO, files: key.Files, name: str, found: manifest.Manifest, most: int
) -> tuple[bool, list[str]]:
    """Whether a volume is what the source sent, and the first differences."""
    place = f"{files.manifests}/{name}"
    text = io.read_text(place)
    if text is None:
        raise HostError(f"{place}: is not there; the source sends it with the final copy (move_volume, phase: final)")
    named, count = differences(manifest.load(text, place), found, most)
    if count > len(named):
        named.append(f"and {count - len(named)} more")
    return count == 0, named
