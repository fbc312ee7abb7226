# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible packs a module into is kept for the next run, and never used where something else could be in it."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.plugin_utils import _payload

NAME = f"{_payload.QUALIFIED}baseline-ZIP_DEFLATED-none"


class Runs:
    """Runs of Ansible one after the other: each has a temporary folder of its own."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self._base, self._patch, self._count = base / "home", base, monkeypatch, 0
        monkeypatch.setattr(_payload, "fingerprint", lambda: "one")
        monkeypatch.setattr(_payload, "foreign_utilities", lambda: False)
        monkeypatch.setattr(_payload.constants.config, "get_config_value", lambda _name: str(self.home))

    @property
    def kept(self) -> list[str]:
        return sorted(
            str(path.relative_to(self.home / _payload.KEPT)) for path in self.home.rglob("*") if path.is_file()
        )

    def once(self, hosts: int = 1, says: str = "packed") -> list[str]:
        """What each host of a run was sent: what was there before it, or what Ansible packed then."""
        self._count += 1
        temporary = self._base / f"run{self._count}"
        temporary.mkdir()
        self._patch.setattr(_payload.constants, "DEFAULT_LOCAL_TMP", str(temporary))
        return [self._host(temporary / "ansiballz_cache" / NAME, says) for _host in range(hosts)]

    @staticmethod
    def _host(packed: Path, says: str) -> str:
        with _payload.kept_payload("baseline"):
            if not packed.exists():
                packed.parent.mkdir(exist_ok=True)
                packed.write_text(says, encoding="utf-8")
                packed.with_name(f"{NAME}.lock").touch()
            return packed.read_text(encoding="utf-8")


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(tmp_path, monkeypatch)


def test_the_next_run_is_sent_what_the_first_packed(runs: Runs) -> None:
    assert runs.once(hosts=2, says="first") == ["first", "first"]
    assert runs.kept == [f"one/{NAME}"]
    assert runs.once(hosts=2, says="second") == ["first", "first"]


def test_other_code_is_packed_anew_and_takes_the_place_of_the_old(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.once(says="old")
    monkeypatch.setattr(_payload, "fingerprint", lambda: "two")
    assert runs.once(says="new") == ["new"]
    assert runs.kept == [f"two/{NAME}"]


def open_to_others(runs: Runs, _patch: pytest.MonkeyPatch) -> None:
    (runs.home / _payload.KEPT).chmod(0o777)


def with_utilities_of_the_user(_runs: Runs, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_payload, "foreign_utilities", lambda: True)


def with_a_file_in_the_way(runs: Runs, _patch: pytest.MonkeyPatch) -> None:
    runs.home.rename(runs.home.with_name("elsewhere"))
    runs.home.touch()


@pytest.mark.parametrize("unusual", [open_to_others, with_utilities_of_the_user, with_a_file_in_the_way])
def test_where_something_is_unusual_nothing_is_kept_or_used(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, unusual: t.Callable[[Runs, pytest.MonkeyPatch], None]
) -> None:
    runs.once(says="first")
    unusual(runs, monkeypatch)
    assert runs.once(says="second") == ["second"]


def test_a_disk_that_is_full_keeps_no_run_from_its_work(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_payload, "lay", full)
    assert runs.once(says="first") == ["first"]
    assert runs.kept == []


def test_a_copy_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("code", encoding="utf-8")
    monkeypatch.setattr(_payload.os, "rename", lambda _from, _to: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        _payload.lay(source, target)
    assert list(tmp_path.iterdir()) == [source]


def test_the_fingerprint_changes_with_every_file_that_may_be_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_payload, "COLLECTION", tmp_path)
    seen = {_payload.fingerprint.__wrapped__()}
    for number, name in enumerate(("plugins/module_utils/deep/a.py", "plugins/modules/b.py", "meta/runtime.yml")):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("one", encoding="utf-8")
        seen.add(_payload.fingerprint.__wrapped__())
        path.write_text("two", encoding="utf-8")
        seen.add(_payload.fingerprint.__wrapped__())
        assert len(seen) == 3 + 2 * number


def test_utilities_of_a_user_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "module_utils"
    monkeypatch.setattr(
        _payload.module_utils_loader,
        "print_paths",
        lambda: f"{folder}:{Path(_payload.ansible.__file__).parent / 'module_utils'}",
    )
    assert not _payload.foreign_utilities()
    folder.mkdir()
    assert not _payload.foreign_utilities()
    (folder / "basic.py").touch()
    assert _payload.foreign_utilities()


def test_a_store_that_is_removed_meanwhile_keeps_no_run_from_its_work(runs: Runs, tmp_path: Path) -> None:
    runs.once(says="first")
    (tmp_path / "run2").mkdir()
    used = tmp_path / "run2" / "ansiballz_cache"
    _payload.constants.DEFAULT_LOCAL_TMP = str(used.parent)  # put back by the fixture's monkeypatch
    shutil.rmtree(runs.home / _payload.KEPT / "one")
    with _payload.kept_payload("baseline"):
        (used / NAME).write_text("second", encoding="utf-8")
        shutil.rmtree(runs.home)
    assert runs.kept == []
