# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged to be right after a move, and everything that must be judged to be wrong."""

from __future__ import annotations

import copy
import typing as t

import pytest
from faults.judge import evidence, judge, shown
from move_seen import journal, moved, rolled_back, run

Json = dict[str, t.Any]


def put(case: Json, path: str, value: t.Any) -> Json:
    """The case with another value at a dotted path."""
    changed = copy.deepcopy(case)
    *way, last = path.split(".")
    place: t.Any = changed
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return changed


def test_a_move_that_went_well() -> None:
    verdict = judge(**moved())
    assert (verdict.ok, verdict.problems) == (True, [])
    assert (verdict.live, verdict.recovered) == ("target", "by run 2")
    assert (verdict.acknowledged, verdict.unanswered, verdict.longest_silence_seconds) == (4, 2, 12.3)
    assert verdict.as_dict()["ok"] is True


@pytest.mark.parametrize("target_journals", [[journal("target", "rolled_back")], []])
def test_a_move_that_was_rolled_back(target_journals: list[Json]) -> None:
    verdict = judge(**put(rolled_back(), "hosts.target.journals", target_journals))
    assert (verdict.problems, verdict.live, verdict.recovered) == ([], "source", "by run 2")


@pytest.mark.parametrize(
    ("runs", "recovered"),
    [
        ([run(0, "run 1"), run(0, "run 2")], "by itself"),
        ([run(4, "run 1"), run(2, "run 2", counts=False), run(0, "run 3")], "by run 3"),
        # a run that can't reach the source settles what it can, the next one finishes
        ([run(4, "run 1"), run(0, "run 2", 3, counts=False), run(0, "run 3", 5), run(0, "run 4")], "by run 3"),
        ([run(0, "run 1"), run(2, "of a second control node", counts=False), run(0, "run 3")], "by itself"),
        ([], ""),
    ],
)
def test_which_run_finished_the_move(runs: list[Json], recovered: str) -> None:
    verdict = judge(**put(moved(), "runs", runs))
    assert (verdict.problems, verdict.recovered) == ([], recovered)


def test_a_move_without_a_fault() -> None:
    case = moved()
    del case["injected"], case["runs"], case["client"]["answers_at_the_end"]
    assert judge(**case).ok


BOTH = [{"name": "writer-writer-1", "running": True, "restart": "no"}]
WRONG: list[tuple[str, t.Any, str]] = [
    ("hosts.source.containers", BOTH, "two copies live: source: writer-writer-1; target: writer-writer-1"),
    ("hosts.target.containers.0.running", False, "no copy lives on either host"),
    ("client.two_alive", [1700000000.04], "two copies answered at 1700000000.0"),
    ("client.odd", ["7 at target: 'acknowledged 6'"], "answers that fit no question: 7 at target"),
    ("client.answers_at_the_end", False, "the workload did not answer after the move"),
    ("hosts.target.volume.numbers", [1, 2, 5, 4], "1 acknowledged records are lost: 3"),
    ("hosts.target.volume.numbers", [1, 2, 5, 3, 4, 3], "1 records are there twice: 3"),
    ("hosts.target.volume.numbers", [1, 2, 5, 3, 4, 9], "1 records nobody asked for: 9"),
    ("hosts.target.volume.ballast_whole", False, "the large file on the target is not as it was made"),
    ("hosts.target.volume", None, "the live copy on the target has no volume"),
    ("hosts.source.volume.numbers", [1, 2, 6], "the kept copy has records the live one hasn't: 6"),
    ("hosts.source.volume.numbers", [2, 1, 5], "the kept copy has records the live one hasn't: in another order"),
    ("hosts.source.journals", [journal("source", "active", "frozen")], "the move writer-1 is active on the source, after frozen"),
    ("hosts.target.journals", [journal("target", "rolling_back")], "the move writer-1 is rolling_back on the target"),
    ("hosts.source.journals", [journal("source", "rolled_back")], "the journals say rolled_back on the source, released on the"),
    ("hosts.target.journals", [], "the journals say released on the source, nothing on the target"),
    ("hosts.source.comes_back", True, "the source and the target would start it at boot"),
    ("hosts.target.comes_back", False, "lives on the target, and none of them would start it at boot"),
    ("hosts.target.keys", ["/root/.ssh/authorized_keys: move:writer-1"], "on the target keys let in: /root/.ssh"),
    ("hosts.source.left", ["/var/lib/container-host/moves/writer-1"], "on the source files are left: /var/lib"),
    ("hosts.source.processes", ["ssh -F x -M -N target"], "on the source processes still run: ssh -F x"),
    ("hosts.source.fence", None, "the copy kept on the source is not fenced"),
    ("hosts.target.fence", {"move": "writer-1"}, "the copy on the target lives and is fenced by"),
    ("hosts.target.defined", False, "the copy on the target lives and its definition is not kept"),
    ("runs.2.rc", 2, "run 3, after the move was finished, ended with 2"),
    ("runs.2.changed", 4, "run 3, after the move was finished, changed 4 more"),
    ("runs", [run(-9, "run 1"), run(2, "run 2")], "no run finished the move: run 1 ended with -9, run 2 ended with 2"),
    ("injected", {"seen": False, "why": "it was over"}, "the fault did not take place: it was over"),
]  # fmt: skip
WRONG_ROLLED_BACK: list[tuple[str, t.Any, str]] = [
    ("hosts.target.containers", [{**BOTH[0], "running": False}], "on the target containers are left: writer-writer-1"),
    ("hosts.target.volume", {"numbers": [1], "torn": [], "ballast_whole": True}, "on the target the volume is left"),
    ("hosts.target.fence", {"move": "writer-1"}, "on the target a fence is left"),
    ("hosts.target.defined", True, "on the target the definition is left"),
    ("hosts.source.journals", [journal("source", "released")], "the journals say released on the source"),
    ("hosts.source.volume.numbers", [1, 2, 4], "1 acknowledged records are lost: 3"),
]


