# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role move from end to end on a stage: there, back, and there again after whatever fails."""

from __future__ import annotations

import signal
import typing as t
from pathlib import Path

import move_pairs
import pytest
from move_stage import Fault, Stage, two_hosts
from move_theatre import Theatre

from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, Lease
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


def around_the_stop(stage: Stage) -> list[tuple[str, str, str]]:
    """The runs of modules from when the target is made ready until the workload is seen to be healthy there."""
    found = []
    for name, host, arguments in stage.calls:
        word = "ready" if arguments.get("ready") else "direct" if arguments.get("direct") else ""
        word = word or arguments.get("moment") or arguments.get("step") or ""
        found += [(name, host, word)] if found or word == "ready" else []
        if word == "verify":
            break
    return found


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


@pytest.mark.slow
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
    # Each run of a module counts while the workload stands still: the run that stops it sees to the start as well.
    assert around_the_stop(stage) == [
        ("move_cutover", "bravo", "ready"),
        ("move_volume_quiesce", "alpha", "before"),
        ("move_cutover", "alpha", "direct"),
        ("move_workload", "bravo", "verify"),
    ]
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


@pytest.mark.slow
def test_where_the_target_does_not_wait_other_runs_go_on(tmp_path: Path) -> None:
    stage = two_hosts()
    stage.waits = False
    theatre = Theatre(tmp_path, stage)
    done = theatre.move()
    succeed(done)
    assert "bravo was not asked by alpha, so it takes longer: nobody waits here" in words(done)
    demand_there(theatre.stage)
    assert around_the_stop(theatre.stage)[2:] == [
        ("move_cutover", "alpha", "direct"),
        ("move_cutover", "bravo", ""),
        ("move_workload", "alpha", "hand_over"),
        ("move_workload", "bravo", "start"),
        ("move_workload", "bravo", "verify"),
    ]


FAULTS: list[tuple[Fault, str]] = [
    (Fault("move_journal", "alpha", where={"state": "begun"}), "begin"),
    (Fault("move_journal", "bravo", where={"state": "begun"}), "begin"),
    (Fault("move_workload", "bravo", where={"step": "stage"}), "stage"),
    (Fault("move_key", "bravo", where={"state": "present"}), "seed_images"),
    (Fault("move_image", "alpha"), "seed_images"),
    (Fault("move_image", "bravo", "gone"), "seed_images"),
    (Fault("move_volume_quiesce", "alpha"), "freeze"),
    (Fault("move_cutover", "bravo", where={"ready": True}), "ready"),
    (Fault("move_cutover", "bravo", "gone", where={"ready": True}), "ready"),
    (Fault("move_cutover", "alpha"), "freeze"),
    (Fault("move_cutover", "bravo", where={"ready": False}), "compare"),
    (Fault("move_cutover", "bravo", "gone", where={"ready": False}), "compare"),
    (Fault("move_workload", "bravo", where={"step": "start"}), "start"),
    (Fault("move_workload", "bravo", where={"step": "verify"}), "verify"),
    (Fault("move_volume_quiesce", "bravo"), "verify"),
]


@pytest.mark.walk
@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "step"), FAULTS, ids=[f"{fault.module}-{fault.host}-{step}-{fault.kind}" for fault, step in FAULTS]
)
def test_a_step_that_fails_leaves_the_workload_where_it_was(tmp_path: Path, fault: Fault, step: str) -> None:
    stage = two_hosts()
    stage.faults.append(fault)
    # those are steps of their own only then
    stage.waits = step not in ("compare", "start")
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
    assert '"wire_bytes": 1000' in words(done).replace('"1000"', "1000")
    assert '"volumes_equal": true' in words(done)
    assert '"stood_still_ms": 1500' in words(done).replace('"1500"', "1500")
    downtime = words(done).rpartition('"downtime_ms": ')[2].partition(",")[0]
    assert int(downtime.strip('"')) > 0
    demand_there(theatre.stage)
    assert {entry.rung for host in ("alpha", "bravo") for entry in journals(theatre.stage, host)} == {"cold"}
    assert "as it was told to" in journals(theatre.stage, "alpha")[0].facts["fell_to_cold"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"move_downtime_budget_ms": 2000}, "A cold move has no downtime budget"),
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
    assert not asked(theatre.stage, "move_cutover")


