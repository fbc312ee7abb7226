# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a run has made so far and what has to happen to it when the run fails."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import CONDITION_STARTED
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.health import (
    CONDITION_READY,
    FAILED,
    REACHED,
    judge,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import DOCKER
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient

Json = dict[str, t.Any]


@dataclass
class Predecessor:
    """A container that is stopped for its successor. policy: its restart policy.

    was_good: it ran, and nothing was known to be wrong with it.
    """

    backup: str
    was_running: bool
    was_good: bool
    policy: Json
    has_successor: bool = False

    @classmethod
    def of(cls, backup: str, inspected: Json) -> Predecessor:
        """From its inspection before it is stopped. ``backup``: what it will be called."""
        was_running = bool(inspected["State"].get("Running"))
        is_up = was_running and judge(inspected, CONDITION_STARTED)[0] == REACHED
        policy = dict((inspected.get("HostConfig") or {}).get("RestartPolicy") or {})
        return cls(backup, was_running, is_up and judge(inspected, CONDITION_READY)[0] != FAILED, policy)


class Undo:
    """The steps back, newest first.

    Containers that started stay, but for those that aren't ready and replaced one that ran and wasn't unhealthy: such a
    predecessor is kept until the run is through. Nothing but this run may start it, whatever the engine does meanwhile.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._created: list[tuple[str, str]] = []
        self._replaced: dict[str, Predecessor] = {}

    def network_created(self, name: str) -> None:
        """A network is there that wasn't."""
        self._created.append(("network", name))

    def volume_created(self, name: str) -> None:
        """A volume is there that wasn't."""
        self._created.append(("volume", name))

    def container_created(self, name: str) -> None:
        """A container is there that wasn't (under this name)."""
        self._created.append(("container", name))

    def container_replaced(self, name: str, old: Predecessor) -> None:
        """The container ``name`` was stopped and has its other name now."""
        self._replaced[name] = old
        if self._comes_back_by_itself(old):
            self._client.set_restart_policy(old.backup, {"Name": "no", "MaximumRetryCount": 0})

    def _comes_back_by_itself(self, old: Predecessor) -> bool:
        """Whether the engine would start it when the engine is started; Podman's unit knows no such name."""
        return self._client.identity.engine == DOCKER and old.policy.get("Name") in ("always", "on-failure")

    def container_started(self, name: str) -> None:
        """The container lives: all it may use stays, and a predecessor that was no better goes."""
        self._created = [entry for entry in self._created if entry[0] == "container" and entry[1] != name]
        old = self._replaced.get(name)
        if old is not None and old.was_good:
            old.has_successor = True
        else:
            self._remove_backup(name)

    def commit(self) -> None:
        """The run is through: the predecessors go."""
        self._created.clear()
        for name in list(self._replaced):
            self._remove_backup(name)

    def _remove_backup(self, name: str) -> None:
        if name in self._replaced:
            self._client.remove_container(self._replaced.pop(name).backup, volumes=False)

    def roll_back(self, sick: str = "") -> list[str]:
        """Take everything back; returns a sentence for each container put back and for each step that failed.

        sick: the container that failed after its start, whatever it looks like at this moment.
        """
        told: list[str] = []
        for kind, name in reversed(self._created):
            if kind == "container":
                self._try(functools.partial(self._client.remove_container, name, volumes=True), told)
            elif kind == "network":
                self._try(functools.partial(self._client.remove_network, name), told)
            else:
                self._try(functools.partial(self._client.remove_volume, name), told)
        for name, old in list(self._replaced.items()):
            if old.has_successor and self._stays(name, sick):
                self._try(functools.partial(self._remove_backup, name), told)
            elif self._try(functools.partial(self._put_back, name, old), told):
                told.append(f"container {name} is again what it was before")
        self._created.clear()
        self._replaced.clear()
        return told

    def _stays(self, name: str, sick: str) -> bool:
        try:
            return name != sick and judge(self._client.container(name), CONDITION_READY)[0] == REACHED
        except HostError:
            return False  # putting back says what is wrong

    def _put_back(self, name: str, old: Predecessor) -> None:
        if old.has_successor and self._client.container(name) is not None:
            self._client.stop_container(name, None)
            self._client.remove_container(name, volumes=True)
        self._client.rename_container(old.backup, name)
        if self._comes_back_by_itself(old):
            self._client.set_restart_policy(name, old.policy)
        if old.was_running:
            self._client.start_container(name)

    @staticmethod
    def _try(step: t.Callable[[], None], told: list[str]) -> bool:
        try:
            step()
        except HostError as error:
            told.append(f"and it could not be taken back: {error}")
            return False
        return True
