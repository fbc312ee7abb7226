# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mounts from mountinfo."""

from __future__ import annotations

import typing as t

import pytest
from contract_hosts import MOUNTS

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import (
    cgroup2_options,
    mount_of,
    parse_mountinfo,
)

MORE = """\
90 29 254:3 / /var rw,noatime shared:2 - xfs /dev/vdb rw,prjquota
91 90 254:4 / /var/lib/my\\040data rw - btrfs /dev/vdc rw
92 90 254:5 / /var rw - ext4 /dev/vdd rw
broken line
"""

TEST_PLACES: list[tuple[str, t.Optional[str]]] = [
    ("/home", "ext4"),
    ("/var/lib/docker", "ext4"),
    ("/var/lib/my data/x", "btrfs"),
    ("/variable", "ext4"),
    ("/sys/fs/cgroup/a", "cgroup2"),
]


@pytest.mark.parametrize(("path", "kind"), TEST_PLACES)
def test_mount_of(path: str, kind: t.Optional[str]) -> None:
    mount = mount_of(path, parse_mountinfo(MOUNTS + MORE))
    assert (mount.kind if mount else None) == kind


def test_last_mount_of_a_place_counts() -> None:
    found = mount_of("/var/x", parse_mountinfo(MOUNTS + MORE))
    assert found is not None
    assert (found.path, found.options) == ("/var", ("rw",))


def test_no_mounts() -> None:
    assert mount_of("/", parse_mountinfo("")) is None
    assert cgroup2_options([]) == []


def test_cgroup2_options() -> None:
    assert cgroup2_options(parse_mountinfo(MOUNTS)) == ["memory_recursiveprot", "nsdelegate"]
