# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault runner's command line: what it needs, what it takes from earlier runs, and what it records."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from faults import run

Json = dict[str, t.Any]


def record(cell: str, seed: int, ok: bool = True) -> Json:
    verdict = {"ok": ok, "acknowledged": 9, "lost": [] if ok else [3], "doubled": [], "recovered": "by run 2",
               "live": "target", "unanswered": 0, "longest_silence_seconds": 4.0,
               "problems": [] if ok else ["1 acknowledged records are lost: 3"]}  # fmt: skip
    return {"cell": cell, "seed": seed, "seconds": 60.0, "commit": "abc", "verdict": verdict}


@pytest.fixture(name="output")
def fixture_output(tmp_path: Path) -> Path:
    """What two runs have left, and one that was ended before it had anything to tell."""
    output = tmp_path / "output"
    for name, entry in (("a", record("started:target_off", 1)), ("b", record("started:target_off", 2, ok=False))):
        (output / name).mkdir(parents=True)
        (output / name / "record.json").write_text(json.dumps(entry))
    (output / "c").mkdir()
    return output


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["run.py", *words])
    monkeypatch.setattr(run.signal, "signal", lambda *_: None)
    return run.main()


def test_what_earlier_runs_left_is_told(output: Path, monkeypatch: pytest.MonkeyPatch, capsys: t.Any) -> None:
    assert call(monkeypatch, "--gather", "--output", str(output)) == 1
    said = capsys.readouterr().out
    assert "1 of 2 FAILED, lost 1, doubled 0" in said
    assert "1 passed, 1 failed: started:target_off seed 2" in said


def test_what_is_recorded_stands_beside_what_was(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    written: list[Json] = []
    proof = tmp_path / "move_faults.json"
    proof.write_text(json.dumps({"results": {"cells": {"frozen:source_off": {"seeds": [1]}}}}))
    monkeypatch.setattr(run, "PROOF", proof)
    monkeypatch.setattr(run, "write_proof", lambda **values: written.append(values))
    call(monkeypatch, "--gather", "--output", str(output), "--proof", "--cells", "started:target_off", "--seeds", "2")
    (found,) = written
    assert (found["name"], found["passed"], found["failed"], found["seconds"]) == ("move_faults", 1, 1, 120.0)
    assert set(found["results"]["cells"]) == {"frozen:source_off", "started:target_off"}
    assert found["command"].endswith("--cells started:target_off --seeds 2")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--inventory is needed to run anything"),
        (["--list", "--cells", "started:rain"], "'rain' is no fault"),
    ],
)
def test_what_can_not_be_meant(
    words: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: t.Any
) -> None:  # fmt: skip
    with pytest.raises(SystemExit):
        call(monkeypatch, *words)
    assert message in capsys.readouterr().err


def test_cells_are_listed_without_hosts(monkeypatch: pytest.MonkeyPatch, capsys: t.Any) -> None:
    assert call(monkeypatch, "--list", "--cells", "*:bit_flipped") == 0
    assert capsys.readouterr().out == "volumes_precopied:bit_flipped\n"


def test_hosts_that_are_not_in_the_inventory_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: t.Any
) -> None:
    monkeypatch.setattr(run, "read_inventory", lambda _path: {"alpha": {}})
    words = ["--inventory", "hosts.yml", "--source", "alpha", "--target", "bravo", "--output", str(tmp_path)]
    assert call(monkeypatch, *words) == 2
    assert "has no bravo; it has alpha" in capsys.readouterr().err
