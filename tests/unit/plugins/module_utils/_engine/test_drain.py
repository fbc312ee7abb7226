# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draining and restoring, against an engine in memory."""

from __future__ import annotations

import json
import typing as t

import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.drain import (
    DRAINED,
    RECORD,
    RESTORED,
    Drainer,
    Member,
    Plan,
    in_start_order,
    parse_conditions,
    parse_record,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError


def engine(**states: str) -> FakeEngine:
    """A project whose web waits for app, and app for database; one more project; and a container of nobody."""
    found = FakeEngine()
    depends = {"web": "app:service_started:false", "app": "database:service_healthy:false"}
    for name in ("web", "app", "database", "lone", "stranger"):
        labels = {"com.docker.compose.service": name}
        if name != "stranger":
            labels["com.docker.compose.project"] = "lone" if name == "lone" else "shop"
        if name in depends:
            labels["com.docker.compose.depends_on"] = depends[name]
        status = states.get(name, "running")
        found.by_name[name] = {
            "Id": name,
            "Name": f"/{name}",
            "Image": "sha256:1",
            "State": {"Status": status, "ExitCode": 0, "Health": {"Status": "healthy"}},
            "Config": {"Labels": labels},
            "HostConfig": {"RestartPolicy": {"Name": "always"}},
            "NetworkSettings": {"Networks": {}},
            "ListedPorts": [],
        }
    return found


def run(found: FakeEngine, io: FakeHostIO, state: str, check_mode: bool = False) -> Plan:
    drainer = Drainer(found, io, 5)  # type: ignore[arg-type]
    plan = drainer.plan(state)
    if plan.difference and not check_mode:
        drainer.apply(plan, state)
    return plan


def test_what_ran_is_stopped_in_order_and_brought_back_in_the_reverse_one() -> None:
    found, io = engine(), FakeHostIO()
    foretold = run(found, io, DRAINED, check_mode=True)
    assert found.calls == []
    assert io.read_text(RECORD) is None
    done = run(found, io, DRAINED)
    assert done == foretold
    assert [call[:2] for call in found.calls] == [
        ("stop_container", name) for name in ("web", "app", "database", "lone")
    ]
    assert json.loads(io.read_text(RECORD) or "")["containers"] == ["lone", "database", "app", "web"]
    assert done.difference.before_after()["after"]["web"] == "stopped"
    assert not run(found, io, DRAINED).difference
    found.by_name["database"]["State"]["Health"] = {"Status": "healthy"}
    found.calls.clear()
    start = found.start_container

    def healthy_start(name: str) -> None:
        start(name)
        found.by_name[name]["State"]["Health"] = {"Status": "healthy"}

    found.start_container = healthy_start  # type: ignore[method-assign]
    foretold = run(found, io, RESTORED, check_mode=True)
    assert run(found, io, RESTORED) == foretold
    assert found.calls == [("start_container", name) for name in ("lone", "database", "app", "web")]
    assert io.read_text(RECORD) is None
    assert not run(found, io, RESTORED).difference


def test_what_did_not_run_is_not_started() -> None:
    found, io = engine(lone="exited"), FakeHostIO()
    run(found, io, DRAINED)
    assert "lone" not in json.loads(io.read_text(RECORD) or "")["containers"]


def test_a_run_that_was_cut_off_keeps_what_it_noted() -> None:
    found, io = engine(), FakeHostIO()
    found.failures["stop_container", "app"] = "cut"
    with pytest.raises(HostError, match="cut"):
        run(found, io, DRAINED)
    # The note was there first, and a second attempt adds to it.
    del found.failures["stop_container", "app"]
    run(found, io, DRAINED)
    assert parse_record(io.read_text(RECORD)) == ("lone", "database", "app", "web")


def test_what_is_back_already_or_gone_is_no_harm() -> None:
    io = FakeHostIO(files={RECORD: json.dumps({"schema_version": 1, "containers": ["lone", "away", "web"]})})
    found = engine(web="exited")
    plan = run(found, io, RESTORED)
    assert plan.actions() == ["start web"]
    assert plan.gone == ("away",)
    assert io.read_text(RECORD) is None


def test_one_that_does_not_start_keeps_no_other_from_starting_and_the_note_stays() -> None:
    io = FakeHostIO(files={RECORD: json.dumps({"schema_version": 1, "containers": ["lone", "database"]})})
    found = engine(lone="exited", database="exited")
    found.failures["start_container", "lone"] = "no"
    with pytest.raises(HostError, match="start_container lone: no"):
        run(found, io, RESTORED)
    assert ("start_container", "database") in found.calls
    assert io.read_text(RECORD) is not None


@pytest.mark.parametrize("text", ["{", "{}", '{"schema_version": 2, "containers": []}', "[]"])
def test_a_note_that_can_not_be_read_is_one_clear_error(text: str) -> None:
    with pytest.raises(HostError, match=RECORD):
        parse_record(text)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("", {}),
        ("db:service_healthy:false,job:service_completed_successfully:true", {
            "db": "service_healthy", "job": "service_completed_successfully",
        }),
        ("db", {"db": ""}),
    ],
)  # fmt: skip
def test_conditions(label: str, expected: dict[str, str]) -> None:
    assert parse_conditions(label) == expected


def test_a_circle_of_dependencies_is_taken_in_any_order() -> None:
    members = [Member("a", "p", "a", True, {"b": "x"}), Member("b", "p", "b", True, {"a": "x"})]
    assert {member.name for member in in_start_order(members)} == {"a", "b"}


def test_several_containers_of_one_service() -> None:
    members: t.Sequence[Member] = [Member("w-2", "p", "w", True), Member("w-1", "p", "w", True)]
    assert [member.name for member in in_start_order(members)] == ["w-1", "w-2"]
