# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of mappings given by people."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

CASES: list[tuple[str, tuple[t.Any, ...], t.Any, t.Any, str]] = [
    # getter, arguments after the name, given, expected, problem
    ("text", (), "a", "a", ""),
    ("text", (), 5, "5", ""),
    ("text", (), None, "", "x: is missing; give a text"),
    ("text", ("d",), None, "d", ""),
    ("text", (), True, "", "x: is a boolean; give a text, in quotes"),
    ("text", (), ["a"], "", "x: is a list; give a text, in quotes"),
    ("text", (), " ", " ", "x: is empty; give a text"),
    ("choice", (("a", "b"),), "b", "b", ""),
    ("choice", (("a", "b"),), "c", "a", "x: is 'c'; give one of a, b"),
    ("boolean", (False,), True, True, ""),
    ("boolean", (True,), None, True, ""),
    ("boolean", (False,), "yes", False, "x: is the text 'yes'; give true or false"),
    ("texts", (), ["a", "b"], ("a", "b"), ""),
    ("texts", (), [], (), "x: is empty; give at least one"),
    ("texts", ((),), None, (), ""),
    ("texts", (), "a", (), "x: is the text 'a'; give a list of texts"),
    ("texts", (), ["a", 1], ("a", "1"), "x[1]: is the number 1; give a text, in quotes"),
    ("scalars", (), {"a": 1, "b": "c"}, (("a", "1"), ("b", "c")), ""),
    ("scalars", (), {"a": True}, (), "x.a: is a boolean; give a text, in quotes, or a number"),
    ("scalars", (), ["a"], (), "x: is a list; give a mapping of names to values"),
    ("mode", (), "0640", 0o640, ""),
    ("mode", (), 640, 0, 'x: is 640; give an octal mode in quotes, such as "0644"'),
    ("mode", (), "0888", 0, "x: is '0888'; give an octal mode in quotes, such as \"0644\""),
    ("mode", ("0600",), None, 0o600, ""),
]


@pytest.mark.parametrize(("getter", "arguments", "given", "expected", "problem"), CASES)
def test_getter(getter: str, arguments: tuple[t.Any, ...], given: t.Any, expected: t.Any, problem: str) -> None:
    problems: list[Problem] = []
    reader = Reader({} if given is None else {"x": given}, "", problems)
    reader.path = ""
    assert getattr(reader, getter)("x", *arguments) == expected
    assert [str(entry).lstrip(".") for entry in problems] == ([problem] if problem else [])


def test_unknown_fields_are_noted() -> None:
    problems: list[Problem] = []
    reader = Reader({"a": "1", "b": "2"}, "p", problems)
    reader.text("a")
    reader.finish()
    assert [str(entry) for entry in problems] == ["p.b: is not known here; use one of a"]


def test_something_else_than_a_mapping() -> None:
    problems: list[Problem] = []
    Reader("a", "p", problems)
    assert [str(entry) for entry in problems] == ["p: is the text 'a'; give a mapping"]
