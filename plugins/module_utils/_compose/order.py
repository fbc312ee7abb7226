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
    cycle = find_cycle(depends_on)
    if cycle:
        raise ValueError(" -> ".join(cycle))
    result: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in depends_on and name not in result:
            for other in depends_on[name]:
                visit(other)
            result[name] = None

    for name in depends_on:
        visit(name)
    return list(result)


def find_cycle(depends_on: t.Mapping[str, t.Iterable[str]]) -> list[str]:
    """One circle of dependencies, its first service again at the end; empty when there is none."""
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done or name not in depends_on:
            return []
        for other in depends_on[name]:
            found = visit(other, [*way, name])
            if found:
                return found
        done.add(name)
        return []

    for name in depends_on:
        found = visit(name, [])
        if found:
            return found
    return []
