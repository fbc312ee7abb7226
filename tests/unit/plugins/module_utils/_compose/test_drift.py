# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed by hand on a running container: each case is the service's keys, the container's, and the phrases."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.drift import (
    deviations,
    restart_deviation,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    Endpoint,
    ObservedContainer,
    Settings,
)

MIB = 1024 * 1024
LIMITED = Settings(
    restart="always", memory_bytes=64 * MIB, memory_swap_bytes=128 * MIB, nano_cpus=500_000_000, cpuset="0-1", pids=50
)
TEXT = "{restart: always, mem_limit: 64m, cpus: 0.5, cpuset: 0-1, pids_limit: 50}"


def service(text: str) -> Service:
    networks = {"fixed": {"ipam": {"config": [{"subnet": "10.0.0.0/24"}]}}}
    document = {"services": {"web": {"image": "a", **yaml.safe_load(text)}}, "networks": networks}
    return load(document, project_name="p").services["web"]


def container(settings: t.Optional[Settings] = None, **changes: t.Any) -> ObservedContainer:
    there = ObservedContainer("p-web-1", "web", "1", "running", networks=("p_default",), settings=settings)
    return dataclasses.replace(there, **changes)


CASES: list[tuple[str, dict[str, t.Any], list[str]]] = [
    ("{}", {"settings": None}, []),
    ("{}", {}, []),
    (TEXT, {"settings": LIMITED}, []),
    (TEXT, {"settings": dataclasses.replace(LIMITED, memory_bytes=512 * MIB)}, ["memory 512 MiB instead of 64 MiB"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, memory_bytes=0)}, ["memory unlimited instead of 64 MiB"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, memory_bytes=1000)}, ["memory 1000 bytes instead of 64 MiB"]),
    ("{}", {"settings": Settings(memory_bytes=MIB)}, ["memory 1 MiB instead of unlimited"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, memory_swap_bytes=64 * MIB)}, ["memory and swap 64 MiB instead of 128 MiB"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, memory_swap_bytes=-1)}, []),
    ("{mem_limit: 64m, memswap_limit: 64m}", {"settings": Settings(memory_bytes=64 * MIB, memory_swap_bytes=64 * MIB)}, []),
    ("{}", {"settings": Settings(memory_reservation_bytes=MIB)}, ["memory reservation 1 MiB instead of unlimited"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, nano_cpus=2_000_000_000)}, ["2 CPUs instead of 0.5"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, nano_cpus=0)}, ["all CPUs instead of 0.5"]),
    ("cpus: 0.333333", {"settings": Settings(nano_cpus=333_330_000)}, []),
    ("cpu_quota: 50000", {"settings": Settings(nano_cpus=500_000_000)}, []),
    ("{cpu_quota: 50000, cpu_period: 50000}", {"settings": Settings(nano_cpus=500_000_000)}, ["0.5 CPUs instead of 1"]),
    (TEXT, {"settings": dataclasses.replace(LIMITED, cpuset="")}, ["CPU set of all instead of 0-1"]),
    ("cpu_shares: 512", {"settings": Settings(cpu_shares=2)}, ["CPU shares 2 instead of 512"]),
    ("{}", {"settings": Settings(cpu_shares=1024)}, []),
    (TEXT, {"settings": dataclasses.replace(LIMITED, pids=0)}, ["limit of processes none instead of 50"]),
    ("{}", {"settings": Settings(pids=2048)}, []),
    ("pids_limit: -1", {"settings": Settings(pids=0)}, []),
    ("{}", {"networks": ("other",)}, ["not on network p_default", "also on network other"]),
    ("{}", {"networks": ("p_default", "other")}, ["also on network other"]),
    ("{}", {"networks": ()}, []),
    ("{}", {"networks": (), "settings": Settings()}, ["not on network p_default"]),
    ("network_mode: host", {"networks": ("host",)}, []),
    ("{}", {"endpoints": {"p_default": Endpoint(("web", "0123"))}}, []),
    ("{}", {"endpoints": {"p_default": Endpoint(("0123",))}}, ["without alias web on network p_default"]),
    ("{}", {"endpoints": {"p_default": Endpoint()}}, []),
    (
        "networks: {fixed: {ipv4_address: 10.0.0.5}}",
        {"networks": ("p_fixed",), "endpoints": {"p_fixed": Endpoint(("web",), "10.0.0.9")}},
        ["address 10.0.0.9 instead of 10.0.0.5 on network p_fixed"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "changes", "expected"), CASES)
def test_deviations(text: str, changes: dict[str, t.Any], expected: list[str]) -> None:
    assert deviations(service(text), container(**changes), engine_restarts=False) == expected


@pytest.mark.parametrize(
    ("wanted", "there", "by_engine", "in_place"),
    [
        ("always", Settings("always"), [], ""),
        ("always", Settings("unless-stopped"), [], "restart policy unless-stopped instead of always"),
        ("'no'", Settings("always"), ["restart policy always instead of no"], "restart policy always instead of no"),
        ("on-failure:3", Settings("on-failure", 3), [], ""),
        ("on-failure:3", Settings("on-failure", 5), [], "restart policy on-failure:5 instead of on-failure:3"),
    ],
)
def test_restart_policies(wanted: str, there: Settings, by_engine: list[str], in_place: str) -> None:
    made = service(f"restart: {wanted}")
    assert deviations(made, container(there), engine_restarts=True) == by_engine
    assert deviations(made, container(there), engine_restarts=False) == []
    assert restart_deviation(made, container(there)) == in_place
    assert restart_deviation(made, container(there, state="exited")) == ""
