# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The mark that keeps a workload from being started on a host: it has moved away, or is only just arriving.

The engine's part of a fence (no restart policy, no boot unit) keeps the engine from bringing a copy back; this mark
keeps the module workload from it, whoever runs it.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict, dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

FOLDER = "/var/lib/container-host/fences"


@dataclass(frozen=True)
class Mark:
    """move: the move's id. other: the host the workload goes to (or comes from, when ``arriving``)."""

    move: str
    other: str
    arriving: bool = False

    def sentence(self, project: str) -> str:
        """Why the workload can't be started here, with the remedy."""
        path = f"{FOLDER}/{project}.json"
        if self.arriving:
            return (
                f"{project} is fenced here: it is arriving from {self.other} (move {self.move}); run the move again to "
                "finish it or to roll it back"
            )
        return (
            f"{project} is fenced here: it has moved to {self.other} (move {self.move}); deploy it there or move it "
            f"back. If that copy is gone for good, revive this one with the module move_workload, or remove {path}"
        )


class Fence:
    """The marks of one host."""

    def __init__(self, io: HostIO) -> None:
        self._io = io

    def mark(self, project: str) -> t.Optional[Mark]:
        """The workload's mark, or None. Raises HostError for one that can't be understood: it fences all the same."""
        text = self._io.read_text(self._path(project))
        if text is None:
            return None
        try:
            return Mark(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise HostError(
                f"{self._path(project)}: can't be understood ({error}); remove it once it is clear that no other host "
                "runs the workload"
            ) from error

    def demand_none(self, project: str) -> None:
        """Raises HostError while the workload is fenced here."""
        mark = self.mark(project)
        if mark is not None:
            raise HostError(mark.sentence(project))

    def set(self, project: str, mark: Mark) -> None:
        """Fence the workload, so that it survives a power cut."""
        self._io.write_atomic(self._path(project), json.dumps(asdict(mark), sort_keys=True) + "\n", 0o600)
        self._io.sync_directory(FOLDER)

    def lift(self, project: str) -> None:
        """Remove the mark."""
        self._io.remove(self._path(project))

    @staticmethod
    def _path(project: str) -> str:
        return f"{FOLDER}/{project}.json"
