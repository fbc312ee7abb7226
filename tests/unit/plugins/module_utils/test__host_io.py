# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host itself, in a folder of the test's own."""

from __future__ import annotations

import shutil
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

if t.TYPE_CHECKING:
    from pathlib import Path


def test_lock_that_cannot_be_taken_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=f"{tmp_path}: can't be locked: Is a directory"), HostIO().lock(str(tmp_path)):
        pass


def test_lock_that_is_held_is_waited_for_or_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with HostIO().lock(path), pytest.raises(HostError, match="busy"), HostIO().lock(path, "busy"):
        pass
    with HostIO().lock(path, "busy"):
        pass


def test_a_tree_goes_though_another_one_removes_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "c").write_text("x")
    calls = []
    rmtree = shutil.rmtree

    def interrupted(path: str) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise FileNotFoundError(2, "No such file or directory", f"{path}/gone")
        rmtree(path)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    HostIO().remove_tree(str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()
    HostIO().remove_tree(str(tmp_path / "a"))
    assert len(calls) == 2
