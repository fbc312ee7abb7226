# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_way_back over results of move_info."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.move_way_back import filter_move_way_back
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Entry, Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain


def moved(source: str, target: str, at: float, outcome: str = "released", side: str = "target") -> Journal:
    plain = Journal(f"shop-{at:.0f}", "shop", side, source, target, outcome=outcome)
    return dataclasses.replace(plain, history=(Entry(at, "began"),))


def results(*journals: Journal) -> list[t.Any]:
    return [{"moves": [to_plain(journal)]} for journal in journals] + [{"unreachable": True}]


@pytest.mark.parametrize(
    ("journals", "expected"),
    [
        ([moved("alpha", "bravo", 1)], ("bravo", "alpha", "resume")),
        ([moved("alpha", "bravo", 1, "cleaned", "source")], ("bravo", "alpha", "resume")),
        ([moved("bravo", "charlie", 2), moved("alpha", "bravo", 1)], ("charlie", "bravo", "resume")),
        ([moved("alpha", "bravo", 1), moved("bravo", "alpha", 2, "rolled_back")], ("bravo", "alpha", "resume")),
        ([moved("alpha", "bravo", 1), moved("bravo", "alpha", 2, "active")], ("bravo", "alpha", "roll_back")),
    ],
)
def test_the_way_back(journals: list[Journal], expected: tuple[str, str, str]) -> None:
    assert tuple(filter_move_way_back(results(*journals), "shop").values()) == expected


@pytest.mark.parametrize(
    ("journals", "workload", "message"),
    [
        ([], "shop", "no host that answers has a move of 'shop' to undo; move it first"),
        ([moved("alpha", "bravo", 1)], "blog", "give workload, one that was moved: shop"),
        ([moved("alpha", "bravo", 1, "rolled_back")], "shop", "has a move of 'shop' to undo"),
        ([], "", "no workload is named"),
    ],
)
def test_nothing_to_undo(journals: list[Journal], workload: str, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        filter_move_way_back(results(*journals), workload)
