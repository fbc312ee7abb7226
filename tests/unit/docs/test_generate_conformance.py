# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the conformance cases says what their table and the last runs say."""

from __future__ import annotations

import typing as t

import generate_conformance
import pytest
from conformance.table import RESTARTS, Case

ALIKE = Case("Some", "some/alike", "A | b")
LEVELLED = Case("Some", "some/levelled", "It is so", levelled="The role does it")
DIFFERS = Case("Some", "some/differs", "It is not", differs={"docker": "a\nb", "podman": ""}, reason="No <way>.")
LATER = Case("Later", "later/always", "It comes back", group=RESTARTS)
PROOF: dict[str, t.Any] = {
    "commit": "0123456789abcdef",
    "uncommitted_changes": False,
    "date": "2026-11-29T12:00:00Z",
    "passed": 1,
    "failed": 1,
    "seconds": 400.4,
    "results": {
        "engines": {"podman": "5.4.2", "docker": "20.10.24"},
        "cases": {"some/alike": "passed", "some/differs": "failed"},
    },
}


@pytest.mark.parametrize(
    ("case", "proof", "line"),
    [
        (ALIKE, PROOF, "| A \\| b | alike |  | passed |\n"),
        (ALIKE, None, "| A \\| b | alike |  | not run yet |\n"),
        (LEVELLED, PROOF, "| It is so | levelled | The role does it | not in the last run |\n"),
        (DIFFERS, PROOF, "| It is not | differs | Docker: `a / b`, Podman: nothing. No &lt;way>. | **failed** |\n"),
    ],
)
def test_each_case_has_its_line(case: Case, proof: t.Any, line: str) -> None:
    assert line in generate_conformance.page([case], {"conformance": proof} if proof else {})


def test_the_page_counts_and_names_the_last_runs() -> None:
    page = generate_conformance.page([LATER, ALIKE, LEVELLED, DIFFERS], {"conformance": PROOF})
    assert "4 cases: 2 alike, 1 levelled, 1 differs.\n" in page
    assert (
        "- All but restarts: 1 passed, 1 failed on 2026-11-29, commit 0123456789, Docker 20.10.24, Podman 5.4.2, in 400 s.\n"
    ) in page
    assert "- Restarts: no run has been recorded yet.\n" in page
    assert page.index("## Some") < page.index("## Later")


def test_the_page_says_how_long_after_a_boot_all_was_back() -> None:
    results = {**PROOF["results"], "seconds_after_boot": {"podman": 90, "docker": 80}}
    page = generate_conformance.page([LATER], {"conformance_restarts": {**PROOF, "results": results}})
    assert "and healthy, 80 s with Docker, 90 s with Podman after the boot" in page
