# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a container was away, from what both engines write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.away import (
    Away,
    away,
    back_at,
    parse_time,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-25T08:00:00Z", 1795593600.0),
        ("2026-11-25T08:00:00.5Z", 1795593600.5),
        ("2026-11-25T08:00:00.123456789Z", 1795593600.123456789),
        ("2026-11-25T09:00:00.25+01:00", 1795593600.25),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_times(text: t.Any, expected: t.Optional[float]) -> None:
    assert parse_time(text) == expected


def clock(second: float) -> str:
    return f"2026-11-25T08:00:{second:09.6f}Z"


def inspected(started: str, finished: str = "0001-01-01T00:00:00Z", health: str = "", log: t.Any = ()) -> t.Any:
    state: dict[str, t.Any] = {"Status": "running", "StartedAt": started, "FinishedAt": finished}
    if health:
        entries = [{"Start": clock(end - 1), "End": clock(end), "ExitCode": code} for end, code in log]
        state["Health"] = {"Status": health, "Log": entries}
    return {"State": state}


BEFORE = "2026-11-25T07:00:00Z"
BOOT = 1795593600 + 15  # 08:00:15
CASES: list[tuple[t.Any, Away]] = [
    # Never stopped.
    (inspected(BEFORE), Away(0.0)),
    (inspected(BEFORE, health="healthy", log=[(3, 0)]), Away(0.0)),
    # Stopped and started: up at once without a health check, with one at its first good check.
    (inspected(clock(20), clock(10)), Away(10.0, "engine")),
    (inspected(clock(20), clock(10), "healthy", [(22, 1), (25.5, 0), (30, 0)]), Away(15.5, "engine")),
    # Checks from before the start don't count.
    (inspected(clock(20), clock(10), "healthy", [(5, 0), (27, 0)]), Away(17.0, "engine")),
    (inspected(clock(20), clock(10), "starting"), Away(None)),
    (inspected(clock(20), clock(10), "unhealthy", [(25, 1)]), Away(None)),
    # No end was noted, or only one of an earlier life: the power was cut.
    (inspected(clock(20)), Away(5.0, "boot")),
    (inspected(clock(20), "2026-11-25T06:00:00Z"), Away(5.0, "boot")),
    # The end was noted only when the engine came up again.
    (inspected(clock(20), clock(19.5)), Away(5.0, "boot")),
    # Made anew meanwhile, on a host that never went down.
    (inspected(clock(5)), Away(None)),
]


@pytest.mark.parametrize(("answer", "expected"), CASES)
def test_away(answer: t.Any, expected: Away) -> None:
    assert away(BEFORE, answer, BOOT) == expected


def test_an_end_after_the_start_of_a_host_that_did_not_reboot_counts() -> None:
    long_up = BOOT - 86400
    assert away(BEFORE, inspected(clock(20), clock(10)), long_up) == Away(10.0, "engine")
    assert away(BEFORE, inspected(clock(20), clock(10)), 0) == Away(10.0, "engine")


def test_a_healthy_container_whose_checks_are_not_told_counts_from_its_start() -> None:
    assert back_at(inspected(clock(20), health="healthy")) == parse_time(clock(20))
    assert back_at({"State": {"StartedAt": ""}}) is None
