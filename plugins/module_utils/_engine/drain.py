# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Stops the running workloads of a host in the order of their dependencies, and brings exactly those back.

What was stopped is noted on the host first, so that another run can bring it back when this one can't.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import (
    COMPOSE_DEPENDS_ON,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import find_cycle, start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import Waiter
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import (
    container_name,
    parse_container,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

RECORD = "/var/lib/container-host/drained.json"
SCHEMA_VERSION = 1
DRAINED, RESTORED = "drained", "restored"
RUNNING, STOPPED = "running", "stopped"


@dataclass(frozen=True)
class Member:
    """One container of a project. depends_on: service -> the condition it waits for."""

    name: str
    project: str
    service: str
    running: bool
    depends_on: t.Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """stop, start: in this order. record: what is noted then, in the order of starting. gone: noted and absent."""

    difference: Difference
    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def actions(self) -> list[str]:
        """What is done, one line per action, in its order."""
        return [*(f"stop {name}" for name in self.stop), *(f"start {name}" for name in self.start)]


def parse_conditions(label: str) -> dict[str, str]:
    """The services and conditions in Compose's own label, ``service:condition:restart`` for each."""
    found = {}
    for entry in label.split(","):
        service, _colon, rest = entry.partition(":")
        if service:
            found[service] = rest.partition(":")[0]
    return found


def parse_record(text: t.Optional[str]) -> tuple[str, ...]:
    """The noted containers. Raises HostError when the file can't be understood."""
    if text is None:
        return ()
    try:
        document = json.loads(text)
        if document["schema_version"] != SCHEMA_VERSION:
            raise HostError(f"{RECORD}: has schema version {document['schema_version']}; use the release that wrote it")
        return tuple(str(name) for name in document["containers"])
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(f"{RECORD}: can't be understood ({error}); start what is stopped, then remove it") from error


def in_start_order(members: t.Sequence[Member]) -> list[Member]:
    """Project by project, each container after what it depends on."""
    result = []
    for project in sorted({member.project for member in members}):
        mine = {member.service: member for member in members if member.project == project}
        waits = {name: list(member.depends_on) for name, member in mine.items()}
        order = list(waits) if find_cycle(waits) else start_order(waits)
        place = {name: index for index, name in enumerate(order)}
        result += sorted(
            (member for member in members if member.project == project), key=lambda one: (place[one.service], one.name)
        )
    return result


def plan_drain(members: t.Sequence[Member], record: t.Sequence[str]) -> Plan:
    """Stop all that run, the dependent ones first. record: what an earlier run stopped and nobody has brought back."""
    order = [member.name for member in in_start_order(members)]
    running = {member.name for member in members if member.running}
    difference = Difference()
    stop = [name for name in reversed(order) if name in running]
    for name in stop:
        difference.compare(name, RUNNING, STOPPED)
    noted = {*record, *running}
    return Plan(difference, stop=tuple(stop), record=tuple(name for name in order if name in noted))


def plan_restore(members: t.Sequence[Member], record: t.Sequence[str]) -> Plan:
    """Start what is noted, what others depend on first; the note goes."""
    by_name = {member.name: member for member in members}
    order = [member.name for member in in_start_order(members)]
    difference = Difference()
    start = [name for name in order if name in record and not by_name[name].running]
    for name in start:
        difference.compare(name, STOPPED, RUNNING)
    difference.compare(RECORD, list(record) or None, None)
    return Plan(difference, start=tuple(start), gone=tuple(name for name in record if name not in by_name))


class Drainer:
    """Drains one host or restores it."""

    def __init__(self, client: EngineClient, io: HostIO, timeout_seconds: float) -> None:
        self._client = client
        self._io = io
        self._waiter = Waiter(client, io, timeout_seconds)
        self._members = self._read()

    def _read(self) -> list[Member]:
        found = []
        for raw in self._client.containers():
            labels = raw.get("Labels") or {}
            inspected = self._client.container(container_name(raw)) if labels.get(COMPOSE_PROJECT) else None
            if inspected is not None:
                container = parse_container(inspected)
                own = (inspected["Config"].get("Labels") or {}).get(COMPOSE_DEPENDS_ON, "")
                project, service = str(labels[COMPOSE_PROJECT]), str(labels.get(COMPOSE_SERVICE, ""))
                found.append(Member(container.name, project, service, container.running, parse_conditions(str(own))))
        return found

    def plan(self, state: str) -> Plan:
        """What the state takes. Changes nothing."""
        record = parse_record(self._io.read_text(RECORD))
        return plan_drain(self._members, record) if state == DRAINED else plan_restore(self._members, record)

    def apply(self, plan: Plan, state: str) -> None:
        """Do it. Raises HostError; what can't be started keeps nothing else from being started."""
        if state == DRAINED:
            text = json.dumps({"schema_version": SCHEMA_VERSION, "containers": list(plan.record)}) + "\n"
            self._io.write_atomic(RECORD, text)
            for name in plan.stop:
                self._client.stop_container(name, None)
            return
        failures = [failure for failure in map(self._start, plan.start) if failure]
        if failures:
            raise HostError("; ".join(failures))
        self._io.remove(RECORD)

    def _start(self, name: str) -> str:
        """Start a container; returns why it can't be, empty when it runs."""
        try:
            self._await_dependencies(name)
            self._client.start_container(name)
        except HostError as error:
            return str(error)
        return ""

    def _await_dependencies(self, name: str) -> None:
        member = next(member for member in self._members if member.name == name)
        for other in self._members:
            condition = member.depends_on.get(other.service)
            if other.project == member.project and condition:
                self._waiter.wait_once(other.name, condition, just_started=False)
