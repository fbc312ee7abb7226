# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/benchmarks.md."""

from __future__ import annotations

import typing as t

from generate_benchmarks import page

PROOF: dict[str, t.Any] = {
    "name": "bench_x", "claim": "It is quick", "where": "real tool on synthetic data", "commit": "0123456789ab",
    "uncommitted_changes": False, "date": "2030-01-02T03:04:05Z", "command": "make x", "seconds": 61.2,
    "passed": 1, "failed": 1, "machine": {"architecture": "x86_64"},
    "results": {
        "goals": [
            {"figure": "wall", "value": 1.25, "unit": "s", "goal": "at most 1.5 s", "met": True},
            {"figure": "bytes", "value": 3.0, "unit": "MB", "goal": "at most 0.4 MB", "met": False},
        ],
        "machine": {"processors": 2, "load_at_start": [0.5, 0.4, 0.3]},
        "load_at_end": [1.5, 1.0, 0.5],
        "controls": 60,
        "arms": {"floor": {"seconds": {"min": 1.0, "median": 1.5}}, "product": {"bytes": 1234567}},
    },
}  # fmt: skip


def test_page_has_goals_and_arms() -> None:
    text = page([PROOF, {**PROOF, "name": "demo", "claim": "Something else"}])
    assert "| wall | 1.25 s | at most 1.5 s | met |" in text
    assert "| bytes | 3 MB | at most 0.4 MB | **missed** |" in text
    assert "| floor | 1 / 1.5 |  |" in text
    assert "| product |  | 1,234,567 |" in text
    assert "- controls: 60" in text
    assert (
        "2030-01-02, commit 0123456789, x86_64, 2 processors, load average 0.5 at the start and 1.5 at the end" in text
    )
    assert "Something else" not in text


def test_page_without_proofs() -> None:
    assert "Nothing has been measured yet." in page([])
