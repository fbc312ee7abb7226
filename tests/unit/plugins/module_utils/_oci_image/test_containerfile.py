# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import containerfile


def test_instructions_have_their_first_line_and_joined_text() -> None:
    text = "# comment\nFROM base\n\nRUN one \\\n  # in between\n  && two \\\n  && three\ncopy --chmod=0755 --chown=a:b x /y\n"
    found = containerfile.parse(text)
    assert [(i.name, i.line, i.text) for i in found] == [
        ("FROM", 2, "base"),
        ("RUN", 4, "one && two && three"),
        ("COPY", 8, "x /y"),
    ]
    assert found[2].flags == {"chmod": "0755", "chown": "a:b"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ADD http://x /y", "ADD is not supported; use COPY"),
        ("HEALTHCHECK CMD true", "give the service of the Compose file a healthcheck"),
        ("BUILD x", "BUILD is not supported; known are ARG"),
        ("RUN", "RUN says nothing"),
        ("RUN <<EOF", "here-documents are not supported"),
    ],
)
def test_what_is_refused(line: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        containerfile.parse(f"FROM base\n{line}\n", "web/Containerfile")
    assert str(error.value).startswith("web/Containerfile (line 2): ")
    assert says in str(error.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        containerfile.parse("ADD a b\nONBUILD RUN x\nSHELL [1]\n")
    assert [problem.line for problem in error.value.problems] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-${A}", "1-1"),
        ("${B:-other}${A:-other}", "other1"),
        ("${A:+set}${B:+set}", "set"),
        (r"\$A", "$A"),
        ("$B.", "."),
        ("100$", "100$"),
    ],
)
def test_expand(text: str, expected: str) -> None:
    assert containerfile.expand(text, {"A": "1"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", ["a", "b"]),
        ('a="b c" d', ["a=b c", "d"]),
        ("'a $b' c", ["a $b", "c"]),
        (r"a\ b", ["a b"]),
        (r'"a\"b"', ['a"b']),
        ("$V", ["1 2"]),
        ('a="$V"$V', ["a=1 21 2"]),
        ("'$V'", ["$V"]),
        (r"\$V", ["$V"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert containerfile.words(text, {"V": "1 2"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1 b='2 3'", {"a": "1", "b": "2 3"}),
        ("a one two", {"a": "one two"}),
        ("a", None),
        ("a=1 b", None),
        ("a=$V b=$V", {"a": "1 2", "b": "1 2"}),
        ("a x $V", {"a": "x 1 2"}),
    ],
)
def test_pairs(text: str, expected: object) -> None:
    assert containerfile.pairs(text, {"V": "1 2"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [('["a", "b"]', ("a", "b")), ("a b", None), ("[a]", None), ('["a", 1]', None), ("[]", ())],
)
def test_exec_form(text: str, expected: object) -> None:
    assert containerfile.exec_form(text) == expected
