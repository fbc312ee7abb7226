# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""YAML text to plain values with the line of each, as a Compose file wants it.

Bare words are read as Docker Compose reads them (YAML 1.2): ``no`` and ``on`` are text, and so is ``22:22``, which
older YAML takes for a number to base 60. Only plain data comes out; other tags than YAML's own are refused. A key given
twice is an error.
"""

from __future__ import annotations

import re
import typing as t

import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, Report
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import (
    MAXIMUM_DEPTH,
    MAXIMUM_VALUES,
    OVERRIDE,
    RESET,
)

_TAG = "tag:yaml.org,2002:"
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULL = re.compile(r"~|null|Null|NULL|")
# Python takes no longer one from text, and no engine any of such.
_MAXIMUM_DIGITS = 100


def _end(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """PyYAML tests with match, and the whole word is meant."""
    return re.compile(f"(?:{pattern.pattern})$")


def _with_bare_words(loader: t.Any) -> t.Any:
    """The loader with the bare words of YAML 1.2 in place of its own."""
    loader.yaml_implicit_resolvers = {}
    loader.add_implicit_resolver(f"{_TAG}null", _end(_NULL), ["~", "n", "N", ""])
    loader.add_implicit_resolver(f"{_TAG}bool", _end(_BOOLEAN), list("tTfF"))
    loader.add_implicit_resolver(f"{_TAG}int", _end(_INTEGER), list("-+0123456789"))
    loader.add_implicit_resolver(f"{_TAG}float", _end(_FLOAT), list("-+.0123456789"))
    loader.add_implicit_resolver(f"{_TAG}merge", re.compile(r"<<$"), ["<"])
    return loader


@_with_bare_words
class _Loader(yaml.SafeLoader):
    """The safe loader."""


# The same in C is ten times as fast; PyYAML has it wherever libyaml was there when it was built.
_FAST: t.Any = _with_bare_words(type("_Fast", (yaml.CSafeLoader,), {})) if hasattr(yaml, "CSafeLoader") else _Loader


class _TooDeepError(Exception):
    """More collections in each other than can be read with Python's stack; at which line the one too many begins."""

    def __init__(self, line: int) -> None:
        super().__init__(f"more than {MAXIMUM_DEPTH} lists and mappings are in each other")
        self.line = line


def _compose(text: str) -> t.Optional[yaml.Node]:
    """The nodes of the one document. Raises YAMLError, always of the loader in Python: its messages are the better."""
    try:
        return _compose_with(_FAST, text)
    except yaml.YAMLError:
        return _compose_with(_Loader, text)


