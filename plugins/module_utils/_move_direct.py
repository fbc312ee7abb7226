# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The source's half of a cutover without the control node: it asks the one who waits on the target (_move_waiting.py).

That nobody waits there, or that the conversation ends, is never an error: what was not done so is done by the runs of
modules that come next, which begin from the journals.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_transport
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rsync

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_talk import Talk, TalkingHostIO

CUTOVER = "cutover"
READY_SECONDS = 60.0
# It reads what changed since the volumes were copied first. A connection that is cut ends it earlier.
COMPARE_SECONDS = 3600.0

Json = dict[str, t.Any]


@dataclass
class Direct:
    """A conversation with the one who waits. generation: of the target's lease. why: why there is none; "" for one."""

    io: TalkingHostIO
    files: key.Files
    generation: int
    why: str = field(default="", init=False)
    _talk: t.Optional[Talk] = field(default=None, init=False)

    def open(self) -> None:
        """Find the one who waits, and that it is ready."""
        self.why = ""
        argv = ["ssh", "-F", self.files.ssh_config, rsync.TARGET, f"generation={self.generation} {CUTOVER}"]
        try:
            _move_transport.open_connection(self.io, self.files)
            self._talk = self.io.converse(argv)
        except HostError as error:
            self.why = str(error)
            return
        said = self._hear(READY_SECONDS)
        if said and not said.get("ready"):
            self._end(str(said.get("error") or f"the target says {said}"))

    def compare(self, digests: t.Mapping[str, str]) -> t.Optional[bool]:
        """Whether the target has volumes with these manifests, which it has written down then; None: not known.

        digests: name of a volume -> that of its manifest, with the ids it has at the target.
        """
        asked = {"do": "compare", "manifests": dict(digests)}
        told = self._ask(asked, COMPARE_SECONDS)
        if not told:
            # The copy may have been cut off, and gone on over another connection.
            reason = self.why
            self.open()
            told = self._ask(asked, COMPARE_SECONDS)
            self.why = self.why and f"{self.why} (before: {reason})"
        return bool(told["equal"]) if "equal" in told else None

    def start(self, seconds: float) -> bool:
        """Whether the target says that it has started the workload. Its journal knows, whatever is heard here."""
        return bool(self._ask({"do": "start"}, seconds).get("started"))

    def close(self) -> None:
        """End it."""
        if self._talk is not None:
            self._end("it is over")

    def _ask(self, document: Json, seconds: float) -> Json:
        """The answer; nothing when there is none, or when it says what went wrong."""
        if self._talk is None:
            return {}
        try:
            self._talk.say(document)
        except HostError as error:
            self._end(str(error))
            return {}
        told = self._hear(seconds)
        if "error" in told:
            self._end(str(told["error"]))
            return {}
        return told

    def _hear(self, seconds: float) -> Json:
        if self._talk is None:
            return {}
        try:
            said = self._talk.hear(seconds)
        except HostError as error:
            self._end(str(error))
            return {}
        if said is None:
            self._end(f"the target did not answer within {seconds:g} s")
        return said or {}

    def _end(self, why: str) -> None:
        talk, self._talk = self._talk, None
        words = talk.close() if talk is not None else ""
        self.why = f"{why}: {words}" if words else why
