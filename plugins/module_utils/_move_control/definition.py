# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a workload was made from, kept on the host that runs it, so that a move needs no Compose file."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

FOLDER = "/var/lib/container-host/definitions"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Definition:
    """project: the checked Compose project. move: the id of the move that brought it here, "" when it was deployed."""

    project: Project
    move: str = ""

    def render(self) -> str:
        """The file's text, which holds the environment of the services: for root's eyes only."""
        document = {"schema_version": SCHEMA_VERSION, "move": self.move, "project": self.project.to_plain()}
        return json.dumps(document, sort_keys=True) + "\n"


def parse(text: str, where: str) -> Definition:
    """The definition from :meth:`Definition.render`. Raises HostError."""
    try:
        document = json.loads(text)
        if document["schema_version"] != SCHEMA_VERSION:
            raise HostError(f"{where}: has schema version {document['schema_version']}; use the release that wrote it")
        return Definition(Project.from_plain(document["project"]), str(document["move"]))
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(f"{where}: can't be understood ({error}); deploy the workload again") from error


class Definitions:
    """The definitions on one host."""

    def __init__(self, io: HostIO) -> None:
        self._io = io

    def find(self, project: str) -> t.Optional[Definition]:
        """The workload's definition, or None."""
        text = self._io.read_text(self._path(project))
        return None if text is None else parse(text, self._path(project))

    def get(self, project: str) -> Definition:
        """The workload's definition. Raises HostError when it was not deployed here by the collection."""
        found = self.find(project)
        if found is None:
            raise HostError(
                f"{self._path(project)} is missing: {project} was not deployed here by the role workload; deploy it "
                "with that first"
            )
        return found

    def differs(self, definition: Definition) -> bool:
        """Whether the file has to be written."""
        return self._io.read_text(self._path(definition.project.name)) != definition.render()

    def keep(self, definition: Definition) -> None:
        """Write the definition."""
        self._io.write_atomic(self._path(definition.project.name), definition.render(), 0o600)
        self._io.sync_directory(FOLDER)

    def forget(self, project: str) -> None:
        """Remove the definition."""
        self._io.remove(self._path(project))

    @staticmethod
    def _path(project: str) -> str:
        return f"{FOLDER}/{project}.json"
