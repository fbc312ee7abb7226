# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles, features, overrides and exemptions."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import parse_controls
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import (
    Selected,
    from_wire,
    resolve_conditions,
    select,
    to_wire,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

TODAY = datetime.date(2030, 6, 15)


def sysctl(identifier: str, value: int = 1, **more: t.Any) -> dict[str, t.Any]:
    key = f"kernel.{identifier}"
    return {"id": identifier, "title": "T", "kind": "sysctl", "parameters": {"values": {key: value}}, **more}


PROBLEMS: list[Problem] = []
CONTROLS = parse_controls(
    [
        (
            "f",
            [
                sysctl("plain"),
                sysctl("second", profile="level2"),
                sysctl("third", profile="strict"),
                sysctl("breaking", breaks={"rootless": "no namespaces"}),
                sysctl("needing", requires=["bridge_network"]),
                sysctl(
                    "adjusted",
                    2,
                    breaks={"tracing": "x"},
                    adjust=[{"when": "tracing", "reason": "softer", "parameters": {"values": {"kernel.adjusted": 1}}}],
                ),
                sysctl(
                    "on_host",
                    requires=["uefi"],
                    adjust=[{"when": "connected_as_root", "reason": "you are root", "exempt": True}],
                ),
            ],
        )
    ],
    PROBLEMS,
)


def chosen(**options: t.Any) -> dict[str, Selected]:
    given: dict[str, t.Any] = {"profile": "level1", "features": ["bridge_network"], "overrides": [], "exemptions": []}
    given.update(options)
    return {entry.control.id: entry for entry in select(CONTROLS, today=TODAY, **given)}


def test_catalogue_of_this_test_is_good() -> None:
    assert PROBLEMS == []


@pytest.mark.parametrize(("profile", "ids"), [("none", 0), ("level1", 5), ("level2", 6), ("strict", 7)])
def test_profiles_hold_the_ones_before(profile: str, ids: int) -> None:
    assert len(chosen(profile=profile)) == ids


def test_feature_exempts_what_would_break_it() -> None:
    assert chosen()["breaking"].status == "enforce"
    entry = chosen(features=["rootless"])["breaking"]
    assert (entry.status, entry.reason) == ("exempt", "would break rootless: no namespaces")


def test_feature_adjusts_instead_of_exempting_where_it_can() -> None:
    entry = chosen(features=["tracing"])["adjusted"]
    assert (entry.status, entry.reason) == ("enforce", "softer")
    assert entry.parameters == {"values": {"kernel.adjusted": 1}}


def test_control_without_its_feature_has_no_object() -> None:
    assert chosen(features=[])["needing"].status == "not_applicable"


def test_override_replaces_adjustment() -> None:
    override = {"id": "adjusted", "reason": "we know", "parameters": {"values": {"kernel.adjusted": 3}}}
    entry = chosen(features=["tracing"], overrides=[override])["adjusted"]
    assert entry.parameters == {"values": {"kernel.adjusted": 3}}
    assert entry.reason == "overridden: we know"


DATES = [("2030-06-14", True), ("2030-06-15", False), (datetime.date(2030, 6, 14), True), (None, False)]


@pytest.mark.parametrize(("expires", "is_over"), DATES)
def test_exemption_ends_after_its_day(expires: t.Any, is_over: bool) -> None:
    entry = chosen(exemptions=[{"id": "plain", "reason": "r", "expires": expires}])["plain"]
    assert entry.status == ("failed" if is_over else "exempt")
    assert ("ended on 2030-06-14" in entry.reason) is is_over


def test_overdue_override_is_kept_up_and_failed() -> None:
    override = {"id": "plain", "reason": "r", "parameters": {"values": {"kernel.plain": 7}}, "expires": "2030-01-01"}
    entry = chosen(overrides=[override])["plain"]
    assert entry.status == "enforce"
    assert entry.parameters == {"values": {"kernel.plain": 7}}
    assert entry.overdue == "its override (r) ended on 2030-01-01: renew it or take it away"


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"profile": "level3"}, "profile: is 'level3'; use one of level1, level2, strict, none"),
    ({"features": ["rootles"]}, "features[0]: is 'rootles', which is no feature"),
    ({"exemptions": [{"id": "plan", "reason": "r"}]}, "exemptions[0].id: is 'plan', which is no control; see the list"),
    ({"exemptions": [{"id": "on_hosts", "reason": "r"}]}, "did you mean on_host?"),
    ({"exemptions": [{"id": "plain"}]}, "exemptions[0].reason: is missing"),
    ({"exemptions": [{"id": "plain", "reason": "  "}]}, "exemptions[0].reason: is empty"),
    ({"exemptions": [{"id": "plain", "reason": "r", "expires": "15.6.2030"}]}, "give a date as YYYY-MM-DD"),
    ({"exemptions": [{"id": "plain", "reason": "r", "until": "x"}]}, "exemptions[0].until: is not known here"),
    ({"exemptions": {"plain": "r"}}, "exemptions: is no list"),
    ({"exemptions": ["plain"]}, "exemptions[0]: is the text 'plain'; give a mapping"),
    ({"overrides": [{"id": "plain", "reason": "r"}]}, "overrides[0].parameters: is missing"),
    ({"overrides": [{"id": "plain", "reason": "r", "parameters": {"v": 1}}]}, "parameters.v: is not known here"),
    (
        {
            "overrides": [{"id": "plain", "reason": "r", "parameters": {"values": {"a": 1}}}],
            "exemptions": [{"id": "plain", "reason": "r"}],
        },
        "exemptions[0]: decides about 'plain', which is decided already",
    ),
]


@pytest.mark.parametrize(("options", "complaint"), BAD)
def test_bad_input(options: dict[str, t.Any], complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen(**options)
    assert complaint in str(caught.value)


def test_all_problems_come_at_once() -> None:
    with pytest.raises(InputError) as caught:
        chosen(profile="x", features=["y"], exemptions=[{"id": "z"}])
    assert [entry.path for entry in caught.value.problems] == [
        "profile",
        "features[0]",
        "exemptions[0].reason",
        "exemptions[0].id",
    ]


CONDITIONS = [
    (set(), "not_applicable", "not the case here: uefi"),
    ({"uefi"}, "enforce", ""),
    ({"uefi", "connected_as_root"}, "exempt", "you are root"),
]


@pytest.mark.parametrize(("conditions", "status", "reason"), CONDITIONS)
def test_conditions_are_resolved_on_the_host(conditions: set[str], status: str, reason: str) -> None:
    wire = json.loads(json.dumps([to_wire(chosen()["on_host"])]))
    entry = resolve_conditions(from_wire(wire)[0], conditions)
    assert (entry.status, entry.reason) == (status, reason)


def test_wire_leaves_titles_behind() -> None:
    wire = to_wire(chosen()["plain"])
    assert wire == {"id": "plain", "kind": "sysctl", "parameters": {"values": {"kernel.plain": 1}}}


def test_broken_wire_is_refused() -> None:
    with pytest.raises(InputError, match="kind"):
        from_wire([{"id": "plain", "kind": "x", "parameters": {}}])
