# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Removing the snapshots a move keeps beside a volume. An engine can't remove a volume that has them beside it."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._move import snapshots

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def remove_staging(io: HostIO, staging: str) -> None:
    """Remove a directory with all the snapshots in it; an absent one is fine. Raises HostError."""
    if not io.exists(staging):
        return
    for name in io.list_directory(staging):
        remove_snapshot(io, f"{staging}/{name}")
    io.remove_tree(staging)


def remove_snapshot(io: HostIO, path: str) -> None:
    """Remove a subvolume, or a directory that is none. Raises HostError when it can't be."""
    if io.run(snapshots.delete_argv(path)).rc:
        # what was a plain directory until it was exchanged; or one that has subvolumes in it, which go bit by bit
        io.remove_tree(path)
