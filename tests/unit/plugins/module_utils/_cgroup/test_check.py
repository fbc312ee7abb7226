# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.check import (
    Disk,
    Machine,
    check,
    hierarchy_problem,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import parse_intent

MACHINE = Machine(
    hierarchy="unified",
    controllers=("cpu", "cpuset", "io", "memory", "pids"),
    processors=2,
    memory_bytes=2048 * 1024 * 1024,
    swap_bytes=0,
    pid_max=32768,
    has_oomd=False,
    disks={"/dev/vda": Disk("254:0"), "/dev/vda1": Disk("254:1", True)},
)


def device(path: str, **limits: int) -> dict[str, t.Any]:
    return {"devices": [{"device": path, **limits}]}


FITS: list[dict[str, t.Any]] = [
    {},
    {"system": {"memory_min_mib": 1024}, "workload": {"memory_min_mib": 1024, "cpu_quota_percent": 200}},
    {"workload": {"memory_low_mib": 20}, "tenants": [{"name": n, "memory_low_mib": 10} for n in "ab"]},
    {"workload": {"memory_max_mib": 100}, "tenants": [{"name": n, "memory_max_mib": 100} for n in "ab"]},
    {"workload": {**device("/dev/vda", read_iops=9)}, "tenants": [{"name": "a", **device("/dev/vda", write_iops=10)}]},
    {"workload": {"swap_max_mib": 0}},
]


@pytest.mark.parametrize("options", FITS)
def test_fits(options: dict[str, t.Any]) -> None:
    assert check(parse_intent(options), MACHINE) == []


REFUSED: list[tuple[dict[str, t.Any], str]] = [
    (
        {"engine": {"cpu_quota_percent": 201}},
        "engine.cpu_quota_percent: 201 is more than this machine has, 200 percent",
    ),
    ({"workload": {"memory_max_mib": 2049}}, "workload.memory_max_mib: 2049 is more than this machine has, 2048 MiB"),
    ({"workload": {"swap_max_mib": 1}}, "workload.swap_max_mib: 1 is more than this machine has, 0 MiB"),
    ({"workload": {"tasks_max": 32769}}, "workload.tasks_max: 32769 is more than this machine has, 32768 processes"),
    (
        {"system": {"memory_min_mib": 1025}, "workload": {"memory_min_mib": 1024}},
        "add up to 2049; guarantee no more than the machine's 2048 MiB",
    ),
    (
        {"tenants": [{"name": "a", "memory_min_mib": 5}]},
        "the workload slice is guaranteed 0; set workload.memory_min_mib to 5",
    ),
    (
        {"workload": {"memory_low_mib": 9}, "tenants": [{"name": n, "memory_low_mib": 5} for n in "ab"]},
        "memory_low_mib of all tenants add up to 10",
    ),
    (
        {"workload": {"memory_max_mib": 9}, "tenants": [{"name": "a"}, {"name": "b", "memory_max_mib": 10}]},
        "tenants[1].memory_max_mib: 10 is above workload.memory_max_mib, 9",
    ),
    ({"workload": {"tasks_max": 9}, "tenants": [{"name": "a", "tasks_max": 10}]}, "10 is above workload.tasks_max, 9"),
    (
        {"workload": device("/dev/vda", read_iops=9), "tenants": [{"name": "a", **device("/dev/vda", read_iops=10)}]},
        "tenants[0].devices[0].read_iops: 10 is above the workload slice's 9",
    ),
    ({"workload": device("/dev/vdz", read_iops=9)}, "/dev/vdz is no block device here"),
    ({"workload": device("/dev/vda1", read_iops=9)}, "/dev/vda1 is a part of a disk; limit the whole disk"),
    ({"workload": {"oom_swap": "kill"}}, "workload.oom_swap: nobody would act on it; install systemd-oomd"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_refused(options: dict[str, t.Any], message: str) -> None:
    problems = check(parse_intent(options), MACHINE)
    assert len(problems) == 1
    assert message in str(problems[0])


def test_a_controller_the_kernel_lacks() -> None:
    machine = replace(MACHINE, controllers=("cpu", "pids"))
    intent = parse_intent({"workload": {"memory_max_mib": 9, "tasks_max": 9}, "delegate_users": ["io"]})
    assert [str(problem).partition(", which")[0] for problem in check(intent, machine)] == [
        "host: the kernel has no controller 'io'",
        "host: the kernel has no controller 'memory'",
    ]


@pytest.mark.parametrize("hierarchy", ["hybrid", "legacy"])
def test_an_old_hierarchy_is_the_only_thing_to_say(hierarchy: str) -> None:
    machine = replace(MACHINE, hierarchy=hierarchy, controllers=())
    problems = check(parse_intent({"workload": {"memory_max_mib": 4096}}), machine)
    assert problems == [hierarchy_problem(machine)]
    assert "systemd.unified_cgroup_hierarchy=1" in problems[0].remedy
