# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role move from end to end on a stage: there, back, and there again after whatever fails."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from move_stage import Fault, Stage, two_hosts
from move_theatre import Theatre

from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

if t.TYPE_CHECKING:
    import subprocess


def journals(stage: Stage, host: str) -> list[Journal]:
    return Store(stage.hosts[host].io).all()


def living(stage: Stage) -> list[str]:
    return [name for name, host in stage.hosts.items() if host.lives]


def asked(stage: Stage, module: str) -> list[tuple[str, dict[str, t.Any]]]:
    return [(host, arguments) for name, host, arguments in stage.calls if name == module]


def words(done: subprocess.CompletedProcess[str]) -> str:
    """What a run said, in one line: the callback breaks and escapes it."""
    return " ".join((done.stdout + done.stderr).replace("\\n", " ").replace("\\", "").split())


def succeed(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def demand_there(stage: Stage) -> None:
    """The workload is on bravo, and nothing is left of the move but what alpha keeps."""
    assert living(stage) == ["bravo"]
    assert stage.hosts["bravo"].data == stage.hosts["alpha"].data
    assert [entry.outcome for host in stage.hosts for entry in journals(stage, host)] == ["released", "released"]
    assert not any(host.keys for host in stage.hosts.values())


def demand_as_before(stage: Stage) -> None:
    """The workload is on alpha, and bravo has nothing of it."""
    assert living(stage) == ["alpha"]
    assert not stage.hosts["bravo"].engine.by_name
    assert not stage.hosts["bravo"].engine.volume_labels
    assert not any(entry.unfinished for host in stage.hosts for entry in journals(stage, host))


def test_there_and_back(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    foretold = theatre.move("--check")
    succeed(foretold)
    assert "'verdict': 'precopy'" in words(foretold) or '"verdict": "precopy"' in words(foretold)
    assert living(theatre.stage) == ["alpha"]
    assert journals(theatre.stage, "alpha") == []

    succeed(theatre.move())
    stage = theatre.stage
    demand_there(stage)
    assert {entry["user"] for _host, entry in asked(stage, "move_key") if entry["address"]} == {"admin"}
    moments = [(host, entry["moment"]) for host, entry in asked(stage, "move_volume_quiesce")]
    assert moments == [("alpha", "before"), ("bravo", "after")]
    order = [name for name, _host, _arguments in stage.calls]
    assert order.index("move_volume_quiesce") < next(
        index for index, call in enumerate(stage.calls) if call[2].get("step") == "freeze"
    )
    assert not asked(stage, "move_relay") or {entry["state"] for _host, entry in asked(stage, "move_relay")} == {
        "absent"
    }

    again = theatre.move()
    succeed(again)
    assert "there: shop lives on bravo already" in words(again)
    assert "changed=0" in words(again)
    demand_there(theatre.stage)

    succeed(theatre.run("move_back", workload="shop"))
    stage = theatre.stage
    assert living(stage) == ["alpha"]
    assert stage.hosts["alpha"].data == stage.hosts["bravo"].data
    assert [entry.outcome for entry in journals(stage, "alpha")] == ["released", "released"]


FAULTS: list[tuple[Fault, str]] = [
    (Fault("move_journal", "alpha", where={"state": "begun"}), "begin"),
    (Fault("move_journal", "bravo", where={"state": "begun"}), "begin"),
    (Fault("move_workload", "bravo", where={"step": "stage"}), "stage"),
    (Fault("move_key", "bravo", where={"state": "present"}), "seed_images"),
    (Fault("move_image", "alpha"), "seed_images"),
    (Fault("move_image", "bravo", "gone"), "seed_images"),
    (Fault("move_volume_quiesce", "alpha"), "freeze"),
    (Fault("move_workload", "alpha", where={"step": "freeze"}), "freeze"),
    (Fault("move_volume", "alpha", where={"phase": "final"}), "final_delta"),
    (Fault("move_volume_info", "bravo", "gone", where={"manifest": "compare"}), "final_delta"),
    (Fault("move_workload", "bravo", where={"step": "start"}), "start"),
    (Fault("move_workload", "bravo", where={"step": "verify"}), "verify"),
    (Fault("move_volume_quiesce", "bravo"), "verify"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "step"), FAULTS, ids=[f"{fault.module}-{fault.host}-{step}" for fault, step in FAULTS]
)
def test_a_step_that_fails_leaves_the_workload_where_it_was(tmp_path: Path, fault: Fault, step: str) -> None:
    stage = two_hosts()
    stage.faults.append(fault)
    theatre = Theatre(tmp_path, stage)
    done = theatre.move()
    assert done.returncode != 0
    assert step in words(done)
    assert living(theatre.stage) == ["alpha"]
    if fault.where.get("state") != "begun" or fault.host != "alpha":
        assert "shop lives on alpha as before; its move was rolled back" in words(done)

    theatre.change(lambda stage: setattr(stage.hosts["bravo"], "down", False))
    if fault.kind == "gone":
        # What the lost host has of the move goes first; it is a run of its own.
        succeed(theatre.move())
        demand_as_before(theatre.stage)
    else:
        demand_as_before(theatre.stage)
    succeed(theatre.move())
    assert living(theatre.stage) == ["bravo"]


def test_precopy_that_fails_falls_to_cold(tmp_path: Path) -> None:
    stage = two_hosts()
    stage.faults.append(Fault("move_volume", "alpha", where={"side": "source", "phase": "precopy"}))
    theatre = Theatre(tmp_path, stage)
    done = theatre.move()
    succeed(done)
    assert "copying while shop runs failed, so it is copied once it stands still" in words(done)
    demand_there(theatre.stage)
    assert {entry.rung for host in ("alpha", "bravo") for entry in journals(theatre.stage, host)} == {"cold"}
    assert "as it was told to" in journals(theatre.stage, "alpha")[0].facts["fell_to_cold"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"move_downtime_budget_ms": 2000, "move_accepted": ["budget_unknown"]}, "A cold move has no downtime budget"),
        ({}, "The target is not reached any more"),
    ],
)
def test_precopy_does_not_fall_to_cold_for_nothing(tmp_path: Path, variables: dict[str, t.Any], reason: str) -> None:
    stage = two_hosts()
    stage.faults.append(Fault("move_volume", "alpha", where={"side": "source", "phase": "precopy"}))
    stage.ends_after = "" if variables else "move_image"
    theatre = Theatre(tmp_path, stage)
    done = theatre.move(**variables)
    assert done.returncode != 0
    assert reason in words(done)
    demand_as_before(theatre.stage)
    assert not any(entry.get("step") == "freeze" for _host, entry in asked(theatre.stage, "move_workload"))


