# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the oracles' answers amount to: percentages against a denominator that does not move.

OpenSCAP's own score leaves out what is not applicable, so installing a package lowers it and removing one raises it.
Here a rule counts unless it is waived by name, with a reason (waivers.yml).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

EVALUATED = ("pass", "fail", "error", "unknown")
"""Results of rules that were really looked at."""


class OracleError(ValueError):
    """Answers or waivers that can't be scored; the message says why."""


@dataclass(frozen=True)
class Score:
    """The score of one profile. rules: selected by the profile; waived: of these; passed, failing: of the rest."""

    rules: int
    evaluated: int
    waived: int
    passed: int
    failing: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Passed, of all that count, with one decimal."""
        counted = self.rules - self.waived
        return round(100 * self.passed / counted, 1) if counted else 0.0

    def as_data(self) -> dict[str, t.Any]:
        """For a proof."""
        return {
            "percent": self.percent,
            "rules": self.rules,
            "evaluated": self.evaluated,
            "waived": self.waived,
            "passed": self.passed,
            "failing": list(self.failing),
        }


def read_waivers(document: t.Any, release: str) -> dict[str, str]:
    """Rule -> reason, for a release ("12"), from the content of waivers.yml.

    Raises OracleError for a rule without a reason, or named twice.
    """
    waivers: dict[str, str] = {}
    for entry in document:
        if not str(entry.get("reason") or "").strip():
            raise OracleError(f"waivers: {entry.get('rules')} have no reason; write down why they don't apply")
        if release not in entry.get("releases", [release]):
            continue
        for rule in entry["rules"]:
            if rule in waivers:
                raise OracleError(f"waivers: {rule} is named twice; keep the one whose reason holds")
            waivers[rule] = entry["reason"]
    return waivers


def lynis_index(points: t.Mapping[str, t.Sequence[int]], waivers: t.Collection[str]) -> int:
    """Lynis' index over the tests that count: points given, of those there are, in whole per cent as Lynis rounds.

    points: test -> [given, at most].
    """
    counted = [pair for test, pair in points.items() if test not in waivers]
    most = sum(pair[1] for pair in counted)
    return 100 * sum(pair[0] for pair in counted) // most if most else 0


def score(results: t.Mapping[str, str], waivers: t.Mapping[str, str], evaluated_at_least: int) -> Score:
    """Score the results of one profile (rule -> result).

    Raises OracleError when too few rules were evaluated: then the content was made for another release.
    """
    evaluated = sum(result in EVALUATED for result in results.values())
    if evaluated < evaluated_at_least:
        raise OracleError(
            f"only {evaluated} of {len(results)} rules were evaluated, {evaluated_at_least} are wanted: "
            "is this the data stream of the host's release?"
        )
    counted = {rule: result for rule, result in results.items() if rule not in waivers}
    passed = [rule for rule, result in counted.items() if result == "pass"]
    failing = tuple(sorted(rule for rule in counted if rule not in passed))
    return Score(len(results), evaluated, len(results) - len(counted), len(passed), failing)