@pytest.mark.slow
def test_a_budget_that_rounds_do_not_reach_is_kept(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    done = theatre.move(move_downtime_budget_ms=1500, move_restart_ms=700)
    assert done.returncode != 0
    assert "estimated to take 900 ms, more than 800 ms, which move_downtime_budget_ms (1500) leaves" in words(done)
    assert "Measured were 5000 bytes per second sent, and 70 changed" in words(done)
    assert asked(theatre.stage, "move_volume")[-1][1]["downtime_budget_ms"] == 800
    demand_as_before(theatre.stage)


CRASHES = [
    Fault("move_journal", "bravo", "dies", where={"state": "begun"}),
    Fault("move_volume", "alpha", "dies", where={"side": "source", "phase": "precopy"}),
    Fault("move_cutover", "bravo", "dies", where={"ready": True}),
    Fault("move_cutover", "alpha", "dies"),
    Fault("move_cutover", "bravo", "dies", where={"ready": False}),
    Fault("move_workload", "bravo", "die", where={"step": "start"}),
    Fault("move_workload", "bravo", "dies", where={"step": "start"}),
    Fault("move_workload", "alpha", "dies", where={"step": "commit"}),
    Fault("move_workload", "alpha", "dies", where={"step": "release"}),
    # Both journals are through, and the keys are still there.
    Fault("move_workload", "bravo", "dies", where={"step": "release"}),
]


def named(crash: Fault) -> str:
    return "-".join([crash.kind, *map(str, crash.where.values()), *([] if crash.where else [crash.module, crash.host])])


@pytest.mark.walk
@pytest.mark.slow
@pytest.mark.parametrize("rerun", ["resume", "roll_back"])
@pytest.mark.parametrize("crash", CRASHES, ids=[named(crash) for crash in CRASHES])
def test_the_next_run_after_one_that_died(tmp_path: Path, crash: Fault, rerun: str) -> None:
    stage = two_hosts()
    stage.faults.append(crash)
    stage.waits = crash.where not in ({"ready": False}, {"step": "start"})
    theatre = Theatre(tmp_path, stage)
    assert theatre.move().returncode == -signal.SIGKILL  # by its own fault, and nobody else
    done = theatre.move(move_rerun=rerun)
    succeed(done)
    assert "taking over from" in words(done) or crash.where.get("step") == "release"
    if rerun == "resume" or crash.where.get("step") in ("commit", "release"):
        demand_there(theatre.stage)
    else:
        demand_as_before(theatre.stage)


@pytest.mark.slow
@pytest.mark.parametrize("dies", [False, True])
def test_a_workload_that_is_stopped_and_not_yet_copied(tmp_path: Path, dies: bool) -> None:
    stage = two_hosts()
    stage.ends_after = "freeze"
    stage.faults += [Fault("move_cutover", "alpha", "dies")] if dies else []
    theatre = Theatre(tmp_path, stage)
    done = theatre.move()
    if not dies:
        assert "the target can't be reached: timed out" in words(done)
        demand_as_before(theatre.stage)
        return
    assert done.returncode == -signal.SIGKILL
    assert living(theatre.stage) == []
    assert journals(theatre.stage, "alpha")[0].phase == "frozen"
    theatre.change(lambda stage: (setattr(stage, "ends_after", ""), setattr(stage, "direct", True)))
    succeed(theatre.move())
    demand_there(theatre.stage)


@pytest.mark.slow
@pytest.mark.parametrize("times", [2, 3])
def test_what_arrives_as_something_else_is_copied_by_content(tmp_path: Path, times: int) -> None:
    stage = two_hosts()
    stage.garbled = times  # the pre-copy, the last copy, and the one by content
    theatre = Theatre(tmp_path, stage)
    done = theatre.move()
    checked = [entry["checksum"] for host, entry in asked(theatre.stage, "move_cutover") if host == "alpha"]
    assert checked == [False, True]
    if times == 2:
        succeed(done)
        demand_there(theatre.stage)
    else:
        assert "the target does not have what the source sent: a: content" in words(done)
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


def take_port(stage: Stage) -> None:
    stage.hosts["bravo"].facts["host"]["listening"] = [{"port": 8080, "protocol": "tcp", "address": ""}]


def take_name(stage: Stage) -> None:
    taken = {"name": "shop-web-1", "project": "blog", "running": True, "anonymous_volumes": []}
    stage.hosts["bravo"].facts["host"]["containers"] = [taken]


def skew_clock(stage: Stage) -> None:
    stage.hosts["bravo"].facts["skew_seconds"] = 3600


def lower_standard(stage: Stage) -> None:
    stage.hosts["bravo"].facts = move_pairs.side(cgroup__version="v1")


def refuse_key(stage: Stage) -> None:
    stage.hosts["bravo"].down = True


def stop_nothing(_stage: Stage) -> None:
    """Leave the stage as it is."""


def begin_another(stage: Stage) -> None:
    journal = Journal("shop-1", "shop", "source", "alpha", "charlie", phase="volumes_precopied")
    Store(stage.hosts["alpha"].io).write(journal)


def break_journal(stage: Stage) -> None:
    stage.hosts["alpha"].io.write_atomic("/var/lib/container-host/moves/shop-1.json", "{")


def run_elsewhere(stage: Stage) -> None:
    """Another control node carries the very move out."""
    journal = Journal("shop-1", "shop", "source", "alpha", "bravo", lease=Lease("elsewhere:b:1:2", 1, 2_000_000.0))
    Store(stage.hosts["alpha"].io).write(journal)


REFUSALS: list[tuple[str, t.Callable[[Stage], None], dict[str, t.Any], str]] = [
    ("names", stop_nothing, {"workload": "", "from": "alpah", "to": "bravo"},
     ("move_workload: no workload is named; give its project name: -e workload=shop move_source: no host 'alpah' is in the "
     "inventory; did you mean alpha?")),
    ("same host", stop_nothing, {"to": "alpha"}, "move_target: alpha is the source as well; name another host to go to"),
    ("unknown workload", stop_nothing, {"workload": "blog"}, "blog was not deployed on alpha by the role workload"),
    ("wrong host", stop_nothing, {"from": "bravo", "to": "alpha"}, "shop was not deployed on bravo by the role workload"),
    ("below the standard", lower_standard, {}, "below_standard: The target does not meet move_standard"),
    ("port", take_port, {}, "port_taken: web: The port is taken."),
    ("name", take_name, {}, "name_taken: web: Another container has the name."),
    ("no estimate", stop_nothing, {"move_downtime_budget_ms": 1000, "move_rung": "cold"},
     "budget_unknown: There is a budget, and no estimate"),
    ("budget", stop_nothing,
     {"move_downtime_budget_ms": 1, "move_link_bytes_per_second": 1000, "move_changed_bytes_per_second": 1, "move_restart_ms": 9000},
     "over_budget: The workload would stand still for longer than move_downtime_budget_ms."),
    ("key", refuse_key, {}, "the target doesn't answer; bring it back or name another target. bravo: "),
    ("clock", skew_clock, {}, "clock_skew: The clocks differ by more than move_max_clock_skew_seconds."),
    ("another move", begin_another, {}, ("shop is being moved from alpha to charlie (move shop-1, phase volumes_precopied); "
     "finish that one first: run it from alpha to charlie, or roll it back so (move_rerun=roll_back)")),
    ("journal", break_journal, {}, "alpha: /var/lib/container-host/moves/shop-1.json: is no JSON"),
    ("held", run_elsewhere, {"move_rerun": "roll_back"}, "is being carried out by elsewhere:b:1:2, for another"),
    ("not acceptable", stop_nothing, {"move_accepted": ["port_taken"]}, "port_taken can't be accepted"),
    ("transport", stop_nothing, {"move_transport": "pigeon"}, "value of move_transport must be one of: auto, direct, relay"),
]  # fmt: skip


@pytest.mark.walk
@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "variables", "words_of_it"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_a_move_that_can_not_be_is_refused_before_anything_begins(
    tmp_path: Path, change: t.Callable[[Stage], None], variables: dict[str, t.Any], words_of_it: str
) -> None:
    stage = two_hosts()
    change(stage)
    theatre = Theatre(tmp_path, stage)
    files = {name: dict(host.io.files) for name, host in stage.hosts.items()}
    done = theatre.move(**variables)
    assert done.returncode != 0
    assert words_of_it in words(done)
    after = theatre.stage
    assert {name: host.io.files for name, host in after.hosts.items()} == files
    assert living(after) == ["alpha"]
    assert not asked(after, "move_workload")
    assert not asked(after, "move_cutover")


@pytest.mark.slow
def test_many_at_a_time_and_where_they_stand(tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    move = {"workload": "shop", "source": "alpha", "target": "bravo"}
    twice = theatre.run("move_many", move_many=[move, {**move, "target": "alpha"}])
    assert twice.returncode != 0
    assert "shop is in move_many[0] as well; a workload is moved once at a time" in words(twice)
    assert not theatre.stage.calls

    theatre.change(lambda stage: stage.faults.append(Fault("move_cutover", "alpha", "dies")))
    theatre.change(lambda stage: setattr(stage, "waits", False))
    assert theatre.run("move_many", move_many=[move]).returncode != 0
    status = theatre.run("move_status")
    succeed(status)
    assert "shop alpha bravo under way frozen - move shop from alpha to bravo again" in words(status)
    other = {"workload": "blog", "source": "alpha", "target": "bravo"}
    done = theatre.run("move_many", move_many=[move, other], move_parallel=2)
    # one that fails does not hold the other one up
    assert done.returncode != 0
    assert "blog was not deployed on alpha" in words(done)
    demand_there(theatre.stage)
    status = theatre.run("move_status")
    assert "shop alpha bravo done released - -" in words(status)


ADVICE: list[tuple[Fault, dict[str, t.Any], str]] = [
    (Fault("move_journal", "alpha", where={"state": "begun"}), {}, "as it was told to. Nothing was begun"),
    (Fault("move_cutover", "alpha"), {"move_fall_back": False},
     "Run the move again, to finish it or, with move_rerun=roll_back, to go back"),
    (Fault("move_workload", "bravo", where={"step": "settle"}), {}, "bravo has taken over: run the move again, to finish it"),
    (Fault("move_workload", "bravo", "gone", where={"step": "verify"}), {},
     "bravo doesn't answer and may run the workload; bring bravo back"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "variables", "advice"), ADVICE, ids=["begin", "kept", "taken over", "target gone"])
def test_a_step_that_fails_where_the_run_does_not_go_back(
    tmp_path: Path, fault: Fault, variables: dict[str, t.Any], advice: str
) -> None:
    stage = two_hosts()
    stage.faults.append(fault)
    theatre = Theatre(tmp_path, stage)
    done = theatre.move(**variables)
    assert done.returncode != 0
    assert advice in words(done)
    assert len(living(theatre.stage)) <= 1
    theatre.change(lambda stage: setattr(stage.hosts["bravo"], "down", False))
    succeed(theatre.move())
    demand_there(theatre.stage)


@pytest.mark.slow
def test_an_engine_that_is_started_again_is_waited_for(tmp_path: Path) -> None:
    stage = two_hosts()
    stage.faults.append(Fault("move_workload", "bravo", "away", where={"step": "verify"}))
    theatre = Theatre(tmp_path, stage)
    succeed(theatre.move())
    demand_there(theatre.stage)
    steps = [entry["step"] for host, entry in asked(theatre.stage, "move_workload") if host == "bravo"]
    assert steps.count("verify") == 2


@pytest.mark.slow
@pytest.mark.parametrize("waits", [True, False])
def test_a_cutover_that_was_not_heard_to_the_end_is_not_undone_once_the_target_runs(
    tmp_path: Path, waits: bool
) -> None:
    stage = two_hosts()
    stage.waits = waits
    stage.faults.append(Fault("move_cutover", "alpha", "unheard"))
    theatre = Theatre(tmp_path, stage)
    done = theatre.move()
    assert done.returncode != 0
    if not waits:
        assert "its move was rolled back: freeze (alpha)" in words(done)
        demand_as_before(theatre.stage)
        return
    assert "bravo runs it by now, or is about to: run the move again, to finish it" in words(done)
    assert living(theatre.stage) == ["bravo"]
    succeed(theatre.move())
    demand_there(theatre.stage)


@pytest.mark.slow
def test_keys_that_a_dead_run_has_left_are_taken_away(tmp_path: Path) -> None:
    stage = two_hosts()
    stage.faults.append(Fault("move_workload", "bravo", where={"step": "verify"}))
    stage.faults.append(Fault("move_workload", "alpha", "dies", where={"step": "restore"}))
    theatre = Theatre(tmp_path, stage)
    assert theatre.move().returncode == -signal.SIGKILL  # by its own fault, and nobody else
    demand_as_before(theatre.stage)
    assert all(host.keys for host in theatre.stage.hosts.values())
    succeed(theatre.run("move_clean"))
    assert not any(host.keys for host in theatre.stage.hosts.values())
    demand_as_before(theatre.stage)
