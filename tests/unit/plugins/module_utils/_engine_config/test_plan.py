# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.distribution import Selection
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import (
    DAEMON_RELOAD,
    ENGINE,
    ConfigFile,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.plan import (
    Desired,
    FoundFile,
    Observed,
    choose_versions,
    compare,
    packages_to_change,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import Unit, UnitGoal
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import DAEMON_JSON
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    PackageRequest,
    PackageStatus,
)

SELECTION = Selection(engine=("docker.io", "docker-cli"), runtime=("containerd",), tools=("tini",))
INSTALLED = {name: PackageStatus(name, "26.1.5+dfsg1-9") for name in SELECTION.packages}
RUNNING = Unit("docker.service", True, True, "enabled", False)
GOAL = UnitGoal("docker.service", True, True)


def desired(**values: t.Any) -> Desired:
    return Desired(**{"selection": SELECTION, "files": (), "goals": (GOAL,), "engine_unit": "docker.service", **values})


def observed(**values: t.Any) -> Observed:
    return Observed(**{"packages": INSTALLED, "units": {"docker.service": RUNNING}, **values})


@pytest.mark.parametrize(
    ("found", "version", "expected"),
    [
        (INSTALLED, "", []),
        (INSTALLED, "26.1", []),
        (INSTALLED, "20.10", ["docker.io", "docker-cli"]),
        ({**INSTALLED, "tini": PackageStatus("tini", None)}, "", ["tini"]),
        ({}, "", ["docker.io", "docker-cli", "containerd", "tini"]),
    ],
)
def test_packages_to_change(found: dict[str, PackageStatus], version: str, expected: list[str]) -> None:
    assert packages_to_change(SELECTION, found, version) == expected


def test_choose_versions() -> None:
    available = {"docker.io": ["26.1.5-9", "26.1.4-1", "20.10.24-1"], "tini": ["0.19"]}
    assert choose_versions(SELECTION, ["docker.io", "tini"], "", available) == [
        PackageRequest("docker.io", "26.1.5-9"),
        PackageRequest("tini", "0.19"),
    ]
    assert choose_versions(SELECTION, ["docker.io"], "20.10", available) == [PackageRequest("docker.io", "20.10.24-1")]


def test_an_unavailable_version_lists_the_available_ones() -> None:
    available = {"docker.io": ["26.1.5-9", "20.10.24-1"]}
    with pytest.raises(InputError) as raised:
        choose_versions(SELECTION, ["docker.io", "containerd"], "27.0", available)
    words = str(raised.value)
    assert "version: docker.io 27.0 is not available; use one of: 26.1.5-9, 20.10.24-1" in words
    assert "package containerd: no repository of this host has it" in words


def test_nothing_to_do() -> None:
    plan = compare(desired(hold=False), observed())
    assert not plan.difference
    assert plan.actions() == []
    assert plan.diff() == []


def test_holds() -> None:
    held = {**INSTALLED, "containerd": PackageStatus("containerd", "1", True)}
    assert compare(desired(hold=True), observed(packages=held)).hold == ["docker.io", "docker-cli"]
    assert compare(desired(hold=False), observed(packages=held)).unhold == ["containerd"]
    assert not compare(desired(hold=None), observed(packages=held)).difference


def test_a_held_package_that_gets_another_version_is_held_anew() -> None:
    held = {name: PackageStatus(name, "1", True) for name in SELECTION.packages}
    plan = compare(desired(hold=True), observed(packages=held), [PackageRequest("docker.io", "2")])
    assert plan.hold == ["docker.io"]


def daemon_json(**options: t.Any) -> str:
    return json.dumps(options)


@pytest.mark.parametrize(
    ("before", "after", "unit", "steps"),
    [
        (daemon_json(debug=False), daemon_json(debug=True), RUNNING, ["reload"]),
        (daemon_json(mtu=1), daemon_json(mtu=2), RUNNING, ["restart"]),
        (daemon_json(mtu=1), daemon_json(mtu=2), Unit("docker.service", True, False, "enabled", False), []),
    ],
)
def test_steps_of_daemon_json(before: str, after: str, unit: Unit, steps: list[str]) -> None:
    files = (ConfigFile(DAEMON_JSON, after, ENGINE),)
    found = {DAEMON_JSON: FoundFile(before, 0o644)}
    plan = compare(desired(files=files), observed(files=found, units={"docker.service": unit}))
    assert [file.path for file in plan.write] == [DAEMON_JSON]
    assert plan.steps == steps
    assert plan.diff()[0] == {
        "before_header": DAEMON_JSON, "after_header": DAEMON_JSON, "before": before, "after": after
    }  # fmt: skip


def test_other_files() -> None:
    files = (ConfigFile("/a", "new", DAEMON_RELOAD), ConfigFile("/b", "same"), ConfigFile("/c", "x", ENGINE))
    found = {"/b": FoundFile("same", 0o600), "/d.conf": FoundFile("old", 0o644)}
    plan = compare(desired(files=files, remove_files=("/d.conf", "/gone")), observed(files=found))
    assert [file.path for file in plan.write] == ["/a", "/c"]
    assert [file.path for file in plan.set_mode] == ["/b"]
    assert plan.remove_files == ["/d.conf"]
    assert plan.steps == ["daemon-reload", "restart"]
    assert "remove /d.conf" in plan.actions()


def test_what_a_dead_run_left_undone_is_done() -> None:
    plan = compare(desired(), observed(pending=("reload", "restart")))
    assert plan.steps == ["reload", "restart"]
    assert plan.difference


def test_unit_files_systemd_has_not_read() -> None:
    stale = Unit("docker.service", True, True, "enabled", True)
    assert compare(desired(), observed(units={"docker.service": stale})).steps == ["daemon-reload"]


@pytest.mark.parametrize(
    ("unit", "goal", "expected"),
    [
        (RUNNING, GOAL, {}),
        (Unit("docker.service", True, False, "disabled", False), GOAL, {"enable": 1, "start": 1}),
        (Unit("docker.service", True, False, "masked", False), GOAL, {"unmask": 1, "enable": 1, "start": 1}),
        (RUNNING, UnitGoal("docker.service", False, False), {"disable": 1, "stop": 1}),
        (RUNNING, UnitGoal("docker.service", None, None), {}),
        (Unit("docker.service", False, False, "", False), UnitGoal("docker.service", False, False), {}),
    ],
)
def test_units(unit: Unit, goal: UnitGoal, expected: dict[str, int]) -> None:
    plan = compare(desired(goals=(goal,)), observed(units={"docker.service": unit}))
    verbs = ("unmask", "enable", "disable", "start", "stop")
    assert {verb: len(getattr(plan, verb)) for verb in verbs if getattr(plan, verb)} == expected
    assert bool(plan.difference) == bool(expected)


def test_units_a_package_brings_are_settled_after_it() -> None:
    goals = (GOAL, UnitGoal("podman-restart.service", False, None))
    plan = compare(desired(goals=goals), Observed(), [PackageRequest("docker.io", "26")])
    assert (plan.enable, plan.start, plan.disable) == (
        ["docker.service"],
        ["docker.service"],
        ["podman-restart.service"],
    )


def test_removal() -> None:
    wanted = desired(goals=(), remove_packages=("docker.io", "absent"), remove_data=("/var/lib/docker", "/gone"))
    plan = compare(wanted, observed(data=("/var/lib/docker",)))
    assert (plan.remove_packages, plan.remove_data) == (["docker.io"], ["/var/lib/docker"])


def test_the_engines_own_unit() -> None:
    # systemd reads it anew before the engine is started anew with it
    files = (ConfigFile("/etc/systemd/system/podman.service.d/x.conf", "[Service]\n", ENGINE),)
    assert compare(desired(files=files), observed()).steps == ["daemon-reload", "restart"]
