# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move import table
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Entry, Journal, Lease

TOLD = {
    "what": "volume data", "done_bytes": 3 << 20, "percent": 30, "bytes_per_second": 1 << 20, "seconds_left": 7,
}  # fmt: skip


def journal(side: str, move: int = 1, **more: t.Any) -> Journal:
    plain = Journal(f"shop-{move}", "shop", side, "alpha", "bravo", history=(Entry(move, "began"),))
    return dataclasses.replace(plain, **more)


@pytest.mark.parametrize(
    ("journals", "state", "phase", "advice"),
    [
        ([journal("source", phase="released", outcome="released"), journal("target", phase="released", outcome="released")],
         "done", "released", ""),
        ([journal("source", phase="released", outcome="cleaned")], "done, nothing kept", "released", ""),
        ([journal("source", outcome="rolled_back"), journal("target", outcome="rolled_back")], "rolled back", "planned", ""),
        ([journal("source", phase="frozen"), journal("target", phase="volumes_precopied")], "under way", "frozen",
         "move shop from alpha to bravo again; with move_rerun=roll_back it goes back"),
        ([journal("source", phase="frozen")], "under way", "frozen",
         "move shop from alpha to bravo again; with move_rerun=roll_back it goes back (not read: bravo)"),
        ([journal("source", phase="frozen", intent="switched"), journal("target", phase="verified")], "under way",
         "verified", "move shop from alpha to bravo again, to finish it"),
        ([journal("source", outcome="rolling_back"), journal("target")], "rolling back", "planned",
         "move shop from alpha to bravo again, to finish it"),
        # the source is through, the target is not yet
        ([journal("source", phase="released", outcome="released"), journal("target", phase="switched")], "under way",
         "released", "move shop from alpha to bravo again, to finish it"),
        ([journal("source", outcome="rolled_back"), journal("target", phase="started")], "under way", "started",
         "move shop from alpha to bravo again; with move_rerun=roll_back it goes back"),
    ],
)  # fmt: skip
def test_one_move(journals: list[Journal], state: str, phase: str, advice: str) -> None:
    (row,) = table.rows(journals, {})
    assert (row.state, row.phase, row.next) == (state, phase, advice)
    assert (row.workload, row.source, row.target) == ("shop", "alpha", "bravo")


def test_the_unfinished_ones_come_first_then_the_newest() -> None:
    done = [journal("target", move, phase="released", outcome="released") for move in (1, 3)]
    found = table.rows([*done, journal("source", 2, lease=Lease("run", 1, 9))], {"shop-2": TOLD})
    assert [row.id for row in found] == ["shop-2", "shop-3", "shop-1"]
    assert (found[0].held_by, found[0].progress) == ("run", table.line(TOLD))
    assert found[1].progress == ""
    lines = table.text(found)
    assert lines[0].split() == list(table.COLUMNS)
    assert len(lines) == 4
    assert lines[1].index("alpha") == lines[0].index("from")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "volume data: 3.0 MiB, 30 %, 1.0 MiB/s, 7 s left"),
        ({"seconds_left": None}, "volume data: 3.0 MiB, 30 %, 1.0 MiB/s, time left not known"),
        ({"seconds_left": None, "percent": None}, "volume data: 3.0 MiB, 1.0 MiB/s, time left not known"),
        ({"seconds_left": 125}, "volume data: 3.0 MiB, 30 %, 1.0 MiB/s, 2 min 5 s left"),
        ({"seconds_left": 7300}, "volume data: 3.0 MiB, 30 %, 1.0 MiB/s, 2 h 1 min left"),
        ({"done_bytes": 100}, "volume data: 100 B, 30 %, 1.0 MiB/s, 7 s left"),
        ({"done_bytes": 5 << 40}, "volume data: 5.0 TiB, 30 %, 1.0 MiB/s, 7 s left"),
    ],
)
def test_progress_in_a_line(changes: dict[str, t.Any], expected: str) -> None:
    assert table.line({**TOLD, **changes}) == expected


def test_nothing_known() -> None:
    assert table.line({}) == ""
    assert table.text([]) == ["  ".join(table.COLUMNS)]
