# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet's document: states, scores, decisions, and that its documentation has every field."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from baseline_fleet import NOW, control, decision, document, reading

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.fleet import (
    STATES,
    fleet_document,
    render_json,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import pack
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import STATUSES
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

PAGE = Path(__file__).resolve().parents[5] / "docs" / "baseline_report.md"


def test_every_host_is_in_it_with_its_state() -> None:
    hosts = {host["host"]: (host["state"], host["message"]) for host in document()["hosts"]}
    assert hosts["alpha"] == ("read", "")
    assert hosts["delta"] == ("unreachable", "no route")
    assert hosts["epsilon"] == ("failed", "no root")
    assert [hosts[name][0] for name in ("zeta", "eta", "theta")] == ["skipped", "lost", "waiting"]
    assert all(message for state, message in hosts.values() if state != "read")


@pytest.mark.parametrize(("active", "complete"), [([], True), (["a"], True), (["b"], False)])
def test_complete_when_no_host_waits(active: list[str], complete: bool) -> None:
    assert fleet_document({"a": reading(), "b": {}}, NOW, active)["complete"] is complete


def test_scores() -> None:
    scores = document()["hosts"][0]["scores"]
    # one, two, eight are met; three, four, seven are not; five, six and gone do not count.
    assert scores["all"] == {"score_percent": 50.0, "met": 3, "counted": 6}
    assert scores["profiles"] == {
        "level1": {"score_percent": 60.0, "met": 3, "counted": 5},
        "level2": {"score_percent": 50.0, "met": 3, "counted": 6},
    }
    assert scores["sections"] == {
        "ssh": {"score_percent": 60.0, "met": 3, "counted": 5},
        "files": {"score_percent": 0.0, "met": 0, "counted": 1},
    }
    fleet = document()["scores"]
    assert fleet["all"] == {"score_percent": 53.8, "met": 7, "counted": 13}
    assert list(fleet["profiles"]) == ["level1", "level2"]


def test_totals() -> None:
    totals = document()["summary"]
    assert totals["hosts"] == 8
    assert sum(totals["states"].values()) == 8
    assert totals["statuses"]["failed"] == 4
    assert totals["put_back"] == 2
    assert totals["overdue"] == 2


DAYS: list[tuple[str, t.Any, bool]] = [
    ("", None, False),
    ("2030-01-10", 0, False),
    ("2030-01-11", 1, False),
    ("2030-01-09", -1, True),
    ("2031-01-10", 365, False),
]


@pytest.mark.parametrize(("expires", "left", "overdue"), DAYS)
def test_days_left(expires: str, left: int | None, overdue: bool) -> None:
    made = document({"a": reading(control("one", "exempt", decision=decision(expires=expires)))})
    assert made["hosts"][0]["decisions"] == [
        {
            "control": "one",
            "kind": "exemption",
            "reason": "we said so",
            "expires": expires,
            "days_left": left,
            "overdue": overdue,
        }
    ]


def test_controls_may_come_as_one_text() -> None:
    made = reading()
    text = {
        **{key: value for key, value in made.items() if key != "controls"},
        "controls_packed": pack(made["controls"]),
    }
    assert fleet_document({"a": text}, NOW) == fleet_document({"a": made}, NOW)


UNREADABLE = {"summary": {}, "controls_packed": "[{"}


@pytest.mark.parametrize(
    "bad", [None, [], "x", {"controls": 3}, {"controls": []}, UNREADABLE, {"controls_packed": None}]
)
def test_what_is_no_result_is_refused(bad: t.Any) -> None:
    with pytest.raises(InputError, match=r"readings\['a'\]: is no result of the baseline"):
        document({"a": bad})


@pytest.mark.parametrize("readings", [None, {}])
def test_json_is_the_document(readings: t.Any) -> None:
    made = document(readings)
    assert json.loads(render_json(made)) == made


def test_json_has_a_line_for_each_host() -> None:
    lines = render_json(document()).splitlines()
    assert [line.startswith(' {"host":') for line in lines].count(True) == 8


def test_documentation_names_every_field() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = document()
    host = made["hosts"][0]
    inner = (made["summary"], host["scores"], host["scores"]["all"], host["decisions"][0], host["controls"][0])
    names = {*made, *host, *host["summary"], *made["controls"]["one"], *STATES, *STATUSES}
    names = names.union(*inner)
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
