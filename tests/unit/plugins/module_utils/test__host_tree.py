# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trees are read with all a copy must have, from a real file system."""

from __future__ import annotations

import hashlib
import os
import stat
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

if t.TYPE_CHECKING:
    from pathlib import Path


def test_a_tree_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "file").write_bytes(b"x" * 10)
    os.link(tmp_path / "d" / "file", tmp_path / "second")
    (tmp_path / "up").symlink_to("d/..")
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "holes", "wb") as stream:
        stream.truncate(1 << 20)
    found = {entry.path: entry for entry in HostIO().read_tree(str(tmp_path))}
    assert sorted(found) == [".", "d", "d/e", "d/file", "holes", "pipe", "second", "up"]
    assert found["up"].target == "d/.."
    assert stat.S_ISFIFO(found["pipe"].mode)
    assert (found["d/file"].inode, found["d/file"].links) == (found["second"].inode, 2)
    assert found["holes"].size_bytes == 1 << 20
    assert found["holes"].allocated_bytes < 1 << 20
    assert list(HostIO().read_tree(str(tmp_path / "none"))) == []


def test_content_is_hashed_of_regular_files_only(tmp_path: Path) -> None:
    content = bytes(range(256)) * 8192 + b"end"
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    io = HostIO()
    os.utime(tmp_path / "a", ns=(1, 2))
    assert io.hash_file(str(tmp_path / "a")) == hashlib.sha256(content).hexdigest()
    assert os.stat(tmp_path / "a").st_atime_ns == 1
    assert [io.hash_file(str(tmp_path / name)) for name in ("link", "pipe", "none")] == [None, None, None]
