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
FAILED = "failed"


class NotReadyError(HostError):
    """A container isn't what was waited for. key: what of its service the reason is about; "" for the whole of it."""

    def __init__(self, container: str, key: str, message: str) -> None:
        self.container = container
        self.key = key
        super().__init__(f"container {container}: {message}")


def judge(inspected: t.Optional[dict[str, t.Any]], condition: str) -> tuple[str, str]:
    """Where a container stands: (REACHED, ""), (WAITING, why) or (FAILED, why)."""
    if inspected is None:
        return FAILED, "it is gone"
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
        return FAILED, "it has no health check, and another service waits for it to be healthy"
    if container.health == "unhealthy":
        return FAILED, f"it is unhealthy{_last_check(inspected)}"
    return WAITING, f"its health check has not succeeded yet{_last_check(inspected)}"


def _judge_ended(inspected: dict[str, t.Any], exit_code: t.Optional[int], condition: str) -> tuple[str, str]:
    policy = str(((inspected.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no")
    reason = f"it ended with exit code {exit_code}"
    stays_up = policy in ("always", "unless-stopped")
    if exit_code == 0 and condition != CONDITION_HEALTHY and not (condition == CONDITION_READY and stays_up):
        return REACHED, ""
    if stays_up or (policy == "on-failure" and exit_code != 0):
        return WAITING, f"{reason}, the engine starts it again"
    return FAILED, f"{reason} before it was healthy" if condition == CONDITION_HEALTHY else reason


def _last_check(inspected: dict[str, t.Any]) -> str:
    log = (inspected["State"].get("Health") or {}).get("Log") or []
    output = " ".join(str(log[-1].get("Output", "")).split()) if log else ""
    return f": {output[-300:]}" if output else ""


def _key(inspected: t.Optional[dict[str, t.Any]]) -> str:
    """What is waited for: a running container with a health check can only lack its success."""
    container = None if inspected is None else parse_container(inspected)
    return "healthcheck" if container is not None and container.state == "running" and container.health else ""


def _has_to_stay(inspected: t.Optional[dict[str, t.Any]], condition: str) -> bool:
    if inspected is None or condition != CONDITION_READY:
        return False
    container = parse_container(inspected)
    return container.state == "running" and not container.health


class _Watch:
    """What one container has shown since it is waited for.

    up_since: when this run started it, None when it didn't.
    """

    def __init__(self, condition: str, just_started: bool, up_since: t.Optional[float]) -> None:
        self._condition = condition
        self._just_started = just_started
        self._up_since = up_since
        self._first_count: t.Optional[int] = None
        self._last_count = 0
        self._stable_since: t.Optional[float] = None
        self.reason = ""
        self.key = ""

    def is_met(self, inspected: t.Optional[dict[str, t.Any]], now: float) -> bool:
        """Whether it meets the condition now. Raises HostError when it can't any more, or keeps ending."""
        verdict, self.reason = judge(inspected, self._condition)
        self.key = _key(inspected)
        count = int((inspected or {}).get("RestartCount") or 0)
        self._first_count = count if self._first_count is None else self._first_count
        if verdict == FAILED:
            raise HostError(self.reason)
        if count - self._first_count >= RESTARTS_TOLERATED:
            raise HostError("it keeps ending after its start")
        if verdict != REACHED or count != self._last_count:
            self._stable_since = None
        self._last_count = count
        if verdict != REACHED:
            return False
        if self._stable_since is None:
            # One that was never restarted has been up since this run started it.
            self._stable_since = now if count or self._up_since is None else self._up_since
        has_to_stay = self._just_started and _has_to_stay(inspected, self._condition)
        return not has_to_stay or now - self._stable_since >= STABLE_SECONDS

    def next_look_seconds(self, now: float) -> float:
        """In how many seconds to look again: one that only has to stay up needs no look before that time is over."""
        return POLL_SECONDS if self._stable_since is None else self._stable_since + STABLE_SECONDS - now


class Waiter:
    """Waits for conditions until one deadline for the whole run, counted from the first time that it has to wait."""

    def __init__(self, client: EngineClient, io: HostIO, timeout_seconds: float) -> None:
        self._client = client
        self._io = io
        self._timeout_seconds = timeout_seconds
        self._deadline: t.Optional[float] = None
        self._started_at: dict[str, float] = {}
        self._reached: set[tuple[str, str]] = set()

    def started(self, name: str) -> None:
        """Note that the container has been started just now."""
        self._started_at[name] = self._io.monotonic()

    def wait_once(self, name: str, condition: str, just_started: bool = True) -> None:
        """As :meth:`wait`, but a condition that was met once in this run is met: for those that wait for the same.

        So has been started what this run has started.
        """
        if condition == CONDITION_STARTED and name in self._started_at:
            return
        if (name, condition) not in self._reached:
            self.wait(name, condition, just_started)
            self._reached.add((name, condition))

    def wait(self, name: str, condition: str, just_started: bool = True) -> None:
        """Wait until the container ``name`` meets the condition; see :meth:`wait_for_all`."""
        self.wait_for_all({name: just_started}, condition)

    def wait_for_all(self, names: t.Mapping[str, bool], condition: str) -> None:
        """Wait until all containers, by their names, meet the condition, each taking its time beside the others.

        The values are whether they were just started: being up this very moment says little then, so a container
        without a health check has to stay up.

        Raises NotReadyError with a container's last words when it can't any more, keeps ending, or the time is over.
        """
        watches = {
            name: _Watch(condition, just_started, self._started_at.get(name)) for name, just_started in names.items()
        }
        due = dict.fromkeys(watches, float("-inf"))
        # Not from the beginning: pulling and building images takes what it takes.
        if self._deadline is None:
            self._deadline = self._io.monotonic() + self._timeout_seconds
        while watches:
            began = self._io.monotonic()
            for name, watch in [entry for entry in watches.items() if due[entry[0]] <= began]:
                inspected = self._client.container(name)
                now = self._io.monotonic()
                try:
                    met = watch.is_met(inspected, now)
                except HostError as error:
                    raise NotReadyError(name, watch.key, f"{error}{self._last_words(name)}") from error
                due[name] = now + watch.next_look_seconds(now)
                if met:
                    del watches[name]
            if watches:
                self._pause(watches, began, min(due[name] for name in watches))

    def _pause(self, watches: t.Mapping[str, _Watch], began: float, until: float) -> None:
        """Until the next look, but at least as long as the last ones took: asking too keeps containers from work."""
        now = self._io.monotonic()
        if self._deadline is not None and now >= self._deadline:
            name, watch = next(iter(watches.items()))
            raise NotReadyError(
                name,
                watch.key,
                f"not ready within {self._timeout_seconds:g} s: "
                f"{watch.reason or 'it keeps ending'}; "
                f"raise timeout_seconds if it only needs longer{self._last_words(name)}",
            )
        self._io.sleep(max(until - now, now - began))

    def _last_words(self, name: str) -> str:
        try:
            lines = self._client.logs(name, LOG_LINES).strip().splitlines()
        except HostError as error:
            return f"; {error}"
        if not lines:
            return "; it wrote nothing to its log"
        return "; the last lines of its log:\n" + "\n".join(f"  {line}" for line in lines[-LOG_LINES:])
