# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A parsed Compose file as a tree that remembers where each part was written, so that files can be merged.

``grow`` makes it from plain values, ``fell`` makes plain values of it again, with the place of each path.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.interpolate import (
    check_text,
    interpolate_text,
    without_no_text,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import (
    BadValueError,
    Lines,
    Path,
    Place,
    Report,
)

RESET = "!reset"
OVERRIDE = "!override"
NOWHERE = Place()
# Of lists and mappings in each other.
MAXIMUM_DEPTH = 100
# Aliases of aliases of aliases fill any memory, and so do services that extend each other; no project is this large.
MAXIMUM_VALUES = 100_000


@dataclass(frozen=True)
class Node:
    """One value. ``value`` is a dict of nodes, a list of nodes, or a scalar.

    tag: RESET, OVERRIDE or "": what the file says about merging. spoiled: a problem with it is already reported.
    """

    value: t.Any
    place: Place = NOWHERE
    tag: str = ""
    spoiled: bool = False

    def get(self, key: str) -> t.Optional[Node]:
        """What a mapping has under ``key``; None for everything else."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def without(self, *keys: str) -> Node:
        """A mapping without some keys."""
        return replace(self, value={key: entry for key, entry in self.value.items() if key not in keys})

    def plain(self) -> t.Any:
        """The plain value."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        return self.value


def grow(
    value: t.Any,
    lines: t.Optional[Lines] = None,
    tags: t.Optional[t.Mapping[Path, str]] = None,
    file: str = "",
    path: Path = (),
    line: t.Optional[int] = None,
) -> Node:
    """The tree of a parsed file. What has no line of its own gets that of what holds it."""
    known = (lines or {}).get(path, line)
    own = known.line if isinstance(known, Place) else known
    inner: t.Any = value
    if isinstance(value, dict):
        inner = {key: grow(entry, lines, tags, file, (*path, key), own) for key, entry in value.items()}
    elif isinstance(value, (list, tuple)):
        inner = [grow(entry, lines, tags, file, (*path, index), own) for index, entry in enumerate(value)]
    return Node(inner, Place(own, file), (tags or {}).get(path, ""))


def is_deeper(value: t.Any, levels: int) -> bool:
    """Whether plain values have more than so many levels; so has what holds itself."""
    layer = [value]
    while layer and levels >= 0:
        layer = [
            inner
            for one in layer
            if isinstance(one, (dict, list, tuple))
            for inner in (one.values() if isinstance(one, dict) else one)
        ][: MAXIMUM_VALUES + 1]
        levels -= 1
    return bool(layer)


def is_larger(node: Node, values: int) -> bool:
    """Whether the tree has more than so many values, each counted wherever it is used."""
    waiting = [node]
    while waiting:
        values -= 1
        if values < 0:
            return True
        inner = waiting.pop().value
        if isinstance(inner, (dict, list)):
            waiting.extend(inner.values() if isinstance(inner, dict) else inner)
    return False


def fell(node: Node) -> tuple[t.Any, dict[Path, Place], list[Path]]:
    """Plain values, the place of each path, and the spoiled paths."""
    places: dict[Path, Place] = {}
    spoiled: list[Path] = []

    def visit(one: Node, path: Path) -> t.Any:
        if one.place.line is not None or one.place.file:
            places[path] = one.place
        if one.spoiled:
            spoiled.append(path)
        if isinstance(one.value, dict):
            return {key: visit(entry, (*path, key)) for key, entry in one.value.items()}
        if isinstance(one.value, list):
            return [visit(entry, (*path, index)) for index, entry in enumerate(one.value)]
        return one.value

    return visit(node, ()), places, spoiled


def interpolate_tree(node: Node, variables: t.Mapping[str, str], report: Report, path: Path = ()) -> Node:
    """The tree with all variables in its texts replaced; extensions (``x-``) are left alone, as are keys."""
    if isinstance(node.value, str):
        try:
            text = interpolate_text(node.value, variables) if "$" in node.value else node.value
            check_text(text)
        except BadValueError as error:
            report.add_at(node.place, path, error.message, error.remedy)
            return replace(node, value=without_no_text(node.value), spoiled=True)
        if text == node.value:
            return node
        return replace(node, value=text if report.afford(node.place, path, len(text)) else "")
    if isinstance(node.value, dict):
        for key in node.value:
            _check_key(key, node, report, path)
        inner = {
            key: entry if str(key).startswith("x-") else interpolate_tree(entry, variables, report, (*path, key))
            for key, entry in node.value.items()
        }
        return replace(node, value=inner)
    if isinstance(node.value, list):
        items = [interpolate_tree(entry, variables, report, (*path, index)) for index, entry in enumerate(node.value)]
        return replace(node, value=items)
    return node


def _check_key(key: t.Any, node: Node, report: Report, path: Path) -> None:
    try:
        check_text(str(key))
    except BadValueError as error:
        report.add_at(node.place, path, f"the key {key!r} {error.message}", error.remedy)
