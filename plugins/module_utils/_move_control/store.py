# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The journals of moves on one host: a file for each move, written whole and synced, one writer at a time."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import parse, render

if t.TYPE_CHECKING:
    import contextlib

    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


class Store:
    """Reads and writes journals."""

    def __init__(self, io: HostIO) -> None:
        self._io = io

    def all(self, project: str = "") -> list[Journal]:
        """The journals on this host, of one workload when named, oldest first. Raises HostError for a broken one."""
        found = []
        for path in self._io.glob(f"{names.FOLDER}/*.json"):
            text = self._io.read_text(path)
            if text is None:
                raise HostError(f"{path}: can't be read; become root (become: true)")
            journal = parse(text, path)
            if not project or journal.project == project:
                found.append(journal)
        return sorted(found, key=lambda journal: (journal.history[0].at if journal.history else 0, journal.id))

    def find(self, move: str) -> t.Optional[Journal]:
        """The journal of one move, None when there is none. Raises HostError for one that can't be read."""
        path = self.path(move)
        text = self._io.read_text(path)
        if text is None and self._io.exists(path):
            raise HostError(f"{path}: can't be read; become root (become: true)")
        return None if text is None else parse(text, path)

    def get(self, move: str) -> Journal:
        """The journal of one move. Raises HostError when there is none."""
        journal = self.find(move)
        if journal is None:
            raise HostError(f"{self.path(move)}: there is no journal of this move; list them with the module move_info")
        return journal

    def write(self, journal: Journal) -> None:
        """Write a journal so that it survives a power cut from here on."""
        self._io.write_atomic(self.path(journal.id), render(journal), 0o600)
        self._io.sync_directory(names.FOLDER)

    def lock(self, project: str) -> contextlib.AbstractContextManager[None]:
        """Be the only one to write journals of a workload on this host; waits for whoever is."""
        return self._io.lock(f"{names.FOLDER}/{names.check_project(project)}.lock")

    @staticmethod
    def path(move: str) -> str:
        """The journal's file."""
        return names.journal_path(move)
