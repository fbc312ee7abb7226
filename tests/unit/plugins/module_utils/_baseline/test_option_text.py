# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options in the text of files others own."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.option_text import (
    OptionText,
    Place,
)

LOGIN = {"form": "key value"}
TIGHT = {"form": "key=value"}
INI = {"form": "key=value", "section": "Journal"}

READ: list[tuple[str, dict[str, t.Any], str | None]] = [
    ("a = 1\n", {}, "1"),
    ("a=1\n", {}, "1"),
    ("  a =  1 \n", {}, "1"),
    ("# a = 1\n#a = 2\n", {}, None),
    ("ab = 1\nb = a\n", {}, None),
    ("a\n", {}, ""),
    ("a = 1\na = 2\n", {}, "2"),
    ("a = 1\na = 2\n", {"wins": "first"}, "1"),
    ("a='x y'\n", TIGHT, "x y"),
    ('a="x"\n', TIGHT, "x"),
    ("a\t\t022\n", LOGIN, "022"),
    ("a 022\r\n", LOGIN, "022"),
    ("a_b 022\n", LOGIN, None),
    ("[Other]\na=1\n[Journal]\na=2\n[Third]\na=3\n", INI, "2"),
    ("[Other]\na=1\n", INI, None),
    ("", {}, None),
]


@pytest.mark.parametrize(("text", "place", "value"), READ)
def test_value(text: str, place: dict[str, t.Any], value: str | None) -> None:
    assert OptionText(text).value(Place("a", **place)) == value


WRITE: list[tuple[str, dict[str, t.Any], str, str]] = [
    ("", {}, "1", "a = 1\n"),
    ("b = 2", {}, "1", "b = 2\na = 1"),
    ("b = 2\n", {}, "1", "b = 2\na = 1\n"),
    ("b = 2\n\n", {}, "1", "b = 2\n\na = 1\n"),
    ("b = 2\n", {}, "", "b = 2\na\n"),
    ("# a = 5\nb = 2\n", {}, "1", "# a = 5\na = 1\nb = 2\n"),
    ("# a is for all\nb = 2\n", {}, "1", "# a is for all\nb = 2\na = 1\n"),
    ("a=3\nb = 2\n", {}, "1", "a=1\nb = 2\n"),
    ("a = 3\na = 4\n", {}, "1", "a = 3\na = 1\n"),
    ("a = 3\na = 4\n", {"wins": "first"}, "1", "a = 1\na = 4\n"),
    ("a\t\t022\n", LOGIN, "027", "a\t\t027\n"),
    ("#a 5\nb 1\n", LOGIN, "1", "#a 5\na 1\nb 1\n"),
    ('a="3"\n', TIGHT, "1", 'a="1"\n'),
    ("a=\n", TIGHT, "1", "a=1\n"),
    ("[Journal]\nb=1\n\n[Other]\nb=2\n", INI, "1", "[Journal]\nb=1\na=1\n\n[Other]\nb=2\n"),
    ("[Journal]\n#a=\n#b=\n", INI, "1", "[Journal]\n#a=\na=1\n#b=\n"),
    ("[Other]\nb=2\n", INI, "1", "[Other]\nb=2\n[Journal]\na=1\n"),
    ("", INI, "1", "[Journal]\na=1\n"),
]


@pytest.mark.parametrize(("text", "place", "value", "after"), WRITE)
def test_set_and_put_back(text: str, place: dict[str, t.Any], value: str, after: str) -> None:
    where = Place("a", **place)
    options = OptionText(text)
    line, had_section = options.line(where), options.has_section(where.section)
    options.set(where, value)
    assert options.text == after
    assert options.value(where) == value
    options.put_back(where, line)
    if not had_section:
        options.drop_empty_section(where.section)
    assert options.text == text


@pytest.mark.parametrize("text", ["x\na 1\ny\na 2\n", "a\n", "x\n"])
def test_unset_and_put_back(text: str) -> None:
    where = Place("a", form="key value")
    options = OptionText(text)
    line = options.line(where)
    options.unset(where)
    assert options.value(where) is None
    assert options.text.count("\n") == text.count("\n")
    options.put_back(where, line)
    assert options.text == text


def test_unset_and_set_later_keeps_the_place() -> None:
    where = Place("a")
    options = OptionText("a = 1\nb = 2\n")
    options.unset(where)
    options.set(where, "3")
    assert options.text == "a = 3\nb = 2\n"
    options.unset(where)
    options.put_back(where, "a = 1")
    assert options.text == "a = 1\nb = 2\n"


@pytest.mark.parametrize(
    ("edited", "line", "after"),
    [
        ("new\na = 9\n", "a = 1", "new\na = 1\n"),
        ("new\na = 9\n", None, "new\n"),
        ("new\n", "a = 1", "new\na = 1\n"),
        ("new\n", None, "new\n"),
    ],
)
def test_put_back_in_a_file_others_edited(edited: str, line: str | None, after: str) -> None:
    options = OptionText(edited)
    options.put_back(Place("a"), line)
    assert options.text == after


@pytest.mark.parametrize("text", ["[J]\na=1\n", "[J]\n\n[K]\nb=1\n"])
def test_only_an_empty_section_is_dropped(text: str) -> None:
    options = OptionText(text)
    options.drop_empty_section("J")
    assert options.has_section("J") is ("a=1" in text)
