# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen after moves that ended as they should, for the tests of the fault matrix."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]


def journal(side: str, outcome: str, phase: str = "released") -> Json:
    lease = {"holder": "node:1:2:3", "generation": 1, "expires_at": 0}
    return {"id": "writer-1", "side": side, "phase": phase, "intent": "", "outcome": outcome, "lease": lease}


def moved() -> Json:
    """A move that went as it should: records 1 to 4 are acknowledged, 5 was asked for and may be there or not."""
    return {
        "client": {
            "acknowledged": [1, 2, 3, 4],
            "unanswered": [5, 6],
            "odd": [],
            "two_alive": [],
            "longest_silence_seconds": 12.34,
            "answers_at_the_end": True,
        },
        "hosts": {
            "source": {
                "containers": [{"name": "writer-writer-1", "running": False, "restart": "no"}],
                "comes_back": False,
                "volume": {"numbers": [1, 2, 5], "torn": [], "ballast_whole": True},
                "journals": [journal("source", "released")],
                "fence": {"move": "writer-1", "other": "debian12", "arriving": False},
                "defined": True,
                "keys": [],
                "left": [],
                "processes": [],
            },
            "target": {
                "containers": [{"name": "writer-writer-1", "running": True, "restart": "unless-stopped"}],
                "comes_back": True,
                "volume": {"numbers": [1, 2, 5, 3, 4], "torn": [], "ballast_whole": True},
                "journals": [journal("target", "released")],
                "fence": None,
                "defined": True,
                "keys": [],
                "left": [],
                "processes": [],
            },
        },
        "runs": [run(-9, "run 1"), run(0, "run 2"), run(0, "run 3")],
        "injected": {"seen": True, "why": ""},
    }


def rolled_back() -> Json:
    """A move that was undone: the source lives as before, and nothing is on the target."""
    case = moved()
    source, target = case["hosts"]["source"], case["hosts"]["target"]
    source["containers"][0]["running"] = True
    source.update(comes_back=True, fence=None, journals=[journal("source", "rolled_back", "planned")])
    source["volume"]["numbers"] = [1, 2, 3, 4, 6]
    target.update(containers=[], comes_back=False, volume=None, defined=False)
    target["journals"] = [journal("target", "rolled_back", "planned")]
    case["runs"] = [run(2, "run 1"), run(0, "run 2")]
    return case


def run(rc: int, name: str, changed: int = 0, counts: bool = True) -> Json:
    return {"rc": rc, "name": name, "changed": changed, "counts": counts}
