# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of one cell, with hosts, a lab, runs and a client that only answer."""

from __future__ import annotations

import copy
import json
import typing as t
from pathlib import Path

import move_seen
import pytest
from faults import matrix, trial
from faults.remote import HandsError

from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

Json = dict[str, t.Any]
NAMES = {"source": "alpha", "target": "bravo"}


class Theatre:
    """What happens, in its order. ends: how each run of the move ends. reached: whether a phase is ever seen."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.ends: list[Json] = []
        self.reached = True
        self.log: list[Json] = []
        self.seen = copy.deepcopy(move_seen.moved())


class FakeHost:
    peer_address, workload_address = "192.0.2.2", "127.0.0.1:8080"

    def __init__(self, theatre: Theatre, side: str) -> None:
        self.theatre, self.side, self.name = theatre, side, NAMES[side]

    def close(self) -> None:
        pass

    def wait_until_ready(self, seconds: float) -> None:
        self.theatre.happened.append(f"{self.side} is ready")

    def ask(self, do: str, timeout_seconds: float = 90, **values: t.Any) -> Json:
        if do == "wait":
            return {"reached": self.theatre.reached}
        self.theatre.happened.append(f"{do} {values.get('name', '')} on the {self.side}".replace("  ", " "))
        if do == "observe":
            return dict(self.theatre.seen["hosts"][self.side])
        return {"log": self.theatre.log}


class FakeLab:
    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre

    def restore(self, hosts: list[str]) -> None:
        self.theatre.happened.append(f"restore {' and '.join(hosts)}")

    def cut_power(self, host: str) -> None:
        self.theatre.happened.append(f"cut {host}")

    def power_on(self) -> None:
        self.theatre.happened.append("power on")


class FakeRun:
    def __init__(self, theatre: Theatre, name: str) -> None:
        self.theatre, self.name = theatre, name
        self.alive = theatre.reached
        theatre.happened.append(name)
        self.end = {"action": "resume", "changed": 0, **theatre.ends.pop(0)}

    def kill(self) -> None:
        if self.alive:
            self.theatre.happened.append(f"kill {self.name}")
        self.alive = False

    def finish(self, seconds: float) -> Json:
        self.alive = False
        return {"name": self.name, "seconds": 1.0, "last_words": "" if self.end["rc"] == 0 else "fatal: x", **self.end}


class FakeClient:
    answers = True

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre

    def wait_for_more(self, count: int, seconds: float) -> bool:
        return self.answers

    def known(self) -> Json:
        return dict(self.theatre.seen["client"])

    def stop(self) -> None:
        self.theatre.happened.append("stop the client")


@pytest.fixture(name="theatre")
def fixture_theatre(monkeypatch: pytest.MonkeyPatch) -> Theatre:
    theatre = Theatre()
    monkeypatch.setattr(trial, "ClientProcess", lambda _addresses, _folder: FakeClient(theatre))
    monkeypatch.setattr(trial, "Run", lambda name, _inventory, _values, _log, _node: FakeRun(theatre, name))
    monkeypatch.setattr(trial.time, "sleep", lambda _seconds: None)
    return theatre


def do(theatre: Theatre, tmp_path: Path, cell: str, *ends: int, actions: t.Sequence[str] = ()) -> Json:
    """Run one cell; its record. ends: what the runs exit with."""
    theatre.ends = [{"rc": rc, **({"action": actions[index]} if actions else {})} for index, rc in enumerate(ends)]
    sides = {side: FakeHost(theatre, side) for side in NAMES}
    bench = trial.Bench(Path("inventory"), t.cast("t.Any", sides), t.cast("t.Any", FakeLab(theatre)), tmp_path)
    return trial.Trial(bench, matrix.parse(cell)[0], 1).run()


def test_a_control_node_is_killed(theatre: Theatre, tmp_path: Path) -> None:
    record = do(theatre, tmp_path, "started:control_killed", -9, 0, 0, actions=["begin", "resume", "there"])
    assert record["verdict"]["problems"] == []
    assert record["verdict"]["recovered"] == "by run 2"
    assert theatre.happened == [
        "restore alpha and bravo", "source is ready", "target is ready", "run 1", "kill run 1", "run 2", "run 3", "stop the client",
        "observe on the source", "observe on the target",
    ]  # fmt: skip
    kept = json.loads((tmp_path / "started-control_killed-1" / "record.json").read_text())
    assert kept["seen"]["hosts"]["target"]["comes_back"] is True


def test_a_source_without_power_gets_it_back_after_one_more_run(theatre: Theatre, tmp_path: Path) -> None:
    record = do(theatre, tmp_path, "switched:source_off", 4, 2, 0, 0)
    assert (record["verdict"]["problems"], record["verdict"]["recovered"]) == ([], "by run 3")
    middle = theatre.happened[3:-3]
    assert middle == ["run 1", "cut alpha", "run 2", "power on", "source is ready", "run 3", "run 4"]


def test_a_target_without_power_gets_it_back_before(theatre: Theatre, tmp_path: Path) -> None:
    do(theatre, tmp_path, "started:target_off", 4, 0, 0)
    assert theatre.happened[3:8] == ["run 1", "cut bravo", "power on", "target is ready", "run 2"]


def test_a_fault_on_a_host_is_caused_and_undone_there(theatre: Theatre, tmp_path: Path) -> None:
    theatre.log = [{"what": "whole again", "dropped": 9}]
    record = do(theatre, tmp_path, "volumes_precopied:source_target_cut", 2, 0, 0)
    assert record["verdict"]["problems"] == []
    assert theatre.happened[3:8] == [
        "run 1", "fault peer_cut on the source", "source is ready", "heal on the source", "run 2",
    ]  # fmt: skip
    assert record["fault_log"] == theatre.log


def test_a_second_control_node_is_run_beside(theatre: Theatre, tmp_path: Path) -> None:
    record = do(theatre, tmp_path, "final_delta:second_control", 0, 2, 0)
    assert (record["verdict"]["problems"], record["verdict"]["recovered"]) == ([], "by itself")
    assert theatre.happened[3:6] == ["run 1", "run of a second control node", "run 3"]


def test_no_run_follows_one_that_has_rolled_back(theatre: Theatre, tmp_path: Path) -> None:
    theatre.seen = copy.deepcopy(move_seen.rolled_back())
    record = do(theatre, tmp_path, "started:control_killed", -9, 0, actions=["begin", "roll_back"])
    assert (record["verdict"]["problems"], record["verdict"]["live"]) == ([], "source")
    assert "run 3" not in theatre.happened


def test_runs_that_never_finish_come_to_an_end(theatre: Theatre, tmp_path: Path) -> None:
    record = do(theatre, tmp_path, "started:control_killed", -9, 2, 2, 2, 2)
    assert record["verdict"]["recovered"] == "not at all"
    assert any("no run finished the move" in problem for problem in record["verdict"]["problems"])


def test_a_phase_that_is_not_seen_is_no_proof(theatre: Theatre, tmp_path: Path) -> None:
    theatre.reached = False
    record = do(theatre, tmp_path, "started:control_killed", 0, 0)
    assert record["verdict"]["problems"] == ["the fault did not take place: the phase was over before it was seen"]


def test_what_can_not_be_carried_out_is_a_failure(
    theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_lab: FakeLab, _hosts: list[str]) -> None:
        raise HandsError("no snapshot ready_to_move of alpha")

    monkeypatch.setattr(FakeLab, "restore", refuse)
    record = do(theatre, tmp_path, "started:control_killed")
    assert record["verdict"]["problems"] == ["could not be carried out: no snapshot ready_to_move of alpha"]
    assert record["verdict"]["ok"] is False


def test_a_writer_that_does_not_answer_before_is_no_proof(
    theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeClient, "answers", False)
    record = do(theatre, tmp_path, "started:control_killed")
    assert "the writer does not answer on the source (127.0.0.1:8080)" in record["verdict"]["problems"][0]
    assert theatre.happened[-1] == "stop the client"


def test_the_writer_is_a_workload_with_one_volume() -> None:
    values = trial.VARIABLES
    source = Source(definition=values["faults_definition"], project_name=values["faults_project"])
    project = read_project(source, lambda _path: None)
    (service,) = project.services.values()
    assert service.image == values["faults_image"]
    assert service.restart == "unless-stopped"
    assert service.environment["BALLAST_MIB"] == str(values["faults_ballast_mib"])
    assert [port.published for port in service.ports] == [8080]
    assert [volume.name for volume in project.volumes.values()] == [values["faults_volume"]]
