# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a walk begins, and what it takes notice of."""

from __future__ import annotations

import stat

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.file_walk import (
    is_loose,
    mount_points,
    secured,
    starting_points,
)

FILE, DIRECTORY = stat.S_IFREG, stat.S_IFDIR

MODES = [
    (FILE | 0o666, True, 0o664),
    (FILE | 0o4757, True, 0o4755),
    (FILE | 0o664, False, 0o664),
    (DIRECTORY | 0o777, True, 0o1777),
    (DIRECTORY | 0o1777, False, 0o1777),
    (stat.S_IFLNK | 0o777, False, 0o775),
    (stat.S_IFSOCK | 0o666, False, 0o664),
]


@pytest.mark.parametrize(("mode", "loose", "afterwards"), MODES)
def test_mode(mode: int, loose: bool, afterwards: int) -> None:
    assert is_loose(mode) == loose
    if loose:
        assert secured(mode) == afterwards


MOUNTS = [
    ("1 0 8:1 / / rw - ext4 a rw", ["/"]),
    ("1 0 8:1 / / rw - ext4 a rw\n2 1 8:1 /srv /b\\040c rw - ext4 a rw", ["/"]),
    ("1 0 0:30 /@ / rw - btrfs a rw\n2 1 0:30 /@home /home rw - btrfs a rw", ["/", "/home"]),
    ("1 0 0:30 /@ / rw - btrfs a rw\n2 1 0:30 /@/srv /b rw - btrfs a rw", ["/"]),
    ("1 0 8:1 / / rw - ext4 a rw\n2 1 0:40 / /run rw - tmpfs a rw\n3 1 0:41 / /n rw - nfs4 a rw", ["/"]),
    ("1 0 0:50 / / rw - overlay a rw\n2 1 8:2 / /data rw shared:1 - ext4 b rw", ["/data"]),
]


@pytest.mark.parametrize(("mountinfo", "starts"), MOUNTS)
def test_starting_points(mountinfo: str, starts: list[str]) -> None:
    assert starting_points(mount_points(mountinfo), {"ext4", "btrfs"}) == starts
