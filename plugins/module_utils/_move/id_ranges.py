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

    def as_dict(self) -> dict[str, int]:
        """As a module's option has it."""
        return {"source": self.source, "target": self.target, "count": self.count}


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


def subordinate(entries: t.Iterable[str], user: str) -> list[tuple[int, int]]:
    """First id and count of a user's ranges, in the order they are used (subuid(5): ``user:first:count``)."""
    words = (entry.split(":") for entry in entries)
    return [(int(first), int(count)) for name, first, count in words if name == user]


def aligned(source: t.Sequence[tuple[int, int]], target: t.Sequence[tuple[int, int]]) -> t.Optional[list[IdRange]]:
    """Ranges that take each id of the source to the one with the same place in the target's ranges.

    A container's ids are laid over its user's ranges one after the other (user_namespaces(7)), so the place is what
    counts. None where the target has fewer ids than the source.
    """
    found: list[IdRange] = []
    waiting, offered = list(source), list(target)
    while waiting:
        if not offered:
            return None
        (here, count), (there, room) = waiting.pop(0), offered.pop(0)
        taken = min(count, room)
        if taken and here != there:
            found.append(IdRange(here, there, taken))
        if count > taken:
            waiting.insert(0, (here + taken, count - taken))
        if room > taken:
            offered.insert(0, (there + taken, room - taken))
    return found
