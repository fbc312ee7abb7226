# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a run has made so far and what has to happen to it when the run fails."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient


class Undo:
    """The steps back, newest first. Containers that started are the new state and stay."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._created: list[tuple[str, str]] = []
        self._replaced: dict[str, tuple[str, bool]] = {}

    def network_created(self, name: str) -> None:
        """A network is there that wasn't."""
        self._created.append(("network", name))

    def volume_created(self, name: str) -> None:
        """A volume is there that wasn't."""
        self._created.append(("volume", name))

    def container_created(self, name: str) -> None:
        """A container is there that wasn't (under this name)."""
        self._created.append(("container", name))

    def container_replaced(self, name: str, backup: str, was_running: bool) -> None:
        """The container ``name`` was stopped and is called ``backup`` until its successor lives."""
        self._replaced[name] = (backup, was_running)

    def container_started(self, name: str) -> None:
        """The container lives: it stays, and so does all it may use; its predecessor goes."""
        self._created = [entry for entry in self._created if entry[0] == "container" and entry[1] != name]
        self._remove_backup(name)

    def commit(self) -> None:
        """The run is through: predecessors of containers that weren't to be started go as well."""
        self._created.clear()
        for name in list(self._replaced):
            self._remove_backup(name)

    def _remove_backup(self, name: str) -> None:
        if name in self._replaced:
            self._client.remove_container(self._replaced.pop(name)[0], volumes=False)

    def roll_back(self) -> list[str]:
        """Take everything back; returns one sentence for each step that failed in its turn."""
        failed: list[str] = []
        for kind, name in reversed(self._created):
            if kind == "container":
                self._try(functools.partial(self._client.remove_container, name, volumes=True), failed)
            elif kind == "network":
                self._try(functools.partial(self._client.remove_network, name), failed)
            else:
                self._try(functools.partial(self._client.remove_volume, name), failed)
        for name, (backup, was_running) in self._replaced.items():
            self._try(functools.partial(self._client.rename_container, backup, name), failed)
            if was_running:
                self._try(functools.partial(self._client.start_container, name), failed)
        self._created.clear()
        self._replaced.clear()
        return failed

    @staticmethod
    def _try(step: t.Callable[[], None], failed: list[str]) -> None:
        try:
            step()
        except HostError as error:
            failed.append(f"and it could not be taken back: {error}")
