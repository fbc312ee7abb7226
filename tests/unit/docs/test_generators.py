# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation's generators."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import generate_reference
import generate_support_matrix
import pytest

TEST_PROSE: list[tuple[t.Any, str]] = [
    ("Plain words, with (brackets).", "Plain words, with (brackets)."),
    (["Two", "paragraphs"], "Two paragraphs"),
    ("Set O(state) to V(absent).", "Set `state` to `absent`."),
    ("A C(some_thing) and *stars*.", "A `some_thing` and \\*stars\\*."),
    (None, ""),
]


@pytest.mark.parametrize(("text", "markdown"), TEST_PROSE)
def test_prose(text: t.Any, markdown: str) -> None:
    assert generate_reference.prose(text) == markdown


def test_options_are_nested() -> None:
    options = {
        "ports": {
            "type": "list",
            "elements": "dict",
            "description": ["The ports."],
            "options": {
                "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp", "description": "How."}
            },
        },
        "name": {"required": True, "description": ["Its name.", "Any."]},
    }
    assert generate_reference.option_lines(options) == [
        "- **`ports`** (list of dict)",
        "  The ports.",
        "  - **`protocol`** (str; one of `tcp`, `udp`; default `tcp`)",
        "    How.",
        "- **`name`** (str; required)",
        "  Its name.",
        "  Any.",
    ]


def test_fill_replaces_between_marks() -> None:
    text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n"
    filled = generate_support_matrix.fill(text, "x", "new\\1")
    assert filled == "a\n<!-- begin x -->\n\nnew\\1\n\n<!-- end x -->\nb\n"
    assert generate_support_matrix.fill(filled, "x", "new\\1") == filled


def test_fill_refuses_a_text_without_the_mark() -> None:
    with pytest.raises(SystemExit, match="'x' 0 times"):
        generate_support_matrix.fill("a", "x", "new")


PROOF = {
    "name": "same_host",
    "claim": "Two hosts | one contract",
    "where": "real VM",
    "commit": "0123456789abcdef",
    "uncommitted_changes": False,
    "date": "2026-11-20T12:00:00Z",
    "command": "make demo",
    "seconds": 12.5,
    "passed": 3,
    "failed": 0,
}

TEST_ROWS: list[tuple[dict[str, t.Any], str]] = [
    ({}, "| Two hosts \\| one contract | real VM | 3 passed | 0123456789 | 2026-11-20 |"),
    ({"failed": 1}, "| Two hosts \\| one contract | real VM | **1 of 4 failed** | 0123456789 | 2026-11-20 |"),
    (
        {"uncommitted_changes": True},
        "| Two hosts \\| one contract | real VM | 3 passed | 0123456789 with changes | 2026-11-20 |",
    ),
]


@pytest.mark.parametrize(("changes", "row"), TEST_ROWS)
def test_row(changes: dict[str, t.Any], row: str) -> None:
    assert generate_support_matrix.row({**PROOF, **changes}) == row


def test_proofs_are_sorted_by_strength(tmp_path: Path) -> None:
    for name, where in (("a", "unit test"), ("b", "real VM"), ("c", "emulator of an API")):
        (tmp_path / f"{name}.json").write_text(json.dumps({**PROOF, "name": name, "where": where}), encoding="utf-8")
    assert [proof["name"] for proof in generate_support_matrix.load(tmp_path)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        ({key: value for key, value in PROOF.items() if key != "commit"}, "x.json lacks commit"),
        ({**PROOF, "where": "my head"}, "'my head' is not one of"),
    ],
)
def test_bad_proof_is_refused(tmp_path: Path, proof: dict[str, t.Any], message: str) -> None:
    (tmp_path / "x.json").write_text(json.dumps(proof), encoding="utf-8")
    with pytest.raises(SystemExit, match=message):
        generate_support_matrix.load(tmp_path)


def test_no_proof_is_said() -> None:
    assert "Nothing has been proved yet" in generate_support_matrix.page([])
