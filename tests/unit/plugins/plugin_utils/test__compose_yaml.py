# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, Report
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_yaml import parse_yaml

VALUES: list[tuple[str, t.Any]] = [
    ("a: 1", {"a": 1}),
    ("a: yes\nb: no\nc: on\nd: off", {"a": "yes", "b": "no", "c": "on", "d": "off"}),
    ("a: true\nb: False\nc: TRUE", {"a": True, "b": False, "c": True}),
    ("- 22:22\n- 8080:80\n- 1:20:30", ["22:22", "8080:80", "1:20:30"]),
    ("a: ~\nb: null\nc:\nd: nothing", {"a": None, "b": None, "c": None, "d": "nothing"}),
    ("[1.5, -2, 1e3, .5, 1_000, 0x10, 0o17, 0755, 089]", [1.5, -2, 1000.0, 0.5, "1_000", 16, 15, 493, 89]),
    ("[2026-01-01, 12:30:00, =, 1.2.3, 10s]", ["2026-01-01", "12:30:00", "=", "1.2.3", "10s"]),
    ("a: 'yes'\nb: \"1\"", {"a": "yes", "b": "1"}),
    ("a: !!str 1\nb: !!int '7'", {"a": "1", "b": 7}),
    ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
    ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}),
    ("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}", {"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 3}}),
    ("a: &x {k: 1, l: 2}\nb: {l: 3, <<: *x}", {"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 3}}),
    ("[&x {k: 1}, &y {k: 2, l: 2}, {<<: [*x, *y]}]", [{"k": 1}, {"k": 2, "l": 2}, {"k": 1, "l": 2}]),
    ("[" * 100 + "]" * 100, functools.reduce(lambda inner, _level: [inner], range(99), [])),
    ("", None),
    ("# nothing\n---\n", None),
]

BAD: list[tuple[str, str, int, str]] = [
    ("a: 1\nb: 2\na: 3", "a", 3, "given twice, first at line 1"),
    ("a:\n  k: 1\n  k: 2", "a.k", 3, "given twice, first at line 2"),
    ("a: 1\n b: 2", "the file", 2, "isn't YAML"),
    ("a: [1, 2", "the file", 1, "isn't YAML"),
    ("a:\n\tb: 1", "the file", 2, "isn't YAML"),
    ("a: *nope", "the file", 1, "isn't YAML"),
    ("a: 1\n---\nb: 2", "the file", 2, "isn't YAML"),
    ("a: !!python/object/apply:os.system [x]", "a", 1, "tag !!python/object/apply:os.system isn't supported"),
    ("a: !reset null", "a", 1, "tag !reset isn't supported"),
    ("a: !!int seven", "a", 1, "tag !!int isn't supported"),
    ("a: &a\n  b: *a", "a.b", 1, "holds itself"),
    ("? [x]\n: 1", "the file", 1, "key that isn't text"),
    ("a:\n  <<: text", "a.<<", 2, "isn't a mapping"),
    ("a: 1\nb: " + "9" * 5000, "b", 2, "is a number of 5000 digits"),
    ("a: 0x" + "f" * 5000, "a", 1, "is a number of 5002 digits"),
    # deeper than Python's stack; the loader in C has no limit of its own in every version
    ("a: 1\nb: " + "[" * 101, "the file", 2, "more than 100 lists and mappings are in each other"),
    ("[" * 100_000, "the file", 1, "more than 100 lists and mappings are in each other"),
    ("- " * 100_000 + "a", "the file", 1, "more than 100 lists and mappings are in each other"),
    ("{a: " * 3000 + "}" * 3000, "the file", 1, "more than 100 lists and mappings are in each other"),
    (
        "\n".join(["a: &a0 [1]", *(f"b{n}: &a{n} [*a{n - 1}]" for n in range(1, 100))]),
        "b99",
        1,
        "more than 100 levels",
    ),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_values(text: str, expected: t.Any) -> None:
    report = Report()
    assert parse_yaml(text, report)[0] == expected
    assert report.problems == []


@pytest.mark.parametrize(("text", "path", "line", "part"), BAD)
def test_refused(text: str, path: str, line: int, part: str) -> None:
    report = Report()
    parse_yaml(text, report)
    assert [(problem.path, problem.line) for problem in report.problems] == [(path, line)]
    assert part in report.problems[0].message


def test_aliases_of_aliases_end() -> None:
    """Nine levels of ten aliases each are a thousand million values."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    report = Report()
    parse_yaml("\n".join(levels), report)
    assert [problem.message for problem in report.problems] == ["has more than 100000 values"]


def test_control_characters_are_a_problem_and_not_a_crash() -> None:
    report = Report()
    assert parse_yaml("a: \x01", report)[0] is None
    assert "isn't YAML" in report.problems[0].message


def test_lines() -> None:
    text = "x: &x\n  restart: always\n  ports:\n  - 1\n\n"
    text += "services:\n  web:\n    <<: *x\n    image: a\n    ports:\n      - 2\n"
    lines = parse_yaml(text, Report())[1]
    expected: dict[Path, int] = {
        ("services",): 6,
        ("services", "web"): 7,
        ("services", "web", "image"): 9,
        ("services", "web", "restart"): 2,
        ("services", "web", "ports"): 10,
        ("services", "web", "ports", 0): 11,
    }
    assert {path: lines[path] for path in expected} == expected
