# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.usage import (
    FILES,
    container_groups,
    parse_usage,
)

ID = "0123456789abcdef" * 4


@pytest.mark.parametrize(("text", "groups"), [
    (f"0::/system.slice/docker-{ID}.scope\n", (f"/system.slice/docker-{ID}.scope",)),
    (f"0::/machine.slice/libpod-{ID}.scope/container\n",
     (f"/machine.slice/libpod-{ID}.scope", f"/machine.slice/libpod-{ID}.scope/container")),
    (f"0::/docker/{ID}\n", (f"/docker/{ID}",)),
    (f"0::/docker/{ID}/init.scope\n", (f"/docker/{ID}", f"/docker/{ID}/init.scope")),
    (f"4:memory:/docker/{ID}\n0::/docker/{ID}\n", (f"/docker/{ID}",)),
    # control groups of version 1, another container, nothing of its own, a process that has ended
    (f"4:memory:/docker/{ID}\n", ()),
    (f"0::/docker/{'f' * 64}\n", ()),
    ("0::/\n", ()),
    ("", ()),
    (None, ()),
])  # fmt: skip
def test_container_groups(text: t.Optional[str], groups: tuple[str, ...]) -> None:
    assert container_groups(text, ID) == groups


def test_a_container_without_an_id_has_no_group() -> None:
    assert container_groups("0::/system.slice\n", "") == ()


def test_everything_there() -> None:
    files = {
        "cpu.stat": "usage_usec 12084512\nuser_usec 9000000\nsystem_usec 3084512\n",
        "io.stat": "254:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0\n8:0 rbytes=1 wbytes=2 rios=1 wios=1\n",
        "memory.current": "31457280\n",
        "memory.max": "134217728\n",
        "memory.peak": "40894464\n",
        "memory.stat": "anon 1000\ninactive_file 4096000\nactive_file 5\n",
        "memory.swap.current": "0\n",
        "pids.current": "7\n",
        "pids.max": "64\n",
    }
    assert sorted(files) == sorted(FILES)
    assert parse_usage(files, {}) == {
        "cpu_seconds": 12.084512,
        "memory_bytes": 31457280,
        "memory_reclaimable_bytes": 4096000,
        "memory_peak_bytes": 40894464,
        "memory_limit_bytes": 134217728,
        "swap_bytes": 0,
        "pids": 7,
        "pids_limit": 64,
        "io_read_bytes": 8193,
        "io_written_bytes": 4098,
    }


def test_no_limits_nothing_read_and_an_older_kernel() -> None:
    found = parse_usage({"memory.max": "max\n", "pids.max": "max\n", "io.stat": "", "pids.current": "1\n"}, {})
    assert found is not None
    assert {name: value for name, value in found.items() if value is not None} == {
        "pids": 1,
        "io_read_bytes": 0,
        "io_written_bytes": 0,
    }


def test_a_group_that_is_gone_has_no_usage() -> None:
    assert parse_usage(dict.fromkeys(FILES), {}) is None


@pytest.mark.parametrize(("here", "below", "limit"), [
    ("max\n", "64\n", 64),
    ("128\n", "64\n", 64),
    ("64\n", "max\n", 64),
    ("max\n", None, None),
])  # fmt: skip
def test_the_lower_limit_counts(here: str, below: t.Optional[str], limit: t.Optional[int]) -> None:
    found = parse_usage({"pids.max": here, "memory.max": here}, {"pids.max": below, "memory.max": below})
    assert found is not None
    assert found["pids_limit"] == found["memory_limit_bytes"] == limit