def _compose_with(loader: t.Any, text: str) -> t.Optional[yaml.Node]:
    """As above. To make nodes takes a call in each other for each level, so the levels are counted first."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise _TooDeepError(event.start_mark.line + 1 if event.start_mark else 1)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return yaml.compose(text, Loader=loader)


def parse_yaml(text: str, report: Report, tags: t.Optional[dict[Path, str]] = None) -> tuple[t.Any, dict[Path, int]]:
    """The one document in ``text`` and the line of each path in it; what is wrong goes to ``report``.

    tags: filled with the paths that have one of Compose's own tags, ``!reset`` and ``!override``; refused without it.
    """
    lines: dict[Path, int] = {}
    try:
        node = _compose(text)
    except _TooDeepError as error:
        report.add_at(error.line, (), str(error), "write it with fewer levels")
        return None, lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        report.add_at(line, (), f"isn't YAML: {error.problem or error.context}", "correct the syntax at this line")
        return None, lines
    except yaml.YAMLError as error:
        report.add((), f"isn't YAML: {error}", "save it as UTF-8 text without control characters")
        return None, lines
    if node is None:
        return None, lines
    return _Builder(report, lines, tags).value(node, (), ()), lines


class _Builder:
    """Walks the nodes."""

    def __init__(self, report: Report, lines: dict[Path, int], tags: t.Optional[dict[Path, str]]) -> None:
        self._report = report
        self._lines = lines
        self._tags = tags
        self._count = 0

    def value(self, node: yaml.Node, path: Path, above: tuple[int, ...]) -> t.Any:
        line = node.start_mark.line + 1
        self._count += 1
        if id(node) in above:
            self._report.add_at(line, path, "holds itself", "remove the alias that leads back here")
            return None
        if self._count > MAXIMUM_VALUES:
            if self._count == MAXIMUM_VALUES + 1:
                self._report.add_at(line, (), f"has more than {MAXIMUM_VALUES} values", "use fewer aliases of aliases")
            return None
        if len(path) > MAXIMUM_DEPTH:
            self._report.add_at(line, path[:1], f"aliases make more than {MAXIMUM_DEPTH} levels", "use fewer of them")
            return None
        inside = (*above, id(node))
        if self._tags is not None and node.tag in (RESET, OVERRIDE):
            self._tags[path] = node.tag
            if node.tag == RESET:
                return None
            node = _untagged(node)
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path, inside)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._item(entry, (*path, index), inside) for index, entry in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        return self._tag(node, path)

    def _item(self, node: yaml.Node, path: Path, above: tuple[int, ...]) -> t.Any:
        self._lines[path] = node.start_mark.line + 1
        return self.value(node, path, above)

    def _mapping(self, node: yaml.MappingNode, path: Path, above: tuple[int, ...]) -> dict[t.Any, t.Any]:
        merged: dict[t.Any, t.Any] = {}
        own: dict[t.Any, t.Any] = {}
        # Merges first, so that the lines of the mapping's own keys replace theirs.
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                for key, entry in self._merge(value_node, path, above).items():
                    merged.setdefault(key, entry)
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == f"{_TAG}merge":
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._report.add_at(line, path, "has a key that isn't text", "use text as key")
                continue
            key = self._scalar(key_node, path)
            place = (*path, key)
            if key in own:
                first = self._lines[place]
                self._report.add_at(line, place, f"is given twice, first at line {first}", "keep one of them")
            self._lines[place] = line
            own[key] = self.value(value_node, place, above)
        return {**{key: entry for key, entry in merged.items() if key not in own}, **own}

    def _merge(self, node: yaml.Node, path: Path, above: tuple[int, ...]) -> dict[t.Any, t.Any]:
        """What ``<<`` brings: a mapping, or a list of mappings of which the earlier ones win."""
        result: dict[t.Any, t.Any] = {}
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for entry in nodes:
            if not isinstance(entry, yaml.MappingNode):
                line = entry.start_mark.line + 1
                self._report.add_at(line, (*path, "<<"), "isn't a mapping", "merge an anchor of a mapping: <<: *name")
                continue
            value = self.value(entry, path, above)
            for key, inner in (value or {}).items():
                result.setdefault(key, inner)
        return result

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> t.Any:
        kind, text = node.tag[len(_TAG) :], t.cast(str, node.value)
        if not node.tag.startswith(_TAG):
            return self._tag(node, path)
        if kind in ("str", "merge"):
            return text
        if kind == "null" and _NULL.fullmatch(text):
            return None
        if kind == "bool" and _BOOLEAN.fullmatch(text):
            return text.lower() == "true"
        if kind == "int" and _INTEGER.fullmatch(text):
            if len(text) > _MAXIMUM_DIGITS:
                line = node.start_mark.line + 1
                self._report.add_at(line, path, f"is a number of {len(text)} digits", "put it in quotes if it is text")
                return None
            return _integer(text)
        if kind == "float" and _FLOAT.fullmatch(text):
            return float(text.replace(".inf", "inf").replace(".nan", "nan")) if "n" in text.lower() else float(text)
        return self._tag(node, path)

    def _tag(self, node: yaml.Node, path: Path) -> None:
        tag = node.tag.replace(_TAG, "!!")
        self._report.add_at(node.start_mark.line + 1, path, f"the tag {tag} isn't supported", "write plain YAML")


def _untagged(node: yaml.Node) -> yaml.Node:
    """The node as it is without its tag."""
    if isinstance(node, yaml.MappingNode):
        return yaml.MappingNode(f"{_TAG}map", node.value, node.start_mark, node.end_mark)
    if isinstance(node, yaml.SequenceNode):
        return yaml.SequenceNode(f"{_TAG}seq", node.value, node.start_mark, node.end_mark)
    plain = not getattr(node, "style", None)
    tag = _Loader("").resolve(yaml.ScalarNode, node.value, (plain, not plain))
    return yaml.ScalarNode(tag, node.value, node.start_mark, node.end_mark)


def _integer(text: str) -> t.Union[int, float]:
    """Numbers that begin with 0 are octal, as in Docker Compose; where that can't be, they are decimal."""
    digits = text.lstrip("+-")
    sign = -1 if text.startswith("-") else 1
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    if digits.startswith("0o") or re.fullmatch(r"0[0-7]+", digits):
        return sign * int(digits.replace("o", ""), 8)
    return sign * int(digits)
