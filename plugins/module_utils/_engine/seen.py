# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a run has asked the engine already."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import with_algorithm

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient

Json = dict[str, t.Any]

_ID = re.compile(r"[0-9a-f]{64}")


class Seen:
    """The client's reading calls; each thing is asked for once."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._lists: dict[str, list[Json]] = {}
        self._containers: dict[str, t.Optional[Json]] = {}
        self._images: dict[str, t.Optional[Json]] = {}

    def containers(self, **filters: list[str]) -> list[Json]:
        """As the client has it."""
        if filters:
            return self._client.containers(**filters)
        return self._listed("containers", self._client.containers)

    def networks(self) -> list[Json]:
        """As the client has it."""
        return self._listed("networks", self._client.networks)

    def volumes(self) -> list[Json]:
        """As the client has it."""
        return self._listed("volumes", self._client.volumes)

    def container(self, name: str) -> t.Optional[Json]:
        """As the client has it."""
        if name not in self._containers:
            self._containers[name] = self._client.container(name)
        return self._containers[name]

    def image(self, reference: str) -> t.Optional[Json]:
        """As the client has it; one asked for by its name is known by its id as well."""
        # Some answers of Podman leave out an id's algorithm.
        key = with_algorithm(reference) if _ID.fullmatch(reference) else reference
        if key not in self._images:
            found = self._images[key] = self._client.image(reference)
            if found is not None:
                self._images.setdefault(with_algorithm(str(found["Id"])), found)
        return self._images[key]

    def _listed(self, kind: str, call: t.Callable[[], list[Json]]) -> list[Json]:
        if kind not in self._lists:
            self._lists[kind] = call()
        return self._lists[kind]
