# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.env_file import parse_env_file
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

VARIABLES = {"HOME_PORT": "8080", "GIVEN": "from outside"}

GOOD: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("# only\n\n   # comments\n", {}),
    ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
    ("export A=1", {"A": "1"}),
    ("A = 1", {"A": "1"}),
    ("A: 1", {"A": "1"}),
    ("A=", {"A": ""}),
    ("A=1 # note", {"A": "1"}),
    ("A=1#note", {"A": "1#note"}),
    ("A='single $X # kept'", {"A": "single $X # kept"}),
    ('A="double # kept" # note', {"A": "double # kept"}),
    (r'A="tab\tnew\nline \"q\" \$HOME_PORT"', {"A": 'tab\tnew\nline "q" $HOME_PORT'}),
    ("A=${HOME_PORT}", {"A": "8080"}),
    ("A=1\nB=${A}0", {"A": "1", "B": "10"}),
    ("A='two\nlines'\nB=2", {"A": "two\nlines", "B": "2"}),
    ("GIVEN\nABSENT", {"GIVEN": "from outside"}),
    ("A=1\nA=2", {"A": "2"}),
    ("URL=postgres://u:p@h/db?x=1", {"URL": "postgres://u:p@h/db?x=1"}),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_parse_env_file(text: str, expected: dict[str, str]) -> None:
    assert parse_env_file(text, VARIABLES) == expected


def test_raw_takes_values_as_they_stand() -> None:
    assert parse_env_file("A='$X' # y", {}, raw=True) == {"A": "'$X' # y"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\n=2", "line 2"),
        ("A='open\nmore", "line 1: the quote isn't closed"),
        ("A=1\nB=$NOPE", "line 2: variable NOPE is not set"),
        ("a b c", "line 1"),
    ],
)
def test_parse_env_file_refuses(text: str, message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        parse_env_file(text, VARIABLES)


def test_values_of_many_lines() -> None:
    """In the time it takes to read them once."""
    text = 'A="' + "line\n" * 20_000 + "\" # note\nB=1\nC='a\nb'"
    assert parse_env_file(text, {}) == {"A": "line\n" * 20_000, "B": "1", "C": "a\nb"}


@pytest.mark.parametrize("raw", [False, True])
def test_a_character_that_no_variable_can_have(raw: bool) -> None:
    with pytest.raises(BadValueError, match=r"line 2: has the character U\+0000"):
        parse_env_file("A=1\nB=a\0b", {}, raw)


def test_variables_that_double_from_line_to_line_end() -> None:
    with pytest.raises(BadValueError, match="line 17: the variables get longer than 1048576 characters"):
        parse_env_file("A=0123456789\n" + "A=$A$A\n" * 40, {})
