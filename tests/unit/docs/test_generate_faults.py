# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/move.md says of moves that were disturbed: what was recorded, failures too, or that nothing was."""

from __future__ import annotations

import typing as t

import generate_faults
from faults.matrix import FAULTS


def cell(**values: t.Any) -> dict[str, t.Any]:
    known = {"seeds": [1, 2, 3], "passed": 3, "lost": 0, "doubled": 0, "recovered": ["by itself", "by run 2"],
             "longest_silence_seconds": 41.5, "problems": []}  # fmt: skip
    return {**known, **values}


def test_nothing_is_claimed_before_it_was_recorded() -> None:
    text = generate_faults.section(None)
    assert "No cell has been recorded yet." in text
    for fault in FAULTS.values():
        assert f"| `{fault.name}` | {fault.title} |" in text


def test_what_was_recorded_is_told_and_what_failed_too() -> None:
    failed = cell(
        passed=2, lost=1, longest_silence_seconds=90.0, problems=["seed 2: 1 acknowledged records are lost: 7"]
    )
    cells = {"started:target_off": cell(), "frozen:source_off": failed}
    text = generate_faults.section({"results": {"cells": cells}, "date": "2026-11-29T10:00:00Z"})
    assert "without an answer was 90.0 s" in text
    assert "Recorded on 2026-11-29." in text
    assert "3: lost 0, doubled 0, by itself or by run 2" in text
    assert "2 of 3 FAILED, lost 1, doubled 0" in text
    assert "- frozen:source_off: seed 2: 1 acknowledged records are lost: 7" in text


def test_what_went_well_names_no_faults() -> None:
    text = generate_faults.section({"results": {"cells": {"started:target_off": cell()}}, "date": "2026-11-29T"})
    assert "What was wrong" not in text
