# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads a mapping given by a person, field by field, and collects everything that is wrong with it."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

Scalar = t.Union[str, int, float]


class Reader:
    """Typed access to one mapping. Each getter notes a problem and answers a harmless value when the field is wrong.

    Call ``finish`` last: it notes the fields nobody asked for.
    """

    def __init__(self, given: t.Any, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._asked: list[str] = []
        self.given: t.Mapping[str, t.Any] = given if isinstance(given, t.Mapping) else {}
        if not isinstance(given, t.Mapping):
            self.wrong("", f"is {_kind_of(given)}", "give a mapping")

    def wrong(self, name: str, message: str, remedy: str) -> None:
        """Note a problem at a field."""
        self.problems.append(Problem(f"{self.path}.{name}" if name else self.path, message, remedy))

    def _take(self, name: str, required: bool, wanted: str) -> t.Any:
        self._asked.append(name)
        value = self.given.get(name)
        if value is None and required:
            self.wrong(name, "is missing", f"give {wanted}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """A text; required when there is no default. Numbers are taken as text."""
        value = self._take(name, default is None, "a text")
        if value is None:
            return default or ""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self.wrong(name, f"is {_kind_of(value)}", "give a text, in quotes")
            return default or ""
        if default is None and not str(value).strip():
            self.wrong(name, "is empty", "give a text")
        return str(value)

    def choice(self, name: str, allowed: t.Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value and value not in allowed:
            self.wrong(name, f"is {value!r}", f"give one of {', '.join(allowed)}")
            return default or allowed[0]
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._take(name, False, "")
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(name, f"is {_kind_of(value)}", "give true or false")
            return default
        return value

    def texts(self, name: str, default: t.Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of texts; required and not empty when there is no default."""
        value = self._take(name, default is None, "a list of texts")
        if value is None:
            return tuple(default or ())
        if isinstance(value, str) or not isinstance(value, t.Sequence):
            self.wrong(name, f"is {_kind_of(value)}", "give a list of texts")
            return tuple(default or ())
        if default is None and not value:
            self.wrong(name, "is empty", "give at least one")
        for index, entry in enumerate(value):
            if not isinstance(entry, str) or not entry:
                self.wrong(f"{name}[{index}]", f"is {_kind_of(entry)}", "give a text, in quotes")
        return tuple(str(entry) for entry in value)

    def scalars(self, name: str, required: bool = True) -> tuple[tuple[str, str], ...]:
        """A mapping of text to text or number, as ordered pairs of texts."""
        value = self._take(name, required, "a mapping of names to values")
        if value is None:
            return ()
        if not isinstance(value, t.Mapping):
            self.wrong(name, f"is {_kind_of(value)}", "give a mapping of names to values")
            return ()
        pairs = []
        for key, entry in value.items():
            if isinstance(entry, bool) or not isinstance(entry, (str, int, float)):
                self.wrong(f"{name}.{key}", f"is {_kind_of(entry)}", "give a text, in quotes, or a number")
                continue
            pairs.append((str(key), str(entry)))
        return tuple(pairs)

    def mapping(self, name: str, required: bool = False) -> t.Mapping[str, t.Any]:
        """A mapping with whatever values."""
        value = self._take(name, required, "a mapping")
        if value is None:
            return {}
        if not isinstance(value, t.Mapping):
            self.wrong(name, f"is {_kind_of(value)}", "give a mapping")
            return {}
        return value

    def entries(self, name: str) -> list[t.Any]:
        """A list with whatever entries; empty when absent."""
        value = self._take(name, False, "")
        if value is None:
            return []
        if isinstance(value, str) or not isinstance(value, t.Sequence):
            self.wrong(name, f"is {_kind_of(value)}", "give a list")
            return []
        return list(value)

    def mode(self, name: str, default: str | None = None) -> int:
        """Permission bits, given as an octal text such as "0644"."""
        value = self._take(name, default is None, 'an octal mode in quotes, such as "0644"')
        value = default if value is None else value
        if value is None:
            return 0
        if not isinstance(value, str) or not value or len(value) > 5 or set(value) - set("01234567"):
            self.wrong(name, f"is {value!r}", 'give an octal mode in quotes, such as "0644"')
            return 0
        return int(value, 8)

    def finish(self) -> None:
        """Note every field that does not belong here."""
        for name in self.given:
            if name not in self._asked:
                remedy = f"use one of {', '.join(self._asked)}" if self._asked else "leave it out"
                self.wrong(str(name), "is not known here", remedy)


def _kind_of(value: t.Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "an empty text" if not value else f"the text {value[:40]!r}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return (
        "a mapping" if isinstance(value, t.Mapping) else "a list" if isinstance(value, t.Sequence) else "not plain data"
    )
