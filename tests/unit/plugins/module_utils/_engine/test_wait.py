# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until everything that ran is back, against an engine in memory whose answers change with time."""

from __future__ import annotations

import typing as t

import pytest
from fake_engine import FakeEngine
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.wait import (
    Expected,
    Wait,
    missing_words,
    parse_expected,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError

BEFORE, AFTER, ENDED = "2026-11-25T07:00:00Z", "2026-11-25T08:00:20Z", "2026-11-25T08:00:10Z"


def told(**changes: t.Any) -> dict[str, t.Any]:
    entry = {
        "service": "web",
        "container": "shop-web-1",
        "state": "running",
        "health": "none",
        "restart_policy": "always",
        "started_at": BEFORE,
    }
    return {"project": "shop", "services": [{**entry, **changes}]}


def inspected(status: str = "running", health: str = "", started: str = AFTER, exit_code: int = 0) -> dict[str, t.Any]:
    state: dict[str, t.Any] = {"Status": status, "ExitCode": exit_code, "StartedAt": started, "FinishedAt": ENDED}
    if health:
        state["Health"] = {"Status": health, "Log": [{"End": "2026-11-25T08:00:25Z", "ExitCode": 0}]}
    return {
        "Id": "1",
        "Name": "/shop-web-1",
        "Config": {"Labels": {}},
        "State": state,
        "HostConfig": {"RestartPolicy": {"Name": "always"}},
        "NetworkSettings": {"Networks": {}},
    }


def run(
    answers: t.Sequence[t.Any], timeout_seconds: float = 10, **changes: t.Any
) -> tuple[list[dict[str, t.Any]], FakeHostIO]:
    """One container whose inspection is the next answer each time; an exception is raised."""
    io, engine, left = FakeHostIO(), FakeEngine(), list(answers)

    def container(name: str) -> t.Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    engine.container = container  # type: ignore[method-assign]
    wait = Wait(io, lambda: engine, 0)  # type: ignore[arg-type,return-value]
    return wait.wait(parse_expected([told(**changes)]), timeout_seconds), io


def test_what_ran_is_expected() -> None:
    workloads = [told(), told(container="stopped", state="exited"), {"project": "empty", "services": []}]
    assert parse_expected(workloads) == [Expected("shop", "web", "shop-web-1", BEFORE, "none", "always")]


@pytest.mark.parametrize(
    ("workload", "words"),
    [
        ({}, r"workloads\[0\]: lacks service, container, state"),
        ({"project": "x", "services": [{"state": "running"}]}, "lacks service, container, started_at"),
        ({"services": []}, "lacks project"),
    ],
)
def test_something_else_is_refused(workload: t.Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_expected([workload])


CASES: list[tuple[list[t.Any], dict[str, t.Any], dict[str, t.Any]]] = [
    # It never went away: no wait at all.
    ([inspected(started=BEFORE)], {}, {"back": True, "restarted": False, "seconds_away": 0.0}),
    # It is up again, and stays so.
    ([inspected("exited"), inspected()], {}, {"back": True, "restarted": True, "seconds_away": 10.0}),
    # It has to be healthy, and to be so is enough.
    (
        [inspected(health="starting"), inspected(health="unhealthy"), inspected(health="healthy")],
        {"health": "healthy"},
        {"back": True, "health": "healthy", "seconds_away": 15.0, "measured_from": "engine"},
    ),
    # The engine has not answered at first.
    ([HostError("no answer"), inspected()], {}, {"back": True}),
    # It ends again and again.
    (
        [inspected("restarting", exit_code=1)],
        {},
        {"back": False, "expected": True, "state": "restarting", "reason": "it is restarting"},
    ),
    ([None], {}, {"back": False, "expected": True, "state": "absent", "reason": "it is gone"}),
    ([inspected(health="unhealthy")], {"health": "healthy"}, {"back": False, "seconds_away": None}),
    # It was no better before.
    ([inspected(health="unhealthy", started=BEFORE)], {"health": "unhealthy"}, {"back": True}),
    # Nothing is to start it.
    (
        [inspected("exited", exit_code=137)],
        {"restart_policy": "no"},
        {"back": False, "expected": False, "state": "exited"},
    ),
]


@pytest.mark.parametrize(("answers", "changes", "expected"), CASES)
def test_waiting(answers: list[t.Any], changes: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    [entry], _io = run(answers, **changes)
    assert {name: entry[name] for name in expected} == expected
    assert bool(missing_words([entry])) == (entry["expected"] and not entry["back"])


def test_the_time_is_bounded_and_not_used_up_without_need() -> None:
    assert run([inspected(started=BEFORE)])[1].slept_seconds == 0
    assert 1 <= run([inspected()])[1].slept_seconds < 3
    [entry], io = run([inspected("exited", exit_code=1)], timeout_seconds=7)
    assert 7 <= io.slept_seconds < 8
    assert missing_words([entry]).startswith("shop: container shop-web-1: it ended with exit code 1")


def test_an_engine_that_never_answers_is_a_failure_also_when_nothing_ran() -> None:
    with pytest.raises(HostError, match="no answer of the engine within 10 s: no answer"):
        run([HostError("no answer")])

    def connect() -> t.Any:
        raise HostError("no container engine answers")

    with pytest.raises(HostError, match="within 2 s: no container engine answers"):
        Wait(FakeHostIO(), connect, 0).wait([], 2)
