# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries, totals, tables."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import (
    Entry,
    difference,
    failure_message,
    summary,
    table,
)

SCORES = [
    ([], 100.0),
    (["passed", "changed"], 100.0),
    (["passed", "failed"], 50.0),
    (["passed", "would_change", "failed"], 33.3),
    (["passed", "failed", "exempt", "not_applicable"], 50.0),
]


@pytest.mark.parametrize(("statuses", "percent"), SCORES)
def test_score(statuses: list[str], percent: float) -> None:
    totals = summary([{"status": status} for status in statuses])
    assert totals["score_percent"] == percent
    assert totals["controls"] == len(statuses)


@pytest.mark.parametrize(
    ("status", "percent"), [("changed", 0.0), ("would_change", 0.0), ("failed", 0.0), ("exempt", 0.0)]
)
def test_what_was_put_back_raises_no_score(status: str, percent: float) -> None:
    totals = summary([{"status": "failed"}, {"status": status, "put_back": True}])
    assert (totals["score_percent"], totals["put_back"]) == (percent, 1)


def test_failure_to_put_back_counts() -> None:
    assert summary([{"status": "passed"}, {"status": "failed", "put_back": True}])["score_percent"] == 50.0


def test_difference_is_what_changes() -> None:
    entries = [
        Entry("a", "changed", {"k": "0"}, {"k": "1"}),
        Entry("b", "passed", {"k": "1"}, {"k": "1"}),
        Entry("c", "exempt", {"k": "1"}, {"k": "0"}, put_back=True),
        Entry("d", "exempt", reason="r"),
    ]
    assert difference(entries) == {
        "before": {"a": {"k": "0"}, "c": {"k": "1"}},
        "after": {"a": {"k": "1"}, "c": {"k": "0"}},
    }


def test_table_and_message_name_what_is_wrong() -> None:
    entries = [
        {**Entry("one", "failed", reason="because").as_dict(), "title": "First"},
        {**Entry("three", "changed").as_dict(), "title": "Third"},
        {**Entry("two", "passed").as_dict(), "title": "Second"},
    ]
    assert table(entries, summary(entries)) == [
        "failed         one    because",
        "changed        three  Third",
        "3 controls: 1 passed, 1 changed, 1 failed; score 66.7 %",
    ]
    entries[1]["put_back"] = True
    assert table(entries, summary(entries))[-1] == (
        "3 controls: 1 passed, 1 changed, 1 failed (1 put back); score 50.0 %"
    )
    assert failure_message(entries) == "1 of 3 controls failed\none: because"
    assert failure_message(entries[1:]) == ""
