# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import parse_limits
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.live import (
    deviations,
    ignored_weight,
    limits_of,
    stale_devices,
)

NUMBERS = {"/dev/vda": "254:0"}
FOUND: dict[str, t.Optional[str]] = {
    "cpu.weight": "50\n",
    "cpu.max": "150000 100000\n",
    "memory.max": "67108864\n",
    "memory.min": "0\n",
    "pids.max": "max\n",
    "io.max": "254:0 rbps=1000 wbps=max riops=7 wiops=max\n",
}

CASES: list[tuple[dict[str, t.Any], dict[str, tuple[t.Any, t.Any]]]] = [
    ({}, {}),
    ({"cpu_weight": 50, "cpu_quota_percent": 150, "memory_max_mib": 64, "memory_min_mib": 0}, {}),
    ({"cpu_weight": 51}, {"cpu_weight": (50, 51)}),
    ({"cpu_quota_percent": 100}, {"cpu_quota_percent": (150.0, 100)}),
    ({"memory_max_mib": 65}, {"memory_max_mib": (64, 65)}),
    ({"swap_max_mib": 1}, {"swap_max_mib": (None, 1)}),
    ({"tasks_max": 5}, {"tasks_max": (None, 5)}),
    ({"devices": [{"device": "/dev/vda", "read_iops": 7}]}, {}),
    ({"devices": [{"device": "/dev/vda", "write_iops": 7}]}, {"/dev/vda write_iops": (None, 7)}),
]


@pytest.mark.parametrize(("options", "expected"), CASES)
def test_deviations(options: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    assert deviations(parse_limits("x", options, []), FOUND, NUMBERS) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"254:0": ("254:0 rbps=1000 riops=7", "254:0 rbps=max riops=max")}),
        ({"devices": [{"device": "/dev/vda", "read_iops": 9}]}, {"254:0": ("254:0 rbps=1000", "254:0 rbps=max")}),
        ({"devices": [{"device": "/dev/vda", "read_iops": 9, "read_bytes_per_second": 9}]}, {}),
    ],
)
def test_stale_devices(options: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    assert stale_devices(parse_limits("x", options, []), FOUND, NUMBERS) == expected


@pytest.mark.parametrize(
    ("weight", "files", "ignored"),
    [(None, {}, False), (5, {}, True), (5, {"io.weight": "default 5"}, False), (5, {"io.bfq.weight": "5"}, False)],
)
def test_a_weight_nobody_keeps(weight: t.Optional[int], files: dict[str, t.Optional[str]], ignored: bool) -> None:
    assert ignored_weight(parse_limits("x", {"io_weight": weight}, []), files) is ignored


def test_what_is_there_in_the_words_of_the_options() -> None:
    assert limits_of({**FOUND, "io.bfq.weight": "default 30\n"}) == {
        "cpu_weight": 50,
        "cpu_quota_percent": 150.0,
        "memory_min_bytes": 0,
        "memory_low_bytes": None,
        "memory_high_bytes": None,
        "memory_max_bytes": 67108864,
        "swap_max_bytes": None,
        "tasks_max": None,
        "io_weight": 30,
        "devices": {"254:0": {"rbps": 1000, "wbps": None, "riops": 7, "wiops": None}},
    }
