# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_problems: every way a request for a move can be wrong, and all of them together."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.move_problems import filter_move_problems

GOOD = {"workload": "shop", "source": "alpha", "target": "bravo"}
HOSTS = ["alpha", "bravo", "brave", "charlie"]
STAMP = "20261129061500"

CASES: list[tuple[dict[str, t.Any], str]] = [
    ({"workload": ""}, "move_workload: no workload is named; give its project name: -e workload=shop"),
    ({"workload": "Shop"}, "move_workload: 'Shop' is no name of a project; use lower-case letters"),
    ({"workload": "../x"}, "move_workload: '../x' is no name of a project"),
    ({"workload": "s" * 50}, "has 50 characters, too many for the id of a move"),
    ({"source": ""}, "move_source: the host that the workload leaves is not named; give -e from=NAME"),
    ({"target": ""}, "move_target: the host that the workload goes to is not named; give -e to=NAME"),
    ({"source": "alpah"}, "move_source: no host 'alpah' is in the inventory; did you mean alpha?"),
    ({"target": "bravi"}, "move_target: no host 'bravi' is in the inventory; did you mean bravo or brave?"),
    ({"target": "zulu99"}, "move_target: no host 'zulu99' is in the inventory; name a host of the inventory"),
    ({"target": "alpha"}, "move_target: alpha is the source as well; name another host to go to"),
    ({"downtime_budget_ms": -1}, "move_downtime_budget_ms: -1 is too little; give 0 or more"),
    ({"lease_seconds": "5"}, "move_lease_seconds: 5 is too little; give 60 or more"),
    ({"target_port": -22}, "move_target_port: -22 is too little"),
    ({"target_address": "admin@bravo"}, "move_target_address: 'admin@bravo' is no address"),
]


@pytest.mark.parametrize(("changes", "problem"), CASES)
def test_a_problem(changes: dict[str, t.Any], problem: str) -> None:
    (found,) = filter_move_problems({**GOOD, **changes}, HOSTS, STAMP)
    assert problem in found


def test_all_problems_are_told_together() -> None:
    found = filter_move_problems({"workload": "", "source": "x", "target": "x", "timeout_seconds": 0}, HOSTS, STAMP)
    places = [line.partition(":")[0] for line in found]
    assert places == ["move_workload", "move_source", "move_target", "move_target", "move_timeout_seconds"]


def test_nothing_is_wrong() -> None:
    assert filter_move_problems(GOOD, HOSTS, STAMP) == []
    assert filter_move_problems([GOOD, {**GOOD, "workload": "blog"}], HOSTS, STAMP) == []


def test_many() -> None:
    found = filter_move_problems([GOOD, {**GOOD, "target": "charlie"}, {**GOOD, "source": ""}, "x"], HOSTS, STAMP)
    assert found == [
        "move_many[1]: shop is in move_many[0] as well; a workload is moved once at a time",
        "move_many[2]: move_source: the host that the workload leaves is not named; give -e from=NAME",
        "move_many[2]: shop is in move_many[0] as well; a workload is moved once at a time",
        "move_many[3]: is no mapping; give workload, source and target",
    ]
    assert filter_move_problems([], HOSTS, STAMP) == [
        "move_many: no move is named; give a list of mappings with workload, source and target"
    ]


def test_what_is_no_request() -> None:
    with pytest.raises(AnsibleFilterError, match="a mapping or a list of them is due, not str"):
        filter_move_problems("shop", HOSTS, STAMP)
