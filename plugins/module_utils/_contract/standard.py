# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The standard a fleet is held to, and the differences its owner accepts."""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import LIST, VOLATILE, Field
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import FIELDS, FIELDS_BY_PATH
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

ANY_OF, AT_LEAST, AT_MOST, CONTAINS, EQUALS = "any_of", "at_least", "at_most", "contains", "equals"
_COMPARABLE = {field.path: field for field in FIELDS if field.section != VOLATILE}


@dataclass(frozen=True)
class Rule:
    """One demand of the standard: a field, an operator, a value."""

    path: str
    operator: str
    wanted: t.Any

    def holds(self, value: t.Any) -> bool:
        """Whether a value meets the demand."""
        if self.operator == ANY_OF:
            return value in self.wanted
        if self.operator == CONTAINS:
            return isinstance(value, list) and all(item in value for item in self.wanted)
        if self.operator in (AT_LEAST, AT_MOST):
            if isinstance(value, bool) or not isinstance(value, int):
                return self.operator == AT_LEAST and value == "unlimited"
            return value >= self.wanted if self.operator == AT_LEAST else value <= self.wanted
        return bool(value == self.wanted)

    def words(self) -> t.Any:
        """The demand as it was written: the value, or a mapping of operator to value."""
        return self.wanted if self.operator == EQUALS else {self.operator: self.wanted}


@dataclass(frozen=True)
class Acceptance:
    """Differences that are wanted: a pattern of paths, the reason, and the hosts it is meant for."""

    pattern: str
    reason: str
    hosts: tuple[str, ...] = ("*",)

    def covers(self, host: str, path: str) -> bool:
        """Whether a difference of a host in a field is accepted."""
        return fnmatchcase(path, self.pattern) and any(fnmatchcase(host, pattern) for pattern in self.hosts)


def parse_standard(standard: t.Any, where: str = "standard") -> list[Rule]:
    """The rules of a mapping of path to demand; InputError with every problem found.

    A demand is a value, a list of allowed values (for a field that is a list itself: exactly that list), or a mapping
    with one of ``any_of``, ``at_least``, ``at_most``, ``contains``.
    """
    if not isinstance(standard, dict):
        raise InputError([Problem(where, "is no mapping", "write `path: value`, as in `cgroup.version: v2`")])
    rules, problems = [], []
    for path, demand in standard.items():
        place = f"{where}['{path}']"
        field = _COMPARABLE.get(path)
        if field is None:
            problems.append(Problem(place, "is no field of the contract", _suggestion(str(path))))
            continue
        rule = _rule(field, demand)
        message = _complaint(field, rule)
        if message:
            problems.append(Problem(place, message[0], message[1]))
        rules.append(rule)
    if problems:
        raise InputError(problems)
    return rules


def _rule(field: Field, demand: t.Any) -> Rule:
    operators = (ANY_OF, AT_LEAST, AT_MOST, CONTAINS)
    if isinstance(demand, dict) and len(demand) == 1 and next(iter(demand)) in operators:
        operator, wanted = next(iter(demand.items()))
        return Rule(field.path, operator, wanted)
    if isinstance(demand, list) and field.kind != LIST:
        return Rule(field.path, ANY_OF, demand)
    return Rule(field.path, EQUALS, demand)


def _complaint(field: Field, rule: Rule) -> t.Optional[tuple[str, str]]:
    """What is wrong with a rule, and what would be right."""
    if rule.operator in (ANY_OF, CONTAINS) and not isinstance(rule.wanted, list):
        return f"{rule.operator} needs a list, not {rule.wanted!r}", "write the values in brackets"
    if rule.operator == ANY_OF and not rule.wanted:
        return "no value is allowed at all", "list at least one allowed value"
    if rule.operator == CONTAINS and field.kind != LIST:
        return "contains is for lists", f"{field.path} is of kind {field.kind}; write the value itself"
    if rule.operator in (AT_LEAST, AT_MOST):
        if isinstance(rule.wanted, bool) or not isinstance(rule.wanted, int):
            return f"{rule.operator} needs a number, not {rule.wanted!r}", "write an integer without quotes"
        return None
    candidates = rule.wanted if rule.operator == ANY_OF else [rule.wanted] if rule.operator == EQUALS else []
    wrong = [value for value in candidates if not field.accepts(value)]
    if wrong:
        return f"can never be {wrong[0]!r}", f"the field is of kind {field.kind}; mind the quotes"
    return None


def parse_acceptances(accepted: t.Any, where: str = "accepted") -> list[Acceptance]:
    """The accepted differences of a list of mappings with ``path``, ``reason`` and, optionally, ``hosts``."""
    remedy = "write `- path: engine.*` with a `reason`"
    if not isinstance(accepted, list):
        raise InputError([Problem(where, "is no list", remedy)])
    acceptances, problems = [], []
    for index, entry in enumerate(accepted):
        place = f"{where}[{index}]"
        if not isinstance(entry, dict):
            problems.append(Problem(place, "is no mapping", remedy))
            continue
        problems.extend(
            Problem(f"{place}.{key}", "is unknown", "only path, reason and hosts are known")
            for key in sorted(set(entry) - {"path", "reason", "hosts"})
        )
        pattern, reason = entry.get("path"), entry.get("reason")
        hosts = entry.get("hosts", ["*"])
        if not isinstance(pattern, str) or not any(fnmatchcase(path, pattern) for path in _COMPARABLE):
            problems.append(Problem(f"{place}.path", f"{pattern!r} matches no field", _suggestion(str(pattern))))
        if not isinstance(reason, str) or not reason.strip():
            problems.append(Problem(f"{place}.reason", "is missing", "say why the difference is wanted"))
        if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
            problems.append(
                Problem(f"{place}.hosts", "is no list of names", "write host names or patterns in brackets")
            )
            continue
        acceptances.append(Acceptance(str(pattern), str(reason), tuple(hosts)))
    if problems:
        raise InputError(problems)
    return acceptances


def _suggestion(path: str) -> str:
    close = difflib.get_close_matches(path, list(FIELDS_BY_PATH), n=1)
    return f"did you mean {close[0]}?" if close else "docs/contract.md lists all fields"
