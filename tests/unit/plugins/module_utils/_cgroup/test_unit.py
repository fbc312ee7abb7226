# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import parse_intent
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import RANGES, parse_limits
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.unit import (
    path_of,
    properties,
    render,
    unit_of,
)

CASES: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({"cpu_weight": 50, "cpu_quota_percent": 150}, ["CPUWeight=50", "CPUQuota=150%"]),
    (
        {"memory_min_mib": 0, "memory_max_mib": 64, "swap_max_mib": 0},
        ["MemoryMin=0M", "MemoryMax=64M", "MemorySwapMax=0M"],
    ),
    ({"tasks_max": 7, "io_weight": 9}, ["TasksMax=7", "IOWeight=9"]),
    (
        {"oom_memory_pressure": "kill", "oom_memory_pressure_limit_percent": 60, "oom_swap": "auto"},
        ["ManagedOOMSwap=auto", "ManagedOOMMemoryPressure=kill", "ManagedOOMMemoryPressureLimit=60%"],
    ),
    (
        {"devices": [{"device": "/dev/vda", "read_bytes_per_second": 1, "write_iops": 2}]},
        ["IOReadBandwidthMax=/dev/vda 1", "IOWriteIOPSMax=/dev/vda 2"],
    ),
]


@pytest.mark.parametrize(("options", "lines"), CASES)
def test_properties(options: dict[str, t.Any], lines: list[str]) -> None:
    assert properties(parse_limits("x", options, [])) == lines


def test_every_option_is_rendered() -> None:
    options = {**dict.fromkeys(RANGES, 1), "oom_memory_pressure": "kill", "oom_swap": "kill"}
    assert len(properties(parse_limits("x", options, []))) == len(options)


def test_every_file() -> None:
    intent = parse_intent({"tenants": [{"name": "acme", "tasks_max": 9}], "delegate_users": ["cpu", "io"]})
    files = render(intent)
    assert [unit_of(path) for path in files] == [
        "system.slice", "engine.slice", "machine.slice", "machine-acme.slice",
        "containerd.service", "docker.service", "podman.service", "user@.service", "slices.target",
    ]  # fmt: skip
    assert files[path_of("machine-acme.slice")].endswith("\nTasksMax=9\n")
    assert files[path_of("docker.service")].endswith("[Service]\nSlice=engine.slice\n")
    assert files[path_of("user@.service")].endswith("[Service]\nDelegate=cpu io\n")
    assert files[path_of("slices.target")].endswith("[Unit]\nWants=engine.slice machine.slice machine-acme.slice\n")
    assert path_of("user@.service") not in render(parse_intent({}))
