# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Waits until containers that ran are back, one deadline for all of them, and says how long each was away."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import CONDITION_STARTED
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.away import away
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import (
    CONDITION_READY,
    POLL_SECONDS,
    REACHED,
    STABLE_SECONDS,
    judge,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import parse_container
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Json = dict[str, t.Any]
_TOLD = ("started_at", "health", "restart_policy")
_NEEDED = ("state", *_TOLD)


@dataclass(frozen=True)
class Expected:
    """A container that ran, as workload_info told."""

    project: str
    service: str
    container: str
    started_at: str
    health: str
    restart_policy: str

    @property
    def condition(self) -> str:
        """What it has to reach: one that was unhealthy before need not be better now."""
        return CONDITION_STARTED if self.health == "unhealthy" else CONDITION_READY


def parse_expected(workloads: t.Sequence[t.Mapping[str, t.Any]]) -> list[Expected]:
    """The containers that ran among what workload_info returned. Raises InputError when it is something else."""
    found = []
    for index, workload in enumerate(workloads):
        services = workload.get("services") if isinstance(workload, dict) else None
        entries = [entry for entry in services if isinstance(entry, dict)] if isinstance(services, list) else [{}]
        lacking = [name for name in ("service", "container", *_NEEDED) if any(name not in entry for entry in entries)]
        if lacking or "project" not in workload:
            remedy = "give the workloads that workload_info returned"
            raise InputError([Problem(f"workloads[{index}]", f"lacks {', '.join(lacking) or 'project'}", remedy)])
        for entry in entries:
            if entry["state"] == "running":
                words = (workload["project"], entry["service"], entry["container"], *(entry[name] for name in _TOLD))
                found.append(Expected(*map(str, words)))
    return found


class Wait:
    """Polls until every expected container is back or can't be, or the time is over."""

    def __init__(self, io: HostIO, connect: t.Callable[[], EngineClient], boot_seconds: int) -> None:
        """``connect`` is called again after failures: the engine itself may still be starting."""
        self._io = io
        self._connect = connect
        self._boot_seconds = boot_seconds
        self._client: t.Optional[EngineClient] = None
        self._up_since: dict[str, float] = {}

    def wait(self, expected: t.Sequence[Expected], timeout_seconds: float) -> list[Json]:
        """One entry per container, in the order given. Raises HostError when no engine answers in time."""
        deadline = self._io.monotonic() + timeout_seconds
        entries: dict[str, Json] = {}
        while True:
            failure = self._poll(expected, entries)
            waiting = [one for one in expected if not entries.get(one.container, {}).get("settled")]
            over = self._io.monotonic() >= deadline
            if over and failure:
                raise HostError(f"no answer of the engine within {timeout_seconds:g} s: {failure}")
            # An engine that runs nothing has to answer as well.
            if over or not (waiting or failure):
                break
            self._io.sleep(POLL_SECONDS)
        return [
            {name: value for name, value in entries[one.container].items() if name != "settled"} for one in expected
        ]

    def _poll(self, expected: t.Sequence[Expected], entries: dict[str, Json]) -> str:
        """Ask for everything not settled yet; returns why the engine can't be asked, empty when it can."""
        try:
            self._client = self._client or self._connect()
            for one in expected:
                if not entries.get(one.container, {}).get("settled"):
                    entries[one.container] = self._entry(one, self._client.container(one.container))
        except HostError as error:
            self._client = None
            return str(error)
        return ""

    def _entry(self, one: Expected, inspected: t.Optional[Json]) -> Json:
        verdict, reason = judge(inspected, one.condition)
        container = parse_container(inspected) if inspected is not None else None
        is_up = container is not None and container.state == "running" and verdict == REACHED
        restarted = inspected is None or inspected["State"].get("StartedAt") != one.started_at
        back = verdict == REACHED and self._is_stable(one, is_up, restarted, container.health if container else "")
        # Nothing starts such a container after it ended, neither the engine nor systemd.
        left = not back and one.restart_policy == "no" and container is not None and container.state == "exited"
        found = away(one.started_at, inspected, self._boot_seconds) if inspected is not None and is_up else None
        return {
            "project": one.project,
            "service": one.service,
            "container": one.container,
            "state": container.state if container else "absent",
            "health": (container.health or "none") if container else "none",
            "back": back,
            "expected": not left,
            "restarted": restarted,
            "seconds_away": found.seconds if found and back else None,
            "measured_from": found.measured_from if found and back else "",
            "reason": "" if back else reason or "it has only just started",
            "settled": back or left,
        }

    def _is_stable(self, one: Expected, is_up: bool, restarted: bool, health: str) -> bool:
        """Without a health check, a container that has just started says little by running this very moment."""
        if not is_up or not restarted or health:
            return True
        now = self._io.monotonic()
        return now - self._up_since.setdefault(one.container, now) >= STABLE_SECONDS


def missing_words(entries: t.Sequence[Json]) -> str:
    """Which expected containers are not back and why, in one line; empty when all are."""
    missing = [entry for entry in entries if entry["expected"] and not entry["back"]]
    return "; ".join(f"{entry['project']}: container {entry['container']}: {entry['reason']}" for entry in missing)
