# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd units."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.service_state import (
    Unit,
    parse_show,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, Step

States = dict[str, tuple[str, str, str]]
RUNNING = ("loaded", "active", "enabled")
STOPPED = ("loaded", "inactive", "disabled")
MASKED = ("masked", "inactive", "masked")

CASES: list[tuple[dict[str, t.Any], States, str, list[str]]] = [
    # parameters, units, status, what systemctl is told
    ({"state": "running", "units": ["a"]}, {"a.service": RUNNING}, "passed", []),
    ({"state": "running", "units": ["a"]}, {"a.service": STOPPED}, "deviates", ["enable a.service", "start a.service"]),
    ({"state": "running", "units": ["a"]}, {"a.service": ("loaded", "active", "static")}, "passed", []),
    ({"state": "running", "units": ["a"]}, {"a.service": MASKED}, "deviates",
     ["unmask a.service", "enable a.service", "start a.service"]),
    ({"state": "running", "units": ["a"]}, {}, "failed", []),
    ({"state": "running", "units": ["a"], "if_missing": "not_applicable"}, {}, "not_applicable", []),
    ({"state": "running", "any_of": True, "units": ["a", "b"]}, {"a.service": STOPPED, "b.service": RUNNING}, "passed", []),
    ({"state": "running", "any_of": True, "units": ["a", "b"]}, {"b.service": STOPPED}, "deviates",
     ["enable b.service", "start b.service"]),
    ({"state": "stopped", "units": ["a.socket"]}, {"a.socket": RUNNING}, "deviates", ["stop a.socket", "disable a.socket"]),
    ({"state": "stopped", "units": ["a"]}, {"a.service": MASKED}, "passed", []),
    ({"state": "stopped", "units": ["a"]}, {}, "passed", []),
    ({"state": "stopped", "units": ["a"]}, {"a.service": ("loaded", "failed", "disabled")}, "passed", []),
    ({"state": "masked", "units": ["a"]}, {"a.service": STOPPED}, "deviates", ["mask a.service"]),
    ({"state": "masked", "units": ["a"]}, {"a.service": MASKED}, "passed", []),
]  # fmt: skip


def said(steps: t.Iterable[Step]) -> list[str]:
    """What systemctl is told, without when it reads its files."""
    told = [[word for word in step.argv[1:] if word != "--no-reload"] for step in steps if isinstance(step, Run)]
    return [" ".join(words) for words in told if words != ["daemon-reload"]]


@pytest.mark.parametrize(("parameters", "units", "status", "told"), CASES)
def test_finding_and_steps(parameters: dict[str, t.Any], units: States, status: str, told: list[str]) -> None:
    host, programs = make_host()
    programs.units.update(units)
    planned = plan("service_state", host, parameters)
    assert planned.findings[0].status == status
    assert said(planned.steps) == told
    assert (planned.findings[0].before != planned.findings[0].after) is bool(told)


BACK: list[tuple[tuple[str, str, str], tuple[str, str, str], list[str]]] = [
    (RUNNING, MASKED, ["unmask a.service", "enable a.service", "start a.service"]),
    (STOPPED, RUNNING, ["stop a.service", "disable a.service"]),
    (MASKED, RUNNING, ["stop a.service", "mask a.service"]),
    (RUNNING, RUNNING, []),
]


@pytest.mark.parametrize(("was", "now", "told"), BACK)
def test_unit_is_put_back(was: tuple[str, str, str], now: tuple[str, str, str], told: list[str]) -> None:
    host, programs = make_host()
    programs.units["a.service"] = now
    kept = {"a.service": Kept("c", dict(zip(("load", "active", "file_state"), was)))}
    assert said(plan("service_state", host, [], kept).steps) == told


def test_systemd_reads_its_files_once_for_all_units() -> None:
    host, programs = make_host()
    programs.units.update({"a.service": MASKED, "b.service": RUNNING, "c.service": STOPPED})
    wanted = [
        {"state": "running", "units": ["a"]},
        {"state": "masked", "units": ["b"]},
        {"state": "running", "units": ["c"]},
    ]
    steps = plan("service_state", host, wanted).steps
    assert [" ".join(step.argv[1:]) for step in steps if isinstance(step, Run)] == [
        "stop b.service",
        "--no-reload unmask a.service",
        "--no-reload enable a.service",
        "--no-reload mask b.service",
        "--no-reload enable c.service",
        "daemon-reload",
        "start a.service",
        "start c.service",
    ]
    for step in steps:
        step.apply(host)
    assert {name: programs.units[f"{name}.service"] for name in "abc"} == {"a": RUNNING, "b": MASKED, "c": RUNNING}


def test_without_systemd_every_control_has_failed() -> None:
    host, _programs = make_host()
    del host.commands["systemctl",]
    found = finding("service_state", host, {"state": "running", "units": ["a"]})
    assert found.status == "failed"
    assert "command not found" in found.reason


def test_show_is_read_in_the_order_asked() -> None:
    text = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\nLoadState=not-found\nActiveState=inactive\n"
    assert parse_show(text, ["b", "a"]) == {
        "b": Unit("loaded", "active", "enabled"),
        "a": Unit("not-found", "inactive", ""),
    }
