# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of Compose files that stay YAML: parts go, come from other files or the schema, become aliases or tagged."""

from __future__ import annotations

import io
import random
import typing as t

import yaml
from compose_made import NAMES, SCHEMA, WORDS, made

_Loader: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: t.Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TAG = "tag:yaml.org,2002:"
_TAGS = ["!reset", "!override", "!!str", f"{_TAG}int", f"{_TAG}binary", f"{_TAG}set"]
KEYS = sorted(
    {name for fragment in [SCHEMA, *SCHEMA["$defs"].values()] for name in fragment.get("properties", {})}
    | {"<<", "include", "extends", *NAMES}
)
_FRAGMENTS = [{"$ref": f"#/$defs/{name}"} for name in SCHEMA["$defs"]]


class Chance:
    """A random generator as the Chooser of compose_made."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def one(self, options: t.Sequence[t.Any]) -> t.Any:
        return self._random.choice(options)

    def value(self) -> t.Any:
        kind = self.number(0, 9)
        if kind == 0:
            return [self.value() for _index in range(self.number(0, 3))]
        if kind == 1:
            return {self.one(WORDS): self.value() for _index in range(self.number(0, 3))}
        return self.scalar(self.one(["string", "string", "number", "boolean", "null"]))

    def scalar(self, kind: str) -> t.Any:
        if kind == "number":
            return self.one([0, 1, -1, self.number(0, 70000), 2**63, 0.5, 1e300, float("inf"), float("nan"), 10**22])
        return {"string": self.one(WORDS), "boolean": self.one([True, False]), "null": None}[kind]


def mutate(text: bytes, donor: bytes, seed: int, most: int) -> t.Optional[bytes]:
    """``text`` with one to ``most`` changes, with parts of ``donor``; None when it is no YAML that can be changed."""
    chance = Chance(seed)
    try:
        root = yaml.compose(text, Loader=_Loader)
        other = yaml.compose(donor, Loader=_Loader)
        if not isinstance(root, yaml.CollectionNode):
            return None
        for _change in range(chance.number(1, most)):
            _change_one(root, other, chance)
        return _serialized(root)
    except (yaml.YAMLError, RecursionError, UnicodeError, ValueError):
        return None


def fresh(seed: int) -> bytes:
    """A whole file by the schema."""
    return _serialized(_node(made(Chance(seed), SCHEMA)))


def _serialized(root: yaml.Node) -> bytes:
    """YAML of the nodes. The emitter in C knows no half of a pair of surrogates, which the one in Python escapes."""
    odd = any("\ud800" in scalar.value for scalar in _scalars(root))
    text = yaml.serialize(root, Dumper=yaml.SafeDumper if odd else _Dumper, allow_unicode=True, width=4000)
    return text.encode("utf-8")


def _node(value: t.Any) -> yaml.Node:
    if isinstance(value, dict):
        return yaml.MappingNode(f"{_TAG}map", [(_node(key), _node(entry)) for key, entry in value.items()])
    if isinstance(value, list):
        return yaml.SequenceNode(f"{_TAG}seq", [_node(entry) for entry in value])
    if isinstance(value, str):
        return yaml.ScalarNode(f"{_TAG}str", value)
    return yaml.SafeDumper(io.StringIO()).represent_data(value)


def _nodes(root: t.Optional[yaml.Node]) -> t.Iterator[yaml.Node]:
    """Each node once."""
    waiting = [root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _holders(root: t.Optional[yaml.Node]) -> list[yaml.CollectionNode]:
    return [node for node in _nodes(root) if isinstance(node, yaml.CollectionNode)]


def _scalars(root: yaml.Node) -> t.Iterator[yaml.ScalarNode]:
    return (node for node in _nodes(root) if isinstance(node, yaml.ScalarNode))


def _change_one(root: yaml.CollectionNode, donor: t.Optional[yaml.Node], chance: Chance) -> None:
    holders = _holders(root)
    holder = chance.one(holders)
    index = chance.number(0, max(0, len(holder.value) - 1))
    kind = chance.number(0, 9)
    if kind == 0 and holder.value:
        del holder.value[index]
    elif kind == 1:
        holder.tag = chance.one(_TAGS)
    elif kind == 2:
        _put(holder, index, chance.one(holders), chance)
    elif kind in (3, 4):
        _put(holder, index, _node(made(chance, chance.one(_FRAGMENTS), 1)), chance)
    elif kind in (5, 6) and donor is not None:
        _graft(holder, index, chance.one(_holders(donor) or [donor]), chance)
    elif kind == 7:
        count = chance.one([2, 10, 60, 300])
        for _copy in range(count if holder.value else 0):
            holder.value.insert(index, holder.value[index])
    else:
        _put(holder, index, _node(chance.value()), chance)


def _put(holder: yaml.CollectionNode, index: int, node: yaml.Node, chance: Chance) -> None:
    """In place of what is there, or beside it."""
    if isinstance(holder, yaml.MappingNode):
        key = holder.value[index][0] if holder.value and chance.number(0, 1) else _node(chance.one(KEYS))
        entry: t.Any = (key, node)
    else:
        entry = node
    if holder.value and chance.number(0, 2):
        holder.value[index] = entry
    else:
        holder.value.insert(index, entry)


def _graft(holder: yaml.CollectionNode, index: int, donor: yaml.Node, chance: Chance) -> None:
    """A part of another file: all that it holds beside what is there, or itself in one place."""
    if type(donor) is type(holder) and chance.number(0, 1):
        holder.value[index:index] = donor.value[: chance.number(1, 8)]
    else:
        _put(holder, index, donor, chance)
