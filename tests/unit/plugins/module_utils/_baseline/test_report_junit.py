# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The baseline's report as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from baseline_fleet import HOSTILE, control, document, reading

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report_junit import render_junit

OUTCOMES = {"failure", "error", "skipped"}
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {*OUTCOMES, "system-out"},
}


def check_schema(element: ElementTree.Element) -> None:
    """What the widely used JUnit schema asks for, as far as it is used here."""
    assert set(element.attrib) == ATTRIBUTES[element.tag]
    for child in element:
        assert child.tag in CHILDREN[element.tag]
        check_schema(child)
    if element.tag == "testsuite":
        assert int(element.get("tests", "")) == len(element)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(name, "")) == len(element.findall(f"testcase/{tag}"))
    if element.tag == "testsuites":
        for name in ("tests", "failures", "errors"):
            assert int(element.get(name, "")) == sum(int(suite.get(name, "")) for suite in element)


def parsed(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text.encode())
    check_schema(root)
    return root


def outcomes(suite: ElementTree.Element) -> dict[str, str]:
    return {
        case.get("name", "").split(":")[0]: next((child.tag for child in case if child.tag in OUTCOMES), "passed")
        for case in suite
    }


def test_each_status_has_its_outcome() -> None:
    root = parsed(render_junit(document()))
    suites = {suite.get("name"): outcomes(suite) for suite in root}
    assert suites["alpha"] == {
        "one": "passed",
        "two": "passed",
        "three": "failure",
        "four": "failure",
        "five": "skipped",
        "six": "skipped",
        "seven": "failure",
        "eight": "passed",
        "gone": "passed",
    }
    assert [list(suites[name].values()) for name in ("delta", "epsilon", "zeta", "eta", "theta")] == [
        ["error"],
        ["error"],
        ["skipped"],
        ["error"],
        ["error"],
    ]


def test_reasons_are_told() -> None:
    root = parsed(render_junit(document()))
    skipped = root.find("testsuite/testcase[@name='five: Title of five']/skipped")
    failure = root.find("testsuite/testcase[@name='four: Title of four']/failure")
    assert skipped is not None
    assert failure is not None
    assert skipped.get("message") == "exempt: reason of five"
    assert failure.attrib == {"type": "failed (high)", "message": "reason of four"}
    assert failure.text == 'reason of four\nfound: {"key": "0"}\nwanted: {"key": "1"}'


def test_what_would_be_put_back_is_no_failure() -> None:
    root = parsed(render_junit(document({"a": reading(control("gone", "would_change", put_back=True))})))
    assert outcomes(root[0]) == {"gone": "passed"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    entry = control("one", "failed", title=text, reason=text, before={text: text})
    root = parsed(render_junit(document({text: reading(entry), "b": {"failed": True, "msg": f"x{text}"}})))
    assert [element.tag for element in root.iter()].count("failure") == 1
    message = root.find("testsuite/testcase/failure")
    assert message is not None
    if text.isprintable():
        assert message.get("message") == text
