# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, plan
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.package_state import (
    InstallPackages,
    RemovePackages,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step

CASES: list[tuple[dict[str, t.Any], str, list[Step]]] = [
    ({"state": "absent", "names": ["xinetd"]}, "passed", []),
    ({"state": "absent", "names": ["telnetd", "xinetd"]}, "deviates", [RemovePackages(("c0",), ("telnetd",))]),
    ({"state": "present", "names": ["cowsay"]}, "passed", []),
    ({"state": "present", "names": ["htop"]}, "deviates", [InstallPackages(("c0",), ("htop",))]),
    ({"state": "present", "any_of": True, "names": ["htop", "cowsay"]}, "passed", []),
    ({"state": "present", "any_of": True, "names": ["htop", "x"]}, "deviates", [InstallPackages(("c0",), ("htop",))]),
]


@pytest.mark.parametrize(("parameters", "status", "steps"), CASES)
def test_finding_and_steps(parameters: dict[str, t.Any], status: str, steps: list[Step]) -> None:
    host, _programs = make_host()
    planned = plan("package_state", host, parameters)
    assert planned.findings[0].status == status
    assert list(planned.steps) == steps


def test_removal_that_takes_others_along_is_refused() -> None:
    host, programs = make_host()
    programs.removal_takes = ["important"]
    planned = plan("package_state", host, {"state": "absent", "names": ["telnetd"]})
    assert planned.findings[0].status == "failed"
    assert "would take along important" in planned.findings[0].reason
    assert planned.steps == ()


def test_removal_is_allowed_to_when_asked() -> None:
    host, programs = make_host()
    programs.removal_takes = ["important"]
    planned = plan("package_state", host, {"state": "absent", "names": ["telnetd"], "alone": False})
    assert planned.steps == (RemovePackages(("c0",), ("telnetd",)),)


def test_packages_are_put_back_in_one_go() -> None:
    host, _programs = make_host()
    kept = {"htop": Kept("a", True), "cowsay": Kept("b", False)}
    planned = plan("package_state", host, [], kept)
    assert planned.steps == (InstallPackages(("a",), ("htop",)),)
    # Other kinds may need it to put back what they did with it.
    assert planned.last_steps == (RemovePackages(("b",), ("cowsay",)),)


def test_unknown_package_manager() -> None:
    found = finding("package_state", FakeHostIO(), {"state": "absent", "names": ["a"]})
    assert found.status == "failed"
    assert "no known package manager" in found.reason
