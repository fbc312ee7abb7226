# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The order in which services start: each after all that it depends on."""

from __future__ import annotations

import typing as t


def start_order(depends_on: t.Mapping[str, t.Iterable[str]]) -> list[str]:
    """The services so that each comes after what it depends on; otherwise in the order given.

    Dependencies that aren't keys are ignored. Raises ValueError naming the services when they depend on each other in
    a circle: see :func:`find_cycle`.
    """
    order, cycle = _walk(depends_on)
    if cycle:
        raise ValueError(" -> ".join(cycle))
    return order


def find_cycle(depends_on: t.Mapping[str, t.Iterable[str]]) -> list[str]:
    """One circle of dependencies, its first service again at the end; empty when there is none."""
    return _walk(depends_on)[1]


def _walk(depends_on: t.Mapping[str, t.Iterable[str]]) -> tuple[list[str], list[str]]:
    """The order, and the first circle that is met. Without recursion: chains may be longer than Python's stack."""
    done: dict[str, None] = {}
    for first in depends_on:
        # The way from the first, each with those of its dependencies that are still to be looked at.
        way: dict[str, t.Iterator[str]] = {} if first in done else {first: iter(depends_on[first])}
        while way:
            name = next(reversed(way))
            other = next((entry for entry in way[name] if entry in depends_on and entry not in done), None)
            if other is None:
                del way[name]
                done[name] = None
            elif other in way:
                names = list(way)
                return list(done), [*names[names.index(other) :], other]
            else:
                way[other] = iter(depends_on[other])
    return list(done), []
