# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose files made up by hypothesis, for fuzzing: values of the right kind by the project's own schema, and others.

``documents()`` draws whole files whose parts are mostly what the schema allows, so that they get past the first checks,
with a made-up value or key here and there. ``changed()`` draws files that run, from ``fixtures/compose``, with a few parts
taken away or replaced: most of these still end in a plan.
"""

from __future__ import annotations

import copy
import pathlib
import typing as t

import yaml
from hypothesis import strategies as st

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.schema import schema

_SCHEMA = schema()
_STACKS = [
    yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((pathlib.Path(__file__).parent / "fixtures" / "compose").glob("*.yml"))
]
_WORDS = [
    "", "a", "web", "db", "data", "80", "80:80", "8000-8002:80-82", "127.0.0.1:1:2/udp", "/x", "./x", "data:/d", "/a:/b:ro",
    "A=1", "A", "10s", "1h30m", "64m", "2g", "0", "-1", "1.5", "true", "no", "always", "on-failure:3", "service:db",
    "service_healthy", "10.0.0.0/8", "10.0.0.1", "::1", "CMD", "NONE", "${A}", "${A:-b}", "${", "$$", "${A:?no}", "KILL",
    "SIGTERM", "x-y", "\x00", "ä", "c 1:3 mr", "nginx:1", "UPPER", "a@sha256:" + "0" * 64, "~", "unless-stopped", "!",
]  # fmt: skip
_NAMES = ["web", "db", "data", "front", "x-a", "default", "a b", ""]


def texts() -> st.SearchStrategy[str]:
    """Words that mean something in a Compose file, and any text."""
    return st.one_of(st.sampled_from(_WORDS), st.sampled_from(_WORDS), st.text(max_size=8))


def values() -> st.SearchStrategy[t.Any]:
    """Any parsed YAML."""
    scalars = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), texts(), st.integers(min_value=0, max_value=65535)
    )
    return st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.one_of(texts(), st.integers()), inner, max_size=3)
        ),
        max_leaves=8,
    )


def documents() -> st.SearchStrategy[t.Any]:
    """Compose files, most of them nearly right."""
    return st.one_of(_of(_SCHEMA), _of(_SCHEMA), values())


@st.composite
def changed(draw: t.Callable[[st.SearchStrategy[t.Any]], t.Any]) -> t.Any:
    """A file that runs, with none to three of its parts taken away, replaced, or given twice under another name."""
    document = copy.deepcopy(draw(st.sampled_from(_STACKS)))
    for _change in range(draw(st.integers(0, 3))):
        holder: t.Any = document
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            inner = holder[key]
            if isinstance(inner, (dict, list)) and inner and draw(st.integers(0, 4)):
                holder = inner
                continue
            kind = draw(st.integers(0, 2))
            if kind == 0:
                del holder[key]
            elif kind == 1 or isinstance(holder, list):
                holder[key] = draw(values())
            else:
                holder[draw(texts())] = inner
            break
    return document


@st.composite
def _of(draw: t.Callable[[st.SearchStrategy[t.Any]], t.Any], fragment: dict[str, t.Any], depth: int = 0) -> t.Any:
    """A value as the fragment of the schema wants it; one in thirty is any value."""
    if draw(st.integers(0, 29)) == 13:
        return draw(values())
    while "$ref" in fragment:
        fragment = _SCHEMA["$defs"][fragment["$ref"].rpartition("/")[2]]
    if "anyOf" in fragment:
        return draw(_of(draw(st.sampled_from(fragment["anyOf"])), depth))
    if "enum" in fragment:
        return draw(st.sampled_from(fragment["enum"]))
    if "const" in fragment:
        return fragment["const"]
    kinds = fragment.get("type", ["null"])
    kind = draw(st.sampled_from([kinds] if isinstance(kinds, str) else kinds))
    if kind == "array":
        count = draw(st.integers(0, 2))
        return [draw(_of(fragment["items"], depth + 1)) for _index in range(count)]
    if kind == "object" and "properties" in fragment:
        taken = [name for name, entry in fragment["properties"].items() if "not" not in entry]
        names = ["services", *draw(st.lists(st.sampled_from(taken), max_size=4))] if depth == 0 else _keys(draw, taken)
        return {name: draw(_of(fragment["properties"][name], depth + 1)) for name in names}
    if kind == "object":
        names = draw(st.lists(st.sampled_from(_NAMES), max_size=3, unique=True))
        return {name: draw(_of(fragment["additionalProperties"], depth + 1)) for name in names}
    return draw(_SCALARS[kind])


def _keys(draw: t.Callable[[st.SearchStrategy[t.Any]], t.Any], taken: list[str]) -> list[str]:
    names = draw(st.lists(st.sampled_from(taken), max_size=6, unique=True)) if taken else []
    return [*(["image"] if "image" in taken else []), *names]


_SCALARS: dict[str, st.SearchStrategy[t.Any]] = {
    "string": texts(),
    "number": st.one_of(st.integers(-1, 70000), st.floats(allow_nan=True)),
    "boolean": st.booleans(),
    "null": st.none(),
}
