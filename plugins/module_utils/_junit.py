# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""JUnit XML, as continuous integration reads it: written in one place for every report."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

PASSED, FAILURE, ERROR, SKIPPED = "", "failure", "error", "skipped"

# Characters XML 1.0 can't carry at all, not even escaped (section 2.2): control characters, surrogates, two others.
_NO_XML = dict.fromkeys((*(set(range(0x20)) - {0x09, 0x0A, 0x0D}), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")


@dataclass(frozen=True)
class Case:
    """One test case.

    outcome: ``failure``, ``error``, ``skipped``, or empty when it passed. type, message, text: of the outcome.
    output: what is told beside it.
    """

    classname: str
    name: str
    outcome: str = PASSED
    type: str = ""
    message: str = ""
    text: str = ""
    output: str = ""


def render_junit(name: str, suites: t.Iterable[tuple[str, t.Sequence[Case]]]) -> str:
    """The file: its name, and for each suite a name and its cases. Any text is taken; what XML can't carry is shown."""
    totals = {"tests": 0, "failures": 0, "errors": 0}
    body = []
    for suite, cases in suites:
        counts = {
            "tests": len(cases),
            "failures": sum(case.outcome == FAILURE for case in cases),
            "errors": sum(case.outcome == ERROR for case in cases),
        }
        for key, count in counts.items():
            totals[key] += count
        skipped = sum(case.outcome == SKIPPED for case in cases)
        body.append(f"  <testsuite{_attributes(name=suite, **counts, skipped=skipped)}>")
        body.extend(_case(case) for case in cases)
        body.append("  </testsuite>")
    head = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites{_attributes(name=name, **totals)}>"]
    return "\n".join([*head, *body, "</testsuites>", ""])


def _case(case: Case) -> str:
    start = f"    <testcase{_attributes(classname=case.classname, name=case.name)}"
    inner = []
    if case.outcome == SKIPPED:
        # The widely used schema gives skipped no type.
        inner.append(f"      <skipped{_attributes(message=case.message)}/>")
    elif case.outcome:
        outcome = _attributes(type=case.type, message=case.message)
        inner.append(f"      <{case.outcome}{outcome}>{_text(case.text)}</{case.outcome}>")
    if case.output:
        inner.append(f"      <system-out>{_text(case.output)}</system-out>")
    return "\n".join([f"{start}>", *inner, "    </testcase>"]) if inner else f"{start}/>"


def _attributes(**values: t.Any) -> str:
    return "".join(f" {name}={quoteattr(_carried(str(value)))}" for name, value in values.items())


def _text(text: str) -> str:
    return escape(_carried(text))


def _carried(text: str) -> str:
    return text if text.isascii() and text.isprintable() else text.translate(_NO_XML)
