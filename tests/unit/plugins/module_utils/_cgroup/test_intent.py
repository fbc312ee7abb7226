# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    Intent,
    cgroup_path,
    parse_intent,
    tenant_of,
    tenant_slice,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import Limits
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError


def test_nothing_said_limits_nothing() -> None:
    intent = parse_intent({})
    assert intent == Intent()
    assert intent.controllers == frozenset()
    assert list(intent.slices()) == ["system.slice", "engine.slice", "machine.slice"]


def test_values_are_kept() -> None:
    device = {"device": "/dev/vda", "read_iops": 100, "write_iops": None}
    intent = parse_intent(
        {
            "system": {"memory_min_mib": 128, "cpu_weight": None},
            "tenants": [{"name": "acme", "tasks_max": 64, "devices": [device]}],
            "delegate_users": ["memory", "cpu"],
        }
    )
    assert intent.system == Limits(memory_min_mib=128)
    assert intent.tenants[0].limits.devices[0].read_iops == 100
    assert intent.delegate_users == ("cpu", "memory")
    assert intent.controllers == {"cpu", "io", "memory", "pids"}
    assert intent.paths()["machine-acme.slice"] == "tenants[0]"


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"system": {"cpu_weight": 0}}, "system.cpu_weight: 0 is out of range; use a whole number from 1 to 10000"),
    ({"workload": {"tasks_max": True}}, "workload.tasks_max: True is out of range"),
    ({"engine": {"memory_low_mib": 9, "memory_max_mib": 8}}, "engine.memory_low_mib: 9 MiB is above memory_max_mib, 8"),
    ({"engine": {"memory_min_mib": 9, "memory_low_mib": 8}}, "keep memory_min <= low <= high <= max"),
    ({"tenants": [{"name": "a-b"}]}, "tenants[0].name: 'a-b' is no tenant's name"),
    ({"tenants": [{"name": ""}]}, "tenants[0].name: '' is no tenant's name"),
    ({"tenants": [{"name": "a"}, {"name": "a"}]}, "tenants[1].name: 'a' is there twice"),
    ({"delegate_users": ["net"]}, "delegate_users[0]: 'net' can't be delegated"),
    ({"workload": {"devices": [{"device": "vda", "read_iops": 1}]}}, "workload.devices[0].device: 'vda' is no device"),
    ({"workload": {"devices": [{"device": "/dev/vda"}]}}, "workload.devices[0]: limits nothing"),
    ({"workload": {"devices": [{"device": "/dev/vda", "read_iops": 0}]}}, "devices[0].read_iops: 0 is out of range"),
    (
        {"workload": {"devices": [{"device": "/dev/a", "read_iops": 1}] * 2}},
        "devices[1].device: '/dev/a' is there twice",
    ),
    ({"workload": {"oom_swap": "maybe"}}, "workload.oom_swap: 'maybe' is unknown; use one of: auto, kill"),
    ({"workload": {"oom_memory_pressure_limit_percent": 60}}, "is a limit nobody watches"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_input(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_intent(options)
    assert message in str(caught.value)


def test_all_problems_come_together() -> None:
    with pytest.raises(InputError) as caught:
        parse_intent({"system": {"cpu_weight": 0, "tasks_max": 0}, "tenants": [{"name": "-"}]})
    assert [problem.path for problem in caught.value.problems] == [
        "tenants[0].name",
        "system.cpu_weight",
        "system.tasks_max",
    ]


@pytest.mark.parametrize(
    ("unit", "path"),
    [
        ("system.slice", "system.slice"),
        ("machine-acme.slice", "machine.slice/machine-acme.slice"),
        ("a-b-c.slice", "a.slice/a-b.slice/a-b-c.slice"),
    ],
)
def test_cgroup_path(unit: str, path: str) -> None:
    assert cgroup_path(unit) == path


@pytest.mark.parametrize(
    ("unit", "tenant"),
    [("machine-acme.slice", "acme"), ("machine.slice", ""), ("machine-a-b.slice", ""), ("docker-1.scope", "")],
)
def test_tenant_of(unit: str, tenant: str) -> None:
    assert tenant_of(unit) == tenant
    assert not tenant or tenant_slice(tenant) == unit
