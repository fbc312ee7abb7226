# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark of moved data makes of what it counted."""

from __future__ import annotations

import typing as t

import move_data
import pytest
from support.link_facts import as_asked
from support.move_arms import Arm, Arms, plain_over_move
from support.move_world import MoveWorld, Sent
from support.shaping import Shape


def arm(*sent: Sent, had_to: int = 1000) -> Arm:
    return Arm([had_to] * len(sent), list(sent))


MOVE = arm(Sent(2.0, 1060, 1010), Sent(9.0, 1090, 1050), Sent(4.0, 1070, 1020))
PLAIN = arm(Sent(8.0, 1100, 1060), Sent(2.0, 1100, 1060), Sent(6.0, 1100, 1060))


def test_what_an_arm_comes_to() -> None:
    assert MOVE.payload_ratio() == 1.02
    assert MOVE.figures() == {
        "wire_over_needed": {"min": 1.06, "median": 1.07},
        "payload_over_needed": {"min": 1.01, "median": 1.02},
        "seconds": {"min": 2.0, "median": 4.0},
    }
    assert plain_over_move(PLAIN, MOVE) == 1.5


def test_on_loopback_headers_are_not_told_apart() -> None:
    assert set(arm(Sent(1.0, 1010, 1010)).figures()) == {"wire_over_needed", "seconds"}


def test_goals_and_ratios_over_a_link() -> None:
    arms = {
        "all of it, moved": MOVE, "all of it, plain": MOVE, move_data.RUNS: MOVE, "runs of 1 MiB, plain": PLAIN,
        "image, moved": MOVE,
    }  # fmt: skip
    goals, figures = move_data.outcome(arms, shaped=True)
    assert [(goal.value, goal.limit, goal.met) for goal in goals] == [(1.02, 1.02, True), (1.02, 1.05, True)]
    assert all(goal.figure.startswith("TCP payload over ") for goal in goals)
    ratios = {name: value for name, value in figures.items() if name != "arms"}
    assert ratios == {
        "seconds of the plain way over those of a move, all of it": 1.0,
        "seconds of the plain way over those of a move, runs of 1 MiB": 1.5,
    }
    assert set(figures["arms"]) == set(arms)


def test_without_an_engine_and_a_link_there_is_one_goal() -> None:
    goals, figures = move_data.outcome({move_data.RUNS: MOVE}, shaped=False)
    assert [goal.figure for goal in goals] == [f"wire over changed bytes, {move_data.RUNS} (median)"]
    assert set(figures) == {"arms"}


class FakeWorld:
    """Counts what it is told."""

    def counted(self, action: t.Callable[[], t.Any]) -> tuple[t.Any, Sent]:
        return action(), Sent(1.0, 220, 210)


def test_arms_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    arms = Arms(t.cast("MoveWorld", FakeWorld()))
    assert arms.take("x", lambda: None, 100, lambda: True) == 100
    assert arms.take("x", lambda: 200) == 200
    assert arms.arms["x"].had_to == [100, 200]
    assert capsys.readouterr().out.splitlines()[1] == "  x: 1.0500, 1.1000 with headers (1.00 s)"
    with pytest.raises(SystemExit, match="y: the copy differs"):
        arms.take("y", lambda: None, 100, lambda: False)
    assert "y" not in arms.arms


@pytest.mark.parametrize(
    ("words", "size_mib", "repetitions", "shape"),
    [
        ([], 1024, 5, None),
        (["--quick"], 128, 1, None),
        (["--shaped"], 256, 3, Shape()),
        (["--shaped", "--quick", "--repetitions", "2"], 64, 2, Shape()),
        (["--shaped", "--size-mib", "8", "--link-mbit", "10"], 8, 3, Shape(mbit=10)),
    ],
)
def test_command_line(
    monkeypatch: pytest.MonkeyPatch, words: list[str], size_mib: int, repetitions: int, shape: Shape | None
) -> None:
    monkeypatch.setattr("sys.argv", ["move_data.py", *words])
    options, asked = move_data.arguments()
    assert (options.size_mib, options.repetitions, asked) == (size_mib, repetitions, shape)


@pytest.mark.parametrize("words", [["--size-mib", "1"], ["--repetitions", "0"]])
def test_command_line_that_measures_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["move_data.py", *words])
    with pytest.raises(SystemExit):
        move_data.arguments()
    assert "--size-mib must be 2 or more, --repetitions 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("round_trip_ms", "mbit", "kept"), [(50.9, 93.0, True), (62.1, 93.0, False), (50.9, 79.0, False)]
)
def test_a_busy_machine_is_no_such_link(round_trip_ms: float, mbit: float, kept: bool) -> None:
    assert as_asked(Shape(), round_trip_ms, mbit) is kept
