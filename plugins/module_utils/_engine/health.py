# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Waiting until containers run, are healthy or have finished. The judgement is pure; the clock is handed in."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    CONDITION_COMPLETED,
    CONDITION_HEALTHY,
    CONDITION_STARTED,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import parse_container
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# Healthy where there is a health check; else running and still so a moment later, or ended well when it is a job.
CONDITION_READY = "ready"

POLL_SECONDS = 0.5
STABLE_SECONDS = 1.0
LOG_LINES = 10
RESTARTS_TOLERATED = 3

REACHED = "reached"
WAITING = "waiting"


def judge(inspected: t.Optional[dict[str, t.Any]], condition: str) -> tuple[str, str]:
    """Where a container stands: (REACHED, ""), (WAITING, why) or ("failed", why)."""
    if inspected is None:
        return "failed", "it is gone"
    container = parse_container(inspected)
    if container.state in ("exited", "dead"):
        return _judge_ended(inspected, container.exit_code, condition)
    if container.state != "running":
        return WAITING, f"it is {container.state}"
    if condition == CONDITION_COMPLETED:
        return WAITING, "it has not ended yet"
    if condition == CONDITION_STARTED:
        return REACHED, ""
    if container.health in ("", "healthy") and not (condition == CONDITION_HEALTHY and not container.health):
        return REACHED, ""
    if not container.health:
        return "failed", "it has no health check, and another service waits for it to be healthy"
    if container.health == "unhealthy":
        return "failed", f"it is unhealthy{_last_check(inspected)}"
    return WAITING, "its health check has not succeeded yet"


def _judge_ended(inspected: dict[str, t.Any], exit_code: t.Optional[int], condition: str) -> tuple[str, str]:
    policy = str(((inspected.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no")
    reason = f"it ended with exit code {exit_code}"
    stays_up = policy in ("always", "unless-stopped")
    if exit_code == 0 and condition != CONDITION_HEALTHY and not (condition == CONDITION_READY and stays_up):
        return REACHED, ""
    if stays_up or (policy == "on-failure" and exit_code != 0):
        return WAITING, f"{reason}, the engine starts it again"
    return "failed", f"{reason} before it was healthy" if condition == CONDITION_HEALTHY else reason


def _last_check(inspected: dict[str, t.Any]) -> str:
    log = (inspected["State"].get("Health") or {}).get("Log") or []
    output = " ".join(str(log[-1].get("Output", "")).split()) if log else ""
    return f": {output[-300:]}" if output else ""


def _has_to_stay(inspected: t.Optional[dict[str, t.Any]], condition: str) -> bool:
    if inspected is None or condition != CONDITION_READY:
        return False
    container = parse_container(inspected)
    return container.state == "running" and not container.health


class Waiter:
    """Waits for conditions until one deadline for the whole run."""

    def __init__(self, client: EngineClient, io: HostIO, timeout_seconds: float) -> None:
        self._client = client
        self._io = io
        self._timeout_seconds = timeout_seconds
        self._deadline = io.monotonic() + timeout_seconds

    def wait(self, name: str, condition: str, just_started: bool = True) -> None:
        """Wait until the container ``name`` meets the condition.

        just_started: being up this very moment says little, so a container without a health check has to stay up.
        Raises HostError with the container's last words when it can't any more, keeps ending, or the time is over.
        """
        stable_since: t.Optional[float] = None
        first_count: t.Optional[int] = None
        while True:
            inspected = self._client.container(name)
            verdict, reason = judge(inspected, condition)
            now = self._io.monotonic()
            count = int((inspected or {}).get("RestartCount") or 0)
            first_count = count if first_count is None else first_count
            if verdict == "failed":
                raise HostError(f"container {name}: {reason}{self._last_words(name)}")
            if count - first_count >= RESTARTS_TOLERATED:
                raise HostError(f"container {name}: it keeps ending after its start{self._last_words(name)}")
            if verdict == REACHED:
                stable_since = now if stable_since is None else stable_since
                if not (just_started and _has_to_stay(inspected, condition)) or now - stable_since >= STABLE_SECONDS:
                    return
            else:
                stable_since = None
            if now >= self._deadline:
                raise HostError(
                    f"container {name}: not ready within {self._timeout_seconds:g} s: {reason or 'it keeps ending'}; "
                    f"raise timeout_seconds if it only needs longer{self._last_words(name)}"
                )
            self._io.sleep(POLL_SECONDS)

    def _last_words(self, name: str) -> str:
        try:
            lines = self._client.logs(name, LOG_LINES).strip().splitlines()
        except HostError as error:
            return f"; {error}"
        if not lines:
            return "; it wrote nothing to its log"
        return "; the last lines of its log:\n" + "\n".join(f"  {line}" for line in lines[-LOG_LINES:])
