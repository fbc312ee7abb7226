# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of phases and faults, what the command line makes of it, and what its runs add up to."""

from __future__ import annotations

import typing as t

import pytest
from faults import matrix, report
from faults.host import FAULTS as ON_HOSTS
from faults.judge import EVIDENCE

from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.phases import PHASES
from ansible_collections.anycloud.container_host.plugins.module_utils._move.steps import WRITE, steps

ELSEWHERE = {"kill_control", "second_control", "power_cut"}


def test_every_phase_of_a_move_is_there() -> None:
    assert tuple(matrix.PHASES) == PHASES


def test_every_fault_can_be_caused_and_seen() -> None:
    assert {fault.act for fault in matrix.FAULTS.values()} == ELSEWHERE | set(ON_HOSTS)
    assert set(EVIDENCE) == {*ON_HOSTS, "second_control"}
    for fault in matrix.FAULTS.values():
        assert set(fault.phases) <= set(matrix.PHASES)
        assert fault.host in ("source", "target", "control")


def histories() -> dict[str, list[str]]:
    """What the journals of a move that goes well have in their history, from the steps themselves."""
    order = {
        "source": ["verdict", "volumes_precopied", "=freeze", "=hand_over", "=commit", "=release"],
        "target": ["images_seeded", "volumes_precopied", "final_delta", "=start", "=verify", "=settle", "=release"],
    }
    found = {}
    for side, words in order.items():
        journal = journals.take_lease(Journal("shop-1", "shop", side, "alpha", "bravo"), "node", 0, 60)
        for word in words:
            if not word.startswith("="):
                journal = journals.complete(journal, word, 0)
                continue
            for entry in steps()[word[1:]]:
                journal = entry.change(journal, 0) if entry.kind == WRITE else journal
        found[side] = [entry.what for entry in journal.history]
    return found


@pytest.mark.parametrize("phase", matrix.PHASES)
def test_the_word_that_a_phase_is_known_by_is_written(phase: str) -> None:
    side, word = matrix.PHASES[phase]
    assert any(line.startswith(word) for line in histories()[side])


def test_what_has_to_be_there_before_the_data_comes_before_the_workload_stops() -> None:
    for cell in matrix.all_cells():
        side, word = cell.trigger
        assert any(line.startswith(word) for line in histories()[side]), cell.name
    cut, killed = matrix.parse("final_delta:source_target_cut,final_delta:control_killed")
    words = histories()["source"]
    assert words.index(cut.trigger[1]) < words.index("begins frozen") < words.index(killed.trigger[1])


def test_the_essential_cells_are_cells() -> None:
    assert [cell.name for cell in matrix.parse("essential")] == list(matrix.ESSENTIAL)
    assert 4 <= len(matrix.ESSENTIAL) <= 6


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        ("started:control_killed", ["started:control_killed"]),
        ("started:target_off, frozen:source_off", ["started:target_off", "frozen:source_off"]),
        ("*:bit_flipped", ["volumes_precopied:bit_flipped"]),
        ("started:target_off,started:target_off", ["started:target_off"]),
        ("*:bad_link", ["images_seeded:bad_link", "volumes_precopied:bad_link", "final_delta:bad_link"]),
    ],
)
def test_cells_by_name(names: str, cells: list[str]) -> None:
    assert [cell.name for cell in matrix.parse(names)] == cells


def test_a_row_has_what_makes_sense_in_it() -> None:
    names = {cell.fault.name for cell in matrix.parse("verified:*")}
    assert "control_killed" in names
    assert not names & {"source_target_cut", "bad_link", "bit_flipped", "target_disk_full"}


def test_cells_that_are_none_are_all_named() -> None:
    with pytest.raises(matrix.MatrixError) as told:
        matrix.parse("nowhere:target_off,started:rain,verified:bit_flipped")
    assert str(told.value).splitlines() == [
        f"nowhere:target_off: 'nowhere' is no phase; use one of {', '.join(matrix.PHASES)}",
        f"started:rain: 'rain' is no fault; use one of {', '.join(matrix.FAULTS)}",
        "verified:bit_flipped: bit_flipped makes sense in volumes_precopied only",
    ]


def test_a_seed_gives_the_same_chance_again_and_another_one_another() -> None:
    cell = matrix.parse("volumes_precopied:source_target_cut")[0]
    sizes = {"volumes_precopied": 24 << 20}
    chances = [matrix.chance(cell, seed, 3, sizes) for seed in (1, 1, 2)]
    assert chances[0] == chances[1] != chances[2]
    assert all(3 << 20 <= chance.cut_after_bytes <= 12 << 20 for chance in chances)
    assert chances[0].cut_seconds < chances[2].cut_seconds
    assert chances[0].delay_seconds == 0, "what has to be there before the data are comes at once"
    for phase, most in (("planned", 3), ("started", matrix.QUICK_SECONDS)):
        cell = matrix.parse(f"{phase}:control_killed")[0]
        delays = [matrix.chance(cell, seed, 3, sizes).delay_seconds for seed in range(1, 40)]
        assert 0 <= min(delays) < max(delays) <= most
        assert max(delays) > most / 2


def record(cell: str, seed: int, **verdict: t.Any) -> dict[str, t.Any]:
    seen = {"ok": True, "acknowledged": 50, "lost": [], "doubled": [], "recovered": "by run 2", "live": "target",
            "unanswered": 3, "longest_silence_seconds": 10.0 + seed, "problems": []}  # fmt: skip
    return {"cell": cell, "seed": seed, "seconds": 60.0, "commit": "abc", "verdict": {**seen, **verdict}}


def test_runs_add_up_beside_those_of_before() -> None:
    lost = {"ok": False, "lost": [7, 8], "problems": ["2 acknowledged records are lost: 7, 8"], "live": ""}
    records = [record("started:target_off", 1), record("started:target_off", 2, **lost)]
    earlier = {"frozen:source_off": {"seeds": [1]}, "started:target_off": {"seeds": [9]}}
    cells = report.add_up(records, earlier)
    assert cells["frozen:source_off"] == {"seeds": [1]}
    found = cells["started:target_off"]
    assert (found["seeds"], found["passed"], found["lost"], found["acknowledged"]) == ([1, 2], 1, 2, 100)
    assert found["problems"] == ["seed 2: 2 acknowledged records are lost: 7, 8"]
    assert (found["lives_on"], found["longest_silence_seconds"]) == (["neither", "target"], 12.0)


def test_tables_name_what_failed() -> None:
    records = [record("started:target_off", 1), record("frozen:source_off", 1, ok=False, lost=[3], problems=["a", "b"])]
    cells = report.add_up(records)
    text = report.text_table(cells)
    assert text.index("frozen") < text.index("started"), "phases stand in their order"
    assert "0 of 1 FAILED, lost 1, doubled 0" in text
    table = report.markdown(cells)
    assert "| `started` |  | 1: lost 0, doubled 0, by run 2 |" in table
    assert "the source loses its power | the target loses its power and boots again" in table
    assert report.line(records[1]).splitlines()[1:] == ["         a", "         b"]
    assert report.line(records[1]).startswith("FAILED frozen:source_off seed 1: 50 acknowledged, 1 lost")


def test_a_fault_that_makes_no_sense_in_a_phase_has_a_dash() -> None:
    cells = report.add_up([record("started:target_off", 1), record("volumes_precopied:bit_flipped", 1)])
    assert "| `started` | - | 1: lost 0" in report.markdown(cells)
