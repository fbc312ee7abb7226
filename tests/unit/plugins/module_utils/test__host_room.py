# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What room is left, with real directories; the kernel's answers about projects are played."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def test_free_bytes(tmp_path: Path) -> None:
    assert HostIO().free_bytes(str(tmp_path)) > 0
    assert HostIO().free_bytes(str(tmp_path / "absent")) == 0


def test_real_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("there")
    assert HostIO().real_path(f"{tmp_path}/link/deeper") == os.path.realpath(tmp_path / "there" / "deeper")


def test_what_this_kernel_says_of_a_project(tmp_path: Path) -> None:
    assert HostIO().quota_project(str(tmp_path)) == 0
    assert HostIO().quota_project(str(tmp_path / "absent")) == 0


# What XFS and ext4 of Linux 6.1 were seen to answer: flags, sizes, number of extents, project.
@pytest.mark.parametrize(("flags", "project", "found"), [(0x200, 7, 7), (0, 0, 0), (0, 7, 0)])
def test_a_project(flags: int, project: int, found: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ioctl(_descriptor: int, request: int, argument: bytes) -> bytes:
        asked.append((request, len(argument)))
        return struct.pack("7I", flags, 0, 0, project, 0, 0, 0)

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    for machine in ("x86_64", "ppc64le"):
        answer = os.uname_result(("Linux", "alpha", "6.1", "#1", machine))
        monkeypatch.setattr(os, "uname", lambda answer=answer: answer)
        assert HostIO().quota_project(str(tmp_path)) == found
    # _IOR('X', 31, 28 bytes), by Linux' include/uapi/asm-generic/ioctl.h and powerpc's own.
    assert asked == [(0x801C581F, 28), (0x401C581F, 28)]


def test_a_file_system_without_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ioctl(*_arguments: object) -> bytes:
        raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    assert HostIO().quota_project(str(tmp_path)) == 0
