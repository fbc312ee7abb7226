# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move import rounds


def made(*values: tuple[int, float]) -> list[rounds.Round]:
    """Rounds from bytes and seconds."""
    return [rounds.Round(count, count, 1 << 30, 1 if count else 0, seconds) for count, seconds in values]


MB = 1_000_000

STOPS: list[tuple[str, list[rounds.Round], int, int, str]] = [
    ("no round yet", [], 1000, 8, ""),
    ("one round, much sent", made((1000 * MB, 10)), 0, 8, ""),
    ("one round alone does not say that the next one fits", made((100 * MB, 1)), 5000, 8, ""),
    ("nothing was left", made((1000 * MB, 10), (0, 0.5)), 0, 8, rounds.UNCHANGED),
    ("nothing to send at all", made((0, 0.5)), 0, 8, rounds.UNCHANGED),
    ("the next one fits", made((1000 * MB, 10), (100 * MB, 1)), 500, 8, rounds.FITS),
    ("the next one does not fit", made((1000 * MB, 10), (100 * MB, 1)), 50, 8, ""),
    ("rounds get smaller", made((1000 * MB, 10), (500 * MB, 5)), 0, 8, ""),
    ("rounds stay as they are", made((1000 * MB, 10), (500 * MB, 5), (450 * MB, 4.5)), 0, 8, rounds.NOT_SHRINKING),
    ("enough rounds", made((1000 * MB, 10), (500 * MB, 5)), 0, 2, rounds.MAX_ROUNDS),
]


@pytest.mark.parametrize(("_what", "done", "budget_ms", "most", "why"), STOPS)
def test_stop(_what: str, done: list[rounds.Round], budget_ms: int, most: int, why: str) -> None:
    assert rounds.stop(done, budget_ms, most) == why


ESTIMATES: list[tuple[list[rounds.Round], rounds.Estimate]] = [
    ([], rounds.Estimate(0, None)),
    # of the pace at which is written one round alone says nothing
    (made((1000 * MB, 10)), rounds.Estimate(1000 * MB, 10_000, 100 * MB, None)),
    # written in 10 s: 100 MB; so in 1 s: 10 MB, at 100 MB/s
    (made((1000 * MB, 10), (100 * MB, 1)), rounds.Estimate(10 * MB, 100, 100 * MB, 10 * MB)),
    # half a second of looking, whatever there is to send
    (made((1000 * MB, 10), (0, 0.5)), rounds.Estimate(0, 500, 100 * MB, 0)),
    # what hardly anything went over says nothing of the wire
    (made((300, 0.5)), rounds.Estimate(300, 500, None, None)),
]


@pytest.mark.parametrize(("done", "expected"), ESTIMATES)
def test_estimate(done: list[rounds.Round], expected: rounds.Estimate) -> None:
    assert rounds.estimate(done) == expected


def test_a_workload_slower_than_the_wire_ends_within_its_budget() -> None:
    wire, writes, looking = 100e6, 20e6, 0.2
    done: list[rounds.Round] = []
    waiting = 1e9
    while not rounds.stop(done, 1000, 20):
        seconds = looking + waiting / wire
        done.append(rounds.Round(int(waiting), int(waiting), 1 << 30, 1, seconds))
        waiting = writes * seconds
    assert rounds.stop(done, 1000, 20) == rounds.FITS
    assert looking + waiting / wire <= 1.0


def test_a_workload_faster_than_the_wire_does_not_go_on_for_ever() -> None:
    done: list[rounds.Round] = []
    waiting = 1e8
    while not rounds.stop(done, 1000, 100):
        seconds = waiting / 10e6
        done.append(rounds.Round(int(waiting), int(waiting), 1 << 30, 1, seconds))
        waiting = min(1e9, 30e6 * seconds)
    assert rounds.stop(done, 1000, 100) == rounds.NOT_SHRINKING
    assert len(done) == 2


@pytest.mark.parametrize(("rate", "worth"), [(0, False), (1e6, True), (12.5e6, True), (125e6, False)])
def test_compression_pays_on_a_slow_wire(rate: float, worth: bool) -> None:
    assert rounds.worth_compressing(rate) is worth
