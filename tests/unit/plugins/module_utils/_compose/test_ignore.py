# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ignore files, by the examples of Docker's documentation and beyond."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ignore import Ignore
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

# The file's lines, what they leave out, and what they leave in.
CASES = [
    ("", [], ["a", "a/b"]),
    ("# a\n\n  \n", [], ["a", "# a"]),
    ("*/temp*", ["x/temporary.txt", "x/temp", "x/temp/deep"], ["temp", "x/y/temp"]),
    ("*/*/temp*", ["x/y/temp.txt"], ["x/temp"]),
    ("temp?", ["tempa", "tempb"], ["temp", "tempab", "x/tempa"]),
    ("**/*.go", ["a.go", "x/a.go", "x/y/a.go"], ["a.goo", "go"]),
    ("/secret", ["secret", "secret/x"], ["x/secret"]),
    ("./secret/", ["secret", "secret/x"], ["secrets"]),
    ("*.md\n!README.md", ["a.md"], ["README.md", "x/a.md"]),
    ("*.md\n!README*.md\nREADME-secret.md", ["a.md", "README-secret.md"], ["README-1.md"]),
    ("*.md\nREADME-secret.md\n!README*.md", ["a.md"], ["README-secret.md"]),
    ("*\n!src\n", ["a", "x/y"], ["src", "src/a/b"]),
    ("*\n!src\nsrc/**/*.pyc", ["a", "src/a.pyc", "src/x/a.pyc"], ["src/a.py"]),
    ("node_modules/**", ["node_modules/a/b"], ["node_modules"]),
    ("[ab].txt\n[!a]x", ["a.txt", "b.txt", "ax"], ["c.txt"]),
    ("a\\*b", ["a*b"], ["axb"]),
    ("a+(b).txt", ["a+(b).txt"], ["aab.txt"]),
]


@pytest.mark.parametrize(("text", "left_out", "kept"), CASES)
def test_patterns(text: str, left_out: list[str], kept: list[str]) -> None:
    ignore = Ignore(text)
    assert [path for path in (*left_out, *kept) if ignore.leaves_out(path)] == left_out


@pytest.mark.parametrize(("text", "takes_in"), [("*", False), ("*\n!a", True), ("", False)])
def test_whether_directories_left_out_have_to_be_looked_into(text: str, takes_in: bool) -> None:
    assert Ignore(text).takes_in is takes_in


@pytest.mark.parametrize("text", ["[a", "[z-a]"])
def test_what_is_no_pattern(text: str) -> None:
    with pytest.raises(BadValueError, match="isn't a pattern"):
        Ignore(text)
