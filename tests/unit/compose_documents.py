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
import typing as t

import yaml
from compose_made import SCHEMA, STACKS, WORDS, made
from hypothesis import strategies as st

_DOCUMENTS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in STACKS]
_T = t.TypeVar("_T")
_Draw = t.Callable[[st.SearchStrategy[t.Any]], t.Any]


def texts() -> st.SearchStrategy[str]:
    """Words that mean something in a Compose file, and any text."""
    return st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(max_size=8))


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
    return st.one_of(_nearly_right(), _nearly_right(), values())


@st.composite
def changed(draw: _Draw) -> t.Any:
    """A file that runs, with none to three of its parts taken away, replaced, or given twice under another name."""
    document = copy.deepcopy(draw(st.sampled_from(_DOCUMENTS)))
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


class _Drawn:
    """Hypothesis as the Chooser of compose_made."""

    def __init__(self, draw: _Draw) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return t.cast(int, self._draw(st.integers(low, high)))

    def one(self, options: t.Sequence[_T]) -> _T:
        return t.cast(_T, self._draw(st.sampled_from(options)))

    def value(self) -> t.Any:
        return self._draw(values())

    def scalar(self, kind: str) -> t.Any:
        return self._draw(_SCALARS[kind])


@st.composite
def _nearly_right(draw: _Draw) -> t.Any:
    return made(_Drawn(draw), SCHEMA)


_SCALARS: dict[str, st.SearchStrategy[t.Any]] = {
    "string": texts(),
    "number": st.one_of(st.integers(-1, 70000), st.floats(allow_nan=True)),
    "boolean": st.booleans(),
    "null": st.none(),
}
