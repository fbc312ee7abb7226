# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writer of JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._junit import (
    ERROR,
    FAILURE,
    PASSED,
    SKIPPED,
    Case,
    render_junit,
)

CASES = [
    (Case("c", "n"), PASSED, {}, None),
    (Case("c", "n", FAILURE, "t", "m", "x\ny"), FAILURE, {"type": "t", "message": "m"}, "x\ny"),
    (Case("c", "n", ERROR, "t", "m"), ERROR, {"type": "t", "message": "m"}, None),
    (Case("c", "n", SKIPPED, "t", "m", "x"), SKIPPED, {"message": "m"}, None),
]


@pytest.mark.parametrize(("case", "tag", "attributes", "text"), CASES)
def test_outcomes(case: Case, tag: str, attributes: dict[str, str], text: str | None) -> None:
    root = ElementTree.fromstring(render_junit("all", [("suite", [case])]))
    found = list(root[0][0])
    assert [(child.tag, child.attrib, child.text) for child in found] == ([(tag, attributes, text)] if tag else [])


def test_counts_and_output() -> None:
    root = ElementTree.fromstring(render_junit("all", [("one", [case[0] for case in CASES]), ("two", [])]))
    assert root.attrib == {"name": "all", "tests": "4", "failures": "1", "errors": "1"}
    assert root[0].attrib == {"name": "one", "tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    told = ElementTree.fromstring(render_junit("all", [("one", [Case("c", "n", output="<o>")])]))
    assert told[0][0][0].text == "<o>"


@pytest.mark.parametrize(
    ("given", "carried"),
    [("\x00a\x1b", "\ufffda\ufffd"), ("\ud800\uffff", "\ufffd\ufffd"), ("é<&\"'>", "é<&\"'>"), ("a\nb\tc", "a\nb\tc")],
)
def test_any_text_is_carried(given: str, carried: str) -> None:
    root = ElementTree.fromstring(
        render_junit(given, [(given, [Case("c", given, FAILURE, message=given, text=given)])])
    )
    assert [root.get("name"), root[0].get("name"), root[0][0][0].get("message"), root[0][0][0].text] == [carried] * 4
