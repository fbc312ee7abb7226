# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the control node seeks the confirmation, and what it says when there is none."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.plugin_utils._confirmation import (
    PATIENCE_SECONDS,
    Answer,
    seek,
    take_back,
)

SHUT = Answer(None, "timed out")


@pytest.mark.parametrize(
    ("answers", "attempts", "words"),
    [
        ([Answer(True)], 1, ""),
        ([SHUT, Answer(True)], 2, ""),
        ([SHUT, SHUT, Answer(False)], 3, "put them back by itself and answers again; nobody got in before (timed out)"),
        ([Answer(False)], 1, "too late"),
        ([SHUT], 0, "does not answer"),
    ],
)
def test_seek(answers: list[Answer], attempts: int, words: str) -> None:
    clock = [0.0]
    asked: list[Answer] = []

    def attempt() -> Answer:
        asked.append(answers[min(len(asked), len(answers) - 1)])
        return asked[-1]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    reason = seek(attempt, lambda: clock[0], sleep)
    assert words in reason
    assert bool(reason) == bool(words)
    if attempts:
        assert len(asked) == attempts
    else:
        assert clock[0] >= PATIENCE_SECONDS


def test_take_back_fails_what_was_changed_only() -> None:
    entries: list[dict[str, t.Any]] = [
        {"id": "a", "status": "changed", "reason": ""},
        {"id": "b", "status": "passed", "reason": ""},
        {"id": "c", "status": "changed", "reason": ""},
    ]
    message = take_back(entries, ["a", "b"], "nobody got in")
    assert [entry["status"] for entry in entries] == ["failed", "passed", "changed"]
    assert "nobody got in" in message
    assert "nobody got in" in entries[0]["reason"]
