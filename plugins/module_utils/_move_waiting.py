# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The target's half of a cutover without the control node: a process that waits for the source's word.

It is left behind by a run of move_cutover before the workload stops, and does what the runs of that module and of
move_workload would do one after the other, with the same code: compare and write that down, then start. It belongs to
that run, by its holder and generation, and asks the journal before each of them, under the same lock: a run that takes
the move over is not disturbed by it, as it would not be by a run that is only slow. It ends with the move's folder.
"""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_cutover_host as _cutover
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    ContainerHostError,
    HostError,
    TalkEndedError,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, phases, steps
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.acts import Acts
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import Done, run_step
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_talk import (
        Listener,
        Talk,
        TalkingHostIO,
    )

COMPARE, START = "compare", "start"
LOOK_SECONDS = 2.0
"""How often it looks whether it is still wanted. Podman's socket ends a service that is idle for five seconds."""

Json = dict[str, t.Any]


@dataclass
class Waiting:
    """One who waits. engine: connects to it, which each process does for itself. now: epoch seconds."""

    io: TalkingHostIO
    files: key.Files
    writer: _cutover.Writer
    volumes: t.Sequence[_host.Volume]
    paths: t.Mapping[str, str]
    engine: t.Callable[[], EngineClient]
    timeout_seconds: float
    now: t.Callable[[], float]
    through: bool = field(default=False, init=False)
    _acts: t.Optional[Acts] = field(default=None, init=False)

    def leave_behind(self) -> None:
        """Wait in a process of its own, from now on. Raises HostError when nobody can wait there."""
        listener = self.io.listen(self.files.waiting)
        self.io.leave_behind(lambda: self.serve(listener), self.files.waiting_log)

    def serve(self, listener: Listener) -> None:
        """Wait for the source's word and do as it says, until the workload is started, or this is no longer wanted.

        One who comes anew takes the place of the one before: that connection may have been cut, and nobody told here.
        """
        deadline = self.io.monotonic() + self.writer.lease_seconds
        talk: t.Optional[Talk] = None
        with contextlib.closing(listener):
            while not self.through and self.is_wanted(listener) and (talk or self.io.monotonic() < deadline):
                newer = listener.accept(0 if talk else LOOK_SECONDS)
                if newer is not None:
                    self._end(talk)
                talk = self._attend(newer or talk, newer is not None)
            self._end(talk)

    @staticmethod
    def _end(talk: t.Optional[Talk]) -> None:
        if talk is not None:
            talk.close()

    def _attend(self, talk: t.Optional[Talk], is_new: bool) -> t.Optional[Talk]:
        """Say that all is ready, or hear what is asked for and answer; the talk while it lasts."""
        if talk is None:
            return None
        try:
            asked = None if is_new else talk.hear(LOOK_SECONDS)
            if asked is None:
                self.make_ready()
            if is_new:
                talk.say({"ready": True})
            elif asked is not None:
                talk.say(self.answer(asked))
        except TalkEndedError:
            self._end(talk)
            return None
        return talk

    def is_wanted(self, listener: Listener) -> bool:
        """Whether the run this belongs to still writes the journal, and nobody has started the workload otherwise."""
        try:
            journal = Store(self.io).find(self.writer.move)
        except HostError:
            return False
        if journal is None or not listener.is_there():
            return False
        mine = (journal.lease.holder, journal.lease.generation) == (self.writer.holder, self.writer.generation)
        started = journal.reached >= phases.rank(phases.STARTED)
        return mine and not started and journal.outcome == journals.ACTIVE

    def make_ready(self) -> None:
        """Have the engine awake, and know what is to be started. What is in the way is told when it is to start."""
        with contextlib.suppress(ContainerHostError):
            if self._acts is None:
                self._acts = self._new_acts(Store(self.io).get(self.writer.move))
            self._acts.wake()
            self._acts.plan(steps.START_TARGET)

    def _new_acts(self, journal: journals.Journal) -> Acts:
        return Acts(self.engine(), self.io, journal, self.timeout_seconds)

    def answer(self, asked: Json) -> Json:
        """Do what is asked for, and say what came of it; what went wrong is in ``error``."""
        started = self.io.monotonic()
        try:
            if asked.get("do") == COMPARE:
                told = self._compare(asked.get("manifests"))
            elif asked.get("do") == START:
                told = self._start()
            else:
                raise HostError(f"the source asks for {asked.get('do')!r}, which is not known here")
        except ContainerHostError as error:
            return {"error": str(error)}
        return {**told, "seconds": round(self.io.monotonic() - started, 3)}

    def _compare(self, sent: t.Any) -> Json:
        """Hold the volumes against the digests of the source's manifests, and write down that they are the same."""
        mine = _cutover.digests(self.io, self.files, self.volumes, self.paths)
        equal = mine == sent
        if equal:
            _cutover.note(self.io, self.writer, equal, self.now(), check_mode=False)
        return {"equal": equal}

    def _start(self) -> Json:
        store = Store(self.io)
        with store.lock(store.get(self.writer.move).project):
            journal = self.writer.journal(store)
            acts = self._acts or self._new_acts(journal)
            # What was planned is carried out once; what failed is planned anew.
            self._acts = None
            done = run_step(store, acts, journal, "start", self.now, 0, check_mode=False)
        self.through = True
        return {"started": True, "actions": list(done.actions)}


def make_ready(
    io: HostIO,
    client: EngineClient,
    writer: _cutover.Writer,
    timeout_seconds: float,
    now: t.Callable[[], float],
    check_mode: bool,
) -> Done:
    """Make the workload on the target, and start nothing of it. Raises MoveRefusedError, HostError or InputError."""
    store = Store(io)
    with store.lock(store.get(writer.move).project):
        journal = writer.journal(store)
        return run_step(store, Acts(client, io, journal, timeout_seconds), journal, "ready", now, 0, check_mode)
