# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether, and how, a workload can go from one host to another: the verdict, from two contracts and what was seen.

Pure. The rules are in verdict_hosts, verdict_services, verdict_room and verdict_estimate, the codes in verdict_codes.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_codes import (
    COLD,
    LADDER,
    PRECOPY,
    REFUSED,
    lowest,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_estimate import (
    Estimate,
    budget,
    estimate,
    pace,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_facts import (
    Facts,
    Finding,
    read_side,
    read_wishes,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_hosts import hosts, id_maps
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_room import room
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_services import services
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control import definition as definitions


@dataclass(frozen=True)
class Verdict:
    """verdict: the rung for the whole. services: the rung of each. findings: the worst first. id_maps: how
    numeric owners change on the way.
    """

    verdict: str
    services: t.Mapping[str, str]
    findings: tuple[Finding, ...]
    estimate: Estimate
    source: str
    target: str
    id_maps: t.Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What a refusal tells, one line for each reason; "" when there is none."""
        return "\n".join(self._line(finding) for finding in self.findings if finding.limit == REFUSED)

    def _line(self, finding: Finding) -> str:
        place = f"{finding.service}: " if finding.service else ""
        meaning = finding.as_dict()["meaning"]
        sides = f"{self.source}: {_shown(finding.source)}, {self.target}: {_shown(finding.target)}"
        return f"{finding.code}: {place}{meaning} ({sides}) Remedy: {finding.remedy}"

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values."""
        return {
            "verdict": self.verdict,
            "services": dict(self.services),
            "findings": [finding.as_dict() for finding in self.findings],
            "codes": sorted({finding.code for finding in self.findings}),
            "estimate": self.estimate.as_dict(),
            "message": self.message,
            "id_maps": dict(self.id_maps),
        }


def _shown(value: t.Any) -> str:
    return "-" if value is None else str(value)


def decide(facts: Facts) -> Verdict:
    """The verdict. A service's rung is the worst of its own findings and of those about all services; the whole's is
    the worst of all, since a workload goes as a whole.
    """
    found = list(hosts(facts))
    # Contracts of two schemas say nothing about each other, and neither do rules that read them.
    if not any(finding.code == "contract_schema" for finding in found):
        found += [*services(facts), *room(facts), *pace(facts)]
    rung = lowest([finding.limit for finding in found if finding.limit != REFUSED])
    made = estimate(facts, COLD if rung == COLD else PRECOPY)
    found += budget(facts, made)
    found.sort(key=lambda finding: -LADDER.index(finding.limit))
    names = dict.fromkeys(service.name for service in facts.project.services.values())
    rungs = {name: lowest([entry.limit for entry in found if entry.service in ("", name)]) for name in names}
    whole = lowest([entry.limit for entry in found])
    maps = id_maps(facts) or {}
    return Verdict(whole, rungs, tuple(found), made, facts.source.name, facts.target.name, maps)


def from_plain(source: t.Any, target: t.Any, definition: t.Any, names: tuple[str, str], **wishes: t.Any) -> Verdict:
    """The verdict from plain values: see the filter move_verdict. Raises InputError with every problem."""
    problems: list[Problem] = []
    made: list[t.Any] = []
    for act in (
        lambda: read_side(source, names[0], "source"),
        lambda: read_side(target, names[1], "target"),
        lambda: read_wishes(**wishes),
    ):
        try:
            made.append(act())
        except InputError as error:  # noqa: PERF203 - all problems are told together
            problems += error.problems
    if not isinstance(definition, str) or not definition:
        problems.append(Problem("definition", "is empty", "give the definition that move_info returned on the source"))
    if problems:
        raise InputError(problems)
    try:
        project = definitions.parse(definition, "definition").project
    except HostError as error:
        raise InputError([Problem("definition", str(error), "give what move_info returned on the source")]) from error
    return decide(Facts(made[0], made[1], project, made[2]))
