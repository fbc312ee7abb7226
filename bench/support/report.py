# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Goals and proofs: what a benchmark shows is printed and written to docs/proof/bench_<name>.json."""

from __future__ import annotations

import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

from support.measure import load

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from proof import write_proof

WHERE = "real tool on synthetic data"


@dataclass(frozen=True)
class Goal:
    """A figure and what it should be. limit: the figure shall be at most, or with ``at_least`` no less than this."""

    figure: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is as it should be."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_dict(self) -> dict[str, t.Any]:
        """The goal as plain data, for the proof and the documentation."""
        bound = "at least" if self.at_least else "at most"
        return {
            "figure": self.figure,
            "value": round(self.value, 4),
            "goal": f"{bound} {self.limit:g} {self.unit}".strip(),
            "unit": self.unit,
            "met": self.met,
        }


def finish(
    name: str,
    claim: str,
    seconds: float,
    goals: t.Sequence[Goal],
    results: t.Mapping[str, t.Any],
    write: bool,
    command: str = "",
    where: str = WHERE,
) -> int:
    """Print the goals and write the proof. Returns the exit status: 0 even when a goal of speed is missed.

    How fast something is depends on the machine and on what else it does: the figures tell, nobody fails by them.
    """
    print(f"\n{claim}")
    for goal in goals:
        entry = goal.as_dict()
        verdict = "met" if goal.met else "MISSED"
        print(f"  {verdict:<7} {goal.figure:<64} {entry['value']:>10g} {goal.unit:<4} ({entry['goal']})")
    print(f"  load average at the end: {load()}", flush=True)
    if write:
        path = write_proof(
            name=f"bench_{name}",
            claim=claim,
            where=where,
            command=command or f"make bench-baseline ONLY={name}",
            seconds=seconds,
            passed=sum(goal.met for goal in goals),
            failed=sum(not goal.met for goal in goals),
            results={"goals": [goal.as_dict() for goal in goals], **results, "load_at_end": load()},
        )
        print(f"  written to {path}", flush=True)
    return 0
