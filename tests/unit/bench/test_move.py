# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks of moves make of what they saw."""

from __future__ import annotations

import typing as t

import move
import move_many
import pytest
from support.move_hosts import MOVE, MeasuredError, Taken, definition, judge, parts_in

CLIENT: dict[str, t.Any] = {"acknowledged": [1, 2], "longest_silence_seconds": 4.321, "two_alive": []}


def test_the_ratio_is_that_of_the_medians() -> None:
    taken = {
        "move": [Taken(2.0, 100, 50), Taken(9.0, 120, 60), Taken(4.0, 110, 70)],
        "plain": [Taken(60.0, 62, 5), Taken(40.0, 42, 5), Taken(20.0, 22, 5)],
    }
    goals, figures = move.outcome(taken)
    assert (goals[0].value, goals[0].met) == (10.0, True)
    assert figures["arms"]["move"]["silence_seconds"] == {"min": 2.0, "median": 4.0}
    assert figures["arms"]["plain"]["acknowledged"] == 15
    taken["move"][2] = Taken(4.1, 110, 70)
    assert not move.outcome(taken)[0][0].met


LOG = """
TASK [anycloud.container_host.move : Report | Tell] ****************************
ok: [localhost] =>
    move_report:
        downtime_ms: 9000
        rung: precopy
        seconds_of:
            compare: 0.021
            copy: 0.208
            freeze: 3.5
            manifests: 0.016
            start: '0.5'
            stop: 1.1
        stood_still_ms: 1890
        volumes_equal: true
"""


def test_where_the_time_of_a_move_went() -> None:
    parts = parts_in(LOG)
    assert parts == {
        "stop": 1.1,
        "copy": 0.208,
        "manifests": 0.016,
        "compare": 0.021,
        "start": 0.5,
        "stood_still": 1.89,
    }
    assert parts_in("start: 3") == {}
    taken = {"move": [Taken(2.0, 9, 5, parts), Taken(2.0, 9, 5)], "plain": [Taken(20.0, 9, 5)]}
    arms = move.outcome(taken)[1]["arms"]
    assert arms["move"]["parts_seconds"]["stop"] == {"min": 1.1, "median": 1.1}
    assert "parts_seconds" not in arms["plain"]


def test_a_way_that_kept_everything() -> None:
    assert judge(CLIENT, "[1]\n[2]\n[3]\n", 77.77) == Taken(4.32, 77.8, 2)


@pytest.mark.parametrize(
    ("client", "records", "words"),
    [
        ({}, "[2]\n", "1 lost: \\[1\\]"),
        ({}, "[1]\n[1]\n[2]\n", "1 doubled: \\[1\\]"),
        ({"acknowledged": []}, "", "nothing was acknowledged"),
        ({"two_alive": [1.0]}, "[1]\n[2]\n", "two copies answered"),
    ],
)
def test_a_way_that_did_not_measures_nothing(client: dict[str, t.Any], records: str, words: str) -> None:
    with pytest.raises(MeasuredError, match=words):
        judge({**CLIENT, **client}, records, 1)


def test_each_arm_goes_in_each_direction_equally_often() -> None:
    runs = move_many.order(4)
    assert [side for _arm, side in runs] == ["source", "target"] * 4
    for side in ("source", "target"):
        arms = [arm for arm, begins in runs if begins == side]
        assert sorted(arms) == [move_many.ALL, move_many.ALL, move_many.ONE, move_many.ONE]


def test_many_at_once() -> None:
    goals, figures = move_many.outcome({move_many.ONE: [30, 20], move_many.ALL: [10, 15]}, 10)
    assert (goals[0].value, goals[0].met) == (2.0, True)
    assert figures["workloads"] == 10


def test_the_writer_of_a_benchmark() -> None:
    assert definition(0)["services"]["writer"]["ports"] == []
    made = definition(8080)["services"]["writer"]
    assert (made["ports"], made["environment"]) == (["8080:8080"], {"BALLAST_MIB": "1"})
    assert not any("bandwidth" in name for name in MOVE), "neither arm is held back"