@pytest.mark.parametrize(("path", "value", "problem"), WRONG)
def test_what_is_wrong_after_a_move(path: str, value: t.Any, problem: str) -> None:
    verdict = judge(**put(moved(), path, value))
    assert not verdict.ok
    assert any(problem in found for found in verdict.problems), verdict.problems


@pytest.mark.parametrize(("path", "value", "problem"), WRONG_ROLLED_BACK)
def test_what_is_wrong_after_a_move_that_was_rolled_back(path: str, value: t.Any, problem: str) -> None:
    verdict = judge(**put(rolled_back(), path, value))
    assert any(problem in found for found in verdict.problems), verdict.problems


def test_a_client_that_was_never_answered_shows_nothing() -> None:
    case = put(put(moved(), "client.acknowledged", []), "client.unanswered", [1, 2, 3, 4, 5])
    assert judge(**case).problems == ["the client was not answered once, so nothing was shown"]


def test_what_is_lost_and_doubled_is_told_by_number() -> None:
    verdict = judge(**put(moved(), "hosts.target.volume.numbers", [1, 2, 5, 5]))
    assert (verdict.lost, verdict.doubled) == ([3, 4], [5])


@pytest.mark.parametrize(
    ("act", "reached", "alive", "log", "seen"),
    [
        ("kill_control", True, True, [], True),
        ("kill_control", False, True, [], False),
        ("power_cut", True, False, [], False),
        ("peer_cut", True, True, [{"what": "cut"}, {"what": "whole again", "dropped": 3}], True),
        ("peer_cut", True, True, [{"what": "cut"}, {"what": "whole again", "dropped": 0}], False),
        ("engine_kill", True, True, [], False),
        ("second_control", True, True, [{"what": "second run", "action": ""}], False),
        ("second_control", True, True, [{"what": "second run", "action": "resume"}], True),
        ("engine_kill", True, True, [{"what": "killed", "unit": "docker.service"}], True),
        ("bit_flip", True, True, [{"what": "not flipped"}], False),
        ("bit_flip", True, True, [{"what": "flipped", "at_byte": 0}], True),
        ("disk_full", True, True, [{"what": "disk full", "left": 0}], True),
    ],
)
def test_whether_a_fault_took_place(act: str, reached: bool, alive: bool, log: list[Json], seen: bool) -> None:
    found = evidence(act, reached, alive, log)
    assert found["seen"] is seen
    assert bool(found["why"]) is not seen


def test_many_values_are_cut_short() -> None:
    assert shown(list(range(12))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
