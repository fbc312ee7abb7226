# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project that is deployed for the benchmark, the bare calls it takes, and what times come to."""

from __future__ import annotations

import json

import pytest
from support.workload_project import (
    AGAIN,
    CHANGE,
    FIRST,
    REMOVE,
    calls,
    compose_file,
    project,
    ratios,
    replaced,
    table,
    tool_version,
    turns,
)


def made(count: int, engine: str = "docker") -> dict[str, list[dict[str, object]]]:
    first, changed = (project("bench-calls", compose_file(count, revision)) for revision in (1, 2))
    return calls(first, changed, engine)


def names(entries: list[dict[str, object]]) -> list[object]:
    return [entry["call"] for entry in entries]


def test_each_service_has_a_volume_and_no_volume_is_nameless() -> None:
    one = project("p", compose_file(12))
    assert len(one.services) == len(one.volumes) == 12
    for service in one.services.values():
        assert [(mount.source != "", mount.target) for mount in service.mounts] == [(True, "/anonymous")]
    assert sum(bool(service.ports) for service in one.services.values()) == 2
    assert sum(bool(service.depends_on) for service in one.services.values()) == 9


@pytest.mark.parametrize("count", [1, 5, 11])
def test_a_change_concerns_one_service_that_no_other_waits_for(count: int) -> None:
    first, changed = (project("p", compose_file(count, revision)) for revision in (1, 2))
    differing = [name for name in first.services if first.services[name] != changed.services[name]]
    assert differing == [f"service-{count - 1}"]
    assert not any(differing[0] in service.depends_on for service in first.services.values())


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_calls(engine: str) -> None:
    found = made(3, engine)
    assert names(found[FIRST]) == [
        "create_network",
        *["create_volume"] * 3,
        *["create_container_from_config", "start"] * 3,
    ]
    assert found[AGAIN] == []
    assert names(found[CHANGE]) == ["stop", "remove_container", "create_container_from_config", "start"]
    assert names(found[REMOVE]) == [
        *["stop"] * 3,
        *["remove_container"] * 3,
        "remove_network",
        *["remove_volume"] * 3,
    ]
    assert json.loads(json.dumps(found)) == found


def test_what_is_changed_is_in_the_payload() -> None:
    found = made(2)
    payloads = [entry["arguments"] for entry in (*found[FIRST], *found[CHANGE]) if "from_config" in str(entry["call"])]
    revisions = [(name, "REVISION=2" in payload["Env"]) for payload, name in payloads]  # type: ignore[misc,attr-defined]
    assert revisions == [
        ("bench-calls-service-0-1", False),
        ("bench-calls-service-1-1", False),
        ("bench-calls-service-1-1", True),
    ]


def test_started_in_order_and_stopped_in_the_other() -> None:
    found = made(3)
    started = [entry["arguments"] for entry in found[FIRST] if entry["call"] == "start"]
    stopped = [entry["arguments"] for entry in found[REMOVE] if entry["call"] == "stop"]
    assert started == [["bench-calls-service-0-1"], ["bench-calls-service-1-1"], ["bench-calls-service-2-1"]]
    assert stopped == started[::-1]


def test_turns() -> None:
    assert turns(["a", "b", "c"], 4) == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]


def test_ratios_are_of_medians() -> None:
    times = {("p", FIRST): [9.0, 3.0, 4.0], ("t", FIRST): [2.0, 8.0, 1.0], ("p", AGAIN): [1.0], ("c", CHANGE): [1.0]}
    assert ratios(times, "p", ["t", "c"]) == {"first deployment: p over t": 2.0}


def test_replaced() -> None:
    assert replaced(["a", "b", "c"], ["c", "d"]) == 1
    assert replaced(["a"], ["a"]) == 0


def test_table_tells_minimum_and_median() -> None:
    lines = table({("product", FIRST): [3.0, 1.0, 2.5], ("Ansible alone", ""): [0.5]})
    assert [line.split() for line in lines] == [
        ["minimum", "median"],
        ["product", "first", "deployment", "1.00", "s", "2.50", "s"],
        ["Ansible", "alone", "0.50", "s", "0.50", "s"],
    ]


@pytest.mark.parametrize(("told", "version"), [
    (["Docker Compose version 2.26.1-4"], "Docker Compose version 2.26.1-4"),
    (["docker-compose version 1.29.2, build unknown", "docker-py version: 5.0.3"], "docker-compose version 1.29.2, build unknown"),
    (["using podman version: 4.3.1", "podman-compose  version 1.0.3", "exit code: 0"], "podman-compose version 1.0.3"),
    ([], "unknown version"),
])  # fmt: skip
def test_tool_version(told: list[str], version: str) -> None:
    assert tool_version(told) == version
