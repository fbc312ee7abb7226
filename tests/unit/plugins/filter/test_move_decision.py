# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_decision over results of move_info."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.move_decision import filter_move_decision
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain


def result(*journals: Journal) -> dict[str, t.Any]:
    return {"moves": [to_plain(journal) for journal in journals]}


OLD = Journal("shop-1", "shop", "source", "alpha", "bravo", phase="released", outcome="released")
NEW = Journal("shop-2", "shop", "source", "alpha", "bravo", phase="frozen")


def test_the_unfinished_move_counts_among_finished_ones() -> None:
    decision = filter_move_decision(result(OLD, NEW), result())
    assert (decision["action"], decision["id"]) == ("resume", "shop-2")


def test_a_finished_move_is_no_hindrance() -> None:
    decision = filter_move_decision(result(OLD), result())
    assert (decision["action"], decision["id"]) == ("begin", "")


ARRIVED = Journal("shop-1", "shop", "target", "alpha", "bravo", phase="released", outcome="released")
BACK = Journal("shop-3", "shop", "target", "bravo", "alpha", phase="released", outcome="released")
KEPT = Journal("shop-1", "shop", "source", "alpha", "bravo", phase="released", outcome="cleaned")
UNDONE = Journal("shop-4", "shop", "source", "alpha", "bravo", outcome="rolled_back")


@pytest.mark.parametrize(
    ("source", "target", "action"),
    [
        pytest.param({**result(OLD), "fenced": True}, {**result(ARRIVED), "definition": "x"}, "there", id="moved"),
        pytest.param({**result(KEPT), "fenced": True}, {**result(ARRIVED), "definition": "x"}, "there", id="cleaned"),
        pytest.param(
            {**result(OLD, BACK), "fenced": False}, {**result(ARRIVED), "definition": "x"}, "begin", id="came back"
        ),
        pytest.param(
            {**result(OLD), "fenced": True},
            {**result(ARRIVED), "definition": "x", "fenced": True},
            "begin",
            id="went on",
        ),
        pytest.param({**result(OLD), "fenced": True}, {**result(ARRIVED), "definition": ""}, "begin", id="was removed"),
        pytest.param({**result(OLD), "fenced": True}, {**result(), "definition": "x"}, "begin", id="no journal there"),
        pytest.param(
            {**result(OLD, UNDONE), "fenced": True},
            {**result(ARRIVED), "definition": "x"},
            "begin",
            id="the last was undone",
        ),
    ],
)
def test_a_workload_that_is_there_already(source: t.Any, target: t.Any, action: str) -> None:
    decision = filter_move_decision(source, target)
    assert decision["action"] == action
    if action == "there":
        assert decision["id"] == "shop-1"
        assert decision["reason"] == "shop lives on bravo already"
        assert [step["name"] for step in decision["steps"]] == ["remove_keys"]


def test_a_host_without_an_answer_is_unreachable() -> None:
    decision = filter_move_decision(result(NEW), {"unreachable": True})
    assert (decision["action"], decision["code"]) == ("roll_back", "target_unreachable_before_start")


@pytest.mark.parametrize(
    ("source", "wish", "message"),
    [
        ("x", "resume", "a result of move_info is due"),
        ({}, "perhaps", "no wish perhaps"),
        ({"moves": [{}]}, "resume", "journal of the source"),
    ],
)
def test_bad_input(source: t.Any, wish: str, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        filter_move_decision(source, result(), wish)
