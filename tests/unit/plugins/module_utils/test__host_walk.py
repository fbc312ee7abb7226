# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk over a folder of the test's own."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

if t.TYPE_CHECKING:
    from pathlib import Path


def test_walk_stays_where_it_began(tmp_path: Path) -> None:
    for name in ("d/e", "skipped/f"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "d" / "file").write_text("x")
    (tmp_path / "d" / "up").symlink_to("..")
    real = HostIO()
    walked = {entry.path: entry for entry in real.walk(str(tmp_path), lambda path: path.endswith("skipped"))}
    assert sorted(walked) == [str(tmp_path / name) for name in (".", "d", "d/e", "d/file", "d/up")]
    file = walked[str(tmp_path / "d" / "file")]
    assert real.identity(file.path) == (file.device, file.inode)
    assert list(real.walk(str(tmp_path / "none"), lambda path: False)) == []


def test_mode_is_set_on_no_other_file(tmp_path: Path) -> None:
    real = HostIO()
    path, victim = tmp_path / "file", tmp_path / "victim"
    for file in (path, victim):
        file.write_text("x")
        file.chmod(0o640)
    identity = real.identity(str(path))
    assert identity is not None
    assert real.set_mode_of(str(path), identity, 0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    path.symlink_to(victim)
    assert not real.set_mode_of(str(path), identity, 0o666)
    assert not real.set_mode_of(str(tmp_path / "none"), identity, 0o666)
    assert victim.stat().st_mode & 0o777 == 0o640