@pytest.mark.slow
def test_a_budget_that_rounds_do_not_reach_is_kept(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    done = theatre.move(move_downtime_budget_ms=500, move_accepted=["budget_unknown"])
    assert done.returncode != 0
    assert "estimated to take 900 ms, more than move_downtime_budget_ms (500)" in words(done)
    demand_as_before(theatre.stage)


CRASHES = [
    Fault("move_journal", "bravo", "dies", where={"state": "begun"}),
    Fault("move_volume", "alpha", "dies", where={"side": "source", "phase": "precopy"}),
    Fault("move_workload", "alpha", "dies", where={"step": "freeze"}),
    Fault("move_workload", "bravo", "die", where={"step": "start"}),
    Fault("move_workload", "bravo", "dies", where={"step": "start"}),
    Fault("move_workload", "alpha", "dies", where={"step": "commit"}),
    Fault("move_workload", "alpha", "dies", where={"step": "release"}),
    # Both journals are through, and the keys are still there.
    Fault("move_workload", "bravo", "dies", where={"step": "release"}),
]


@pytest.mark.slow
@pytest.mark.parametrize("rerun", ["resume", "roll_back"])
@pytest.mark.parametrize("crash", CRASHES, ids=[f"{crash.kind}-{list(crash.where.values())[-1]}" for crash in CRASHES])
def test_the_next_run_after_one_that_died(tmp_path: Path, crash: Fault, rerun: str) -> None:
    stage = two_hosts()
    stage.faults.append(crash)
    theatre = Theatre(tmp_path, stage)
    assert theatre.move().returncode < 0
    done = theatre.move(move_rerun=rerun)
    succeed(done)
    assert "taking over from" in words(done) or crash.where.get("step") == "release"
    if rerun == "resume" or crash.where.get("step") in ("commit", "release"):
        demand_there(theatre.stage)
    else:
        demand_as_before(theatre.stage)


@pytest.mark.slow
def test_hosts_that_do_not_see_each_other(tmp_path: Path) -> None:
    stage = two_hosts()
    stage.direct = False
    theatre = Theatre(tmp_path, stage)
    succeed(theatre.move())
    stage = theatre.stage
    demand_there(stage)
    relays = [entry for _host, entry in asked(stage, "move_relay")]
    assert relays[0]["source_command"][-3:] == ["alpha"] or relays[0]["source_command"][-1] == "alpha"  # root already
    assert relays[0]["target_command"][-1] == "bravo"
    assert relays[-1]["state"] == "absent"

    theatre = Theatre(tmp_path / "direct", stage=None)
    theatre.change(lambda stage: setattr(stage, "direct", False))
    done = theatre.move(move_transport="direct")
    assert "alpha does not reach bravo at bravo, port 22 (timed out)" in words(done)
    demand_as_before(theatre.stage)


@pytest.mark.slow
def test_what_is_kept_goes_after_its_time(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    succeed(theatre.move(move_keep_source_seconds=100))
    succeed(theatre.run("move_clean"))
    assert theatre.stage.hosts["alpha"].engine.by_name
    theatre.change(lambda stage: stage.hosts["alpha"].wait(101))
    succeed(theatre.run("move_clean"))
    assert not theatre.stage.hosts["alpha"].engine.by_name
    assert not theatre.stage.hosts["alpha"].engine.volume_labels
    assert living(theatre.stage) == ["bravo"]
    assert [entry.outcome for entry in journals(theatre.stage, "alpha")] == ["cleaned"]


@pytest.mark.slow
def test_what_has_come_back_is_not_cleaned(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    succeed(theatre.move(move_keep_source_seconds=100))
    succeed(theatre.run("move_back", workload="shop"))
    theatre.change(lambda stage: stage.hosts["alpha"].wait(1000))
    theatre.change(lambda stage: stage.hosts["bravo"].wait(1000))
    succeed(theatre.run("move_clean"))
    assert living(theatre.stage) == ["alpha"]
    assert theatre.stage.hosts["alpha"].engine.volume_labels
