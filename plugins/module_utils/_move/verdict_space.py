# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a move writes where, held against what is left there: on a file system, and of a project's quota. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_estimate import lacking_bytes

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_facts import Facts

Place = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Need:
    """How much is to be written below some directories that share what is left, free_bytes."""

    paths: tuple[str, ...]
    needed_bytes: int
    free_bytes: int

    def words(self) -> tuple[str, str]:
        """The evidence: what is needed, and what is free."""
        return f"{self.needed_bytes} bytes", f"{self.free_bytes} bytes free at {', '.join(self.paths)}"

    def subject(self, spare: float) -> str:
        """What is lacking, and where."""
        return f"{round(self.needed_bytes * spare) - self.free_bytes} bytes more are needed at {', '.join(self.paths)}"


Writes = list[tuple[Place, int]]


def at_target(facts: Facts, volumes: t.Sequence[str]) -> Writes:
    """The bytes written for volumes, by name, and for images, each with its place at the target.

    What an earlier move or round has brought of a volume is written over, not beside. Places that are not known are
    left out.
    """
    places = facts.target.room["places"]
    writes = [(places.get("images"), lacking_bytes(facts)[0])]
    for name in volumes:
        source, target = facts.source.volumes[name], facts.target.volumes.get(name)
        there = target if target is not None and target["exists"] else {}
        needed = max(0, source["allocated_bytes"] - (there.get("allocated_bytes") or 0))
        writes.append((there.get("place") or places.get("volumes"), needed))
    return [(place, needed) for place, needed in writes if place]


def on_their_way(facts: Facts, writes: Writes) -> dict[str, Writes]:
    """The bytes written while layers are on their way, by host: where they are packed, and all that is written at the
    target with the packed layers beside, which are counted as if packing gained nothing.
    """
    lacking, largest = lacking_bytes(facts)
    source, target = (side.room["places"]["packing"] for side in (facts.source, facts.target))
    # A layer is written out once before it is packed.
    return {facts.source.name: [(source, lacking + largest)], facts.target.name: [*writes, (target, lacking)]}


def too_little(writes: Writes, spare: float) -> t.Iterator[tuple[str, Need]]:
    """The codes ``disk`` and ``quota`` with what is too little, spare being the factor of what must be free."""
    file_systems: dict[str, Writes] = {}
    projects: dict[tuple[str, int], Writes] = {}
    for place, needed in writes:
        file_systems.setdefault(place["file_system"], []).append((place, needed))
        if place["project"]:
            projects.setdefault((place["file_system"], place["project"]), []).append((place, needed))
    grouped = (("disk", "file_system_free_bytes", file_systems.values()), ("quota", "free_bytes", projects.values()))
    for code, field, groups in grouped:
        for group in groups:
            paths = tuple(sorted({place["path"] for place, needed in group if needed}))
            need = Need(paths, sum(needed for _place, needed in group), max(place[field] for place, _needed in group))
            if need.needed_bytes * spare > need.free_bytes:
                yield code, need
