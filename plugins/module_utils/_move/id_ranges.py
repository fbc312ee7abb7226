# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Numeric owners when two hosts give a workload different subordinate ids (subuid(5), user_namespaces(7)). Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem


@dataclass(frozen=True)
class IdRange:
    """``count`` ids from ``source`` on are those from ``target`` on at the target."""

    source: int
    target: int
    count: int


def translate(number: int, ranges: t.Sequence[IdRange]) -> int:
    """What an id of the source is at the target; one in no range stays."""
    for entry in ranges:
        if entry.source <= number < entry.source + entry.count:
            return number - entry.source + entry.target
    return number


def check(ranges: t.Sequence[IdRange], path: str) -> list[Problem]:
    """What is wrong with ranges: negative numbers, and ids that would have two meanings or become one."""
    problems = []
    for index, entry in enumerate(ranges):
        where = f"{path}[{index}]"
        if entry.count < 1 or entry.source < 0 or entry.target < 0:
            problems.append(Problem(where, "is no range", "give a count of 1 or more, and ids that are not negative"))
        for other_index, other in enumerate(ranges[:index]):
            for side in ("source", "target"):
                first, second = getattr(entry, side), getattr(other, side)
                if first < second + other.count and second < first + entry.count:
                    message = f"shares ids of the {side} with {path}[{other_index}]"
                    problems.append(Problem(where, message, "let each id be in one range"))
    return problems


def read(values: t.Sequence[t.Mapping[str, int]], path: str) -> tuple[IdRange, ...]:
    """Ranges from a module's option. Raises InputError with every problem."""
    ranges = tuple(IdRange(value["source"], value["target"], value["count"]) for value in values)
    problems = check(ranges, path)
    if problems:
        raise InputError(problems)
    return ranges


def rsync_map(used: t.Iterable[int], ranges: t.Sequence[IdRange]) -> str:
    """The value of rsync's ``--usermap`` or ``--groupmap`` for the ids in use; empty when all of them stay.

    rsync(1) maps a range onto one id only, so each id in use is named.
    """
    pairs = ((number, translate(number, ranges)) for number in sorted(set(used)))
    return ",".join(f"{before}:{after}" for before, after in pairs if before != after)
