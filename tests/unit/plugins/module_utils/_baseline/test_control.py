# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls from plain data."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import (
    merge_parameters,
    parse_controls,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

GOOD: dict[str, t.Any] = {
    "id": "good_one",
    "title": "T",
    "kind": "sysctl",
    "parameters": {"values": {"kernel.dmesg_restrict": 1}},
}

BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"id": "Bad-Id"}, "f[0](Bad-Id).id: is 'Bad-Id'"),
    ({"id": None}, "f[0].id: is missing"),
    ({"title": ""}, "f[0](good_one).title: is empty"),
    ({"kind": "sysctll"}, "f[0](good_one).kind: is 'sysctll'; give one of package_state"),
    ({"severity": "huge"}, "f[0](good_one).severity: is 'huge'"),
    ({"profile": "level9"}, "f[0](good_one).profile: is 'level9'"),
    ({"parameters": {"valuess": {}}}, "f[0](good_one).parameters.valuess: is not known here"),
    ({"parameters": {}}, "f[0](good_one).parameters.values: is missing; give values, or forbidden ones"),
    ({"breaks": {"magic": "x"}}, "f[0](good_one).breaks.magic: is no feature"),
    ({"requires": ["magic"]}, "f[0](good_one).requires[0]: is 'magic'"),
    ({"adjust": [{"when": "rootless", "reason": "r"}]}, "adjust[0]: must either exempt or give parameters"),
    ({"adjust": [{"when": "rootless", "exempt": True}]}, "adjust[0].reason: is missing"),
    (
        {"adjust": [{"when": "rootless", "reason": "r", "parameters": {"values": {"a": True}}}]},
        "adjust[0].parameters.values.a: is a boolean",
    ),
    ({"surprise": 1}, "f[0](good_one).surprise: is not known here"),
]


@pytest.mark.parametrize(("changes", "complaint"), BAD)
def test_bad_control(changes: dict[str, t.Any], complaint: str) -> None:
    problems: list[Problem] = []
    given = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    parse_controls([("f", [given])], problems)
    assert complaint in "\n".join(str(entry) for entry in problems)


def test_good_control_with_everything() -> None:
    problems: list[Problem] = []
    given = {
        **GOOD,
        "breaks": {"tracing": "x"},
        "requires": ["uefi", "rootless"],
        "adjust": [{"when": "multi_homed", "reason": "r", "parameters": {"values": {"kernel.dmesg_restrict": 0}}}],
        "references": ["CIS"],
    }
    controls = parse_controls([("f", [given])], problems)
    assert problems == []
    assert controls["good_one"].adjust[0].parameters == {"values": {"kernel.dmesg_restrict": 0}}


def test_same_id_twice() -> None:
    problems: list[Problem] = []
    parse_controls([("f", [GOOD]), ("g", [GOOD])], problems)
    assert [str(entry) for entry in problems] == [
        "g[0]: has the id 'good_one' of f[0]; give it an id of its own; to change a control, override it"
    ]


def test_problems_of_all_sources_come_together() -> None:
    problems: list[Problem] = []
    parse_controls([("f", {}), ("g", [5]), ("h", None)], problems)
    assert [entry.path for entry in problems][:2] == ["f", "g[0]"]


def test_parameters_merge_one_level_deep() -> None:
    merged = merge_parameters({"values": {"a": 1, "b": 2}, "compare": "equal"}, {"values": {"b": 3}, "module": "m"})
    assert merged == {"values": {"a": 1, "b": 3}, "compare": "equal", "module": "m"}
