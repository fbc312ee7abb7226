# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What happens on either host while a workload stands still, in as few runs as may be: stopping it and sending what is
left, seeing that all of it is there and writing that down, handing it over and starting it.

Nothing is locked while data are sent or read, so that another run can take the move over; each part asks the journal
anew whether this run is still the one that writes.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_manifest_host
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, phases, rounds
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.durable import settle
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import (
    Done,
    demand_writer,
    describe,
    run_step,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_direct import Direct

# How often a copy that was cut off is begun again.
RETRIES = 3
DIFFERENCES = 20
# What the target's program says once its journal has it that all data are there (_move_gate.py).
CLOSED = "takes no more data here"
# Beside the time that services have to be ready.
START_GRACE_SECONDS = 60.0

Json = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Writer:
    """Which run this is. move: the move's id. lease_seconds: how long its lease holds from when it was renewed."""

    move: str
    holder: str
    generation: int
    lease_seconds: float

    def journal(self, store: Store) -> Journal:
        """The move's journal. The caller holds the store's lock. Raises MoveRefusedError when another run writes."""
        journal = store.get(self.move)
        demand_writer(journal, self.holder, self.generation)
        return journal

    def demand(self, store: Store) -> Journal:
        """As :meth:`journal`, with the lock held for that alone."""
        with store.lock(store.get(self.move).project):
            return self.journal(store)


def freeze(
    io: HostIO,
    client: EngineClient,
    writer: Writer,
    timeout_seconds: float,
    now: t.Callable[[], float],
    check_mode: bool,
) -> Done:
    """Fence the workload and stop it, unless that is done. Raises MoveRefusedError or HostError."""
    # Most of the code, which the target need not read while the workload stands still.
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.acts import (  # noqa: PLC0415
        Acts,
    )

    store = Store(io)
    with store.lock(store.get(writer.move).project):
        journal = writer.journal(store)
        acts = Acts(client, io, journal, timeout_seconds)
        return run_step(store, acts, journal, "freeze", now, 0, check_mode)


def sender(
    io: HostIO,
    files: key.Files,
    volumes: t.Sequence[_host.Volume],
    paths: t.Mapping[str, str],
    manner: _host.Manner,
    generation: int,
) -> _host.VolumeSender:
    """What sends what is left, and the manifests."""
    by_rsync = Sender(io, files, RETRIES, 2 * manner.timeout_seconds, generation)
    return _host.VolumeSender(io, files, volumes, paths, manner, by_rsync)


def told(done: Done) -> Json:
    """What was done to the workload, as a module's result."""
    before, after = describe(done.before), describe(done.after)
    return {
        "actions": list(done.actions),
        "journal": to_plain(done.after),
        "changed": done.changed,
        "diff": {"before": {**before, "actions": []}, "after": {**after, "actions": list(done.actions)}},
    }


@dataclasses.dataclass
class Carried:
    """How far one run of the source came. equal: what the target said, None when it was not asked so.

    seconds: how long each part took, by name. stood_still_seconds: from the stop until the target had started, when
    both were in this run.
    """

    done: Done
    round: rounds.Round
    digests: dict[str, str] = dataclasses.field(default_factory=dict)
    equal: t.Optional[bool] = None
    handed_over: bool = False
    started: bool = False
    why_not: str = ""
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)
    stood_still_seconds: t.Optional[float] = None
    ways: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)

    def difference(self) -> Difference:
        """What was changed at the target's volumes."""
        difference = Difference()
        difference.compare("bytes moved", 0, self.round.moved_bytes)
        difference.compare("files changed", 0, self.round.changed_files)
        return difference

    def as_dict(self) -> Json:
        """As plain values, for a module's result."""
        return {
            "rounds": [self.round.as_dict()],
            "wire_bytes": self.round.wire_bytes,
            "moved_bytes": self.round.moved_bytes,
            "ways": self.ways,
            "manifests": self.digests,
            "equal": self.equal,
            "handed_over": self.handed_over,
            "started": self.started,
            "why_not": self.why_not,
            "stood_still_seconds": self.stood_still_seconds,
            "seconds_of": self.seconds,
        }


def carry(
    io: HostIO,
    client: EngineClient,
    writer: Writer,
    sending: _host.VolumeSender,
    direct: t.Optional[Direct],
    timeout_seconds: float,
    now: t.Callable[[], float],
) -> Carried:
    """Stop the workload, unless it is stopped, and send what is left; with ``direct`` the target compares and, once the
    journal here has it that the workload is handed over, starts.

    What the target can't be asked so is not done. Raises MoveRefusedError or HostError; nothing is stopped when the
    target can't be reached.
    """
    parts: dict[str, float] = {}
    began = io.monotonic()

    def mark(name: str) -> None:
        nonlocal began
        parts[name], began = round(io.monotonic() - began, 3), io.monotonic()

    writer.demand(Store(io))
    sending.get_ready()
    if direct is not None:
        direct.open()
    mark("get_ready")
    stopped = freeze(io, client, writer, timeout_seconds, now, False)
    mark("freeze")
    told_at, stopped_at = (_noted_at(stopped, what) for what in (f"begins {phases.FROZEN}", phases.FROZEN))
    if told_at is not None and stopped_at is not None:
        parts["stop"] = round(stopped_at - told_at, 3)
    carried = Carried(stopped, sending.last_round(), seconds=parts)
    carried.ways = {name: way.as_dict() for name, way in sending.ways.items()}
    mark("copy")
    carried.digests = sending.make_manifests()
    mark("manifests")
    if direct is not None:
        carried.equal = direct.compare(carried.digests)
        mark("compare")
    if direct is None or not carried.equal:
        carried.why_not = _send_manifests(sending, direct is not None and carried.equal is None)
        mark("send_manifests")
    else:
        handed = hand_over(io, writer, now)
        carried.done = Done(stopped.before, handed.after, stopped.actions)
        carried.handed_over = True
        carried.started = direct.start(timeout_seconds + START_GRACE_SECONDS)
        mark("start")
        if carried.started and told_at is not None:
            carried.stood_still_seconds = round(now() - told_at, 3)
    if direct is not None and direct.why:
        carried.why_not = direct.why
    return carried


def _send_manifests(sending: _host.VolumeSender, may_be_known: bool) -> str:
    """Send them for the next run on the target. may_be_known: the target was asked, and nothing was heard.

    It may have found it equal then, and takes no more: the next run knows by its journal. Returns its words.
    """
    try:
        sending.send_manifests()
    except HostError as error:
        if not may_be_known or CLOSED not in str(error):
            raise
        return str(error)
    return ""


def _noted_at(done: Done, what: str) -> t.Optional[float]:
    """When this was written down, in epoch seconds; None when that was not in this run."""
    entries = done.after.history[len(done.before.history) :]
    return next((entry.at for entry in entries if entry.what == what), None)


def hand_over(io: HostIO, writer: Writer, now: t.Callable[[], float]) -> Done:
    """Write down on the source that the target may start. Raises MoveRefusedError."""
    store = Store(io)
    with store.lock(store.get(writer.move).project):
        return run_step(store, None, writer.journal(store), "hand_over", now, 0, False)


def digests(
    io: HostIO, files: key.Files, volumes: t.Sequence[_host.Volume], paths: t.Mapping[str, str]
) -> dict[str, str]:
    """Name of each volume -> the digest of its manifest, as it is on this host's disk."""
    names = [volume.name for volume in volumes]
    settle(io, [paths[name] for name in names])
    return {name: _move_manifest_host.make(io, files, name, paths[name]).digest() for name in names}


def compare(io: HostIO, files: key.Files, volumes: t.Sequence[_host.Volume], paths: t.Mapping[str, str]) -> list[Json]:
    """Each volume on this host's disk beside what the source sent. Raises HostError when it has sent no manifest."""
    found = []
    settle(io, [paths[volume.name] for volume in volumes])
    for volume in volumes:
        made = _move_manifest_host.make(io, files, volume.name, paths[volume.name])
        equal, named = _move_manifest_host.compare_with_sent(io, files, volume.name, made, DIFFERENCES)
        digest = made.digest()
        found.append({"name": volume.name, "equal": equal, "differences": named, "manifest_sha256": digest})
    return found


def was_compared(io: HostIO, writer: Writer) -> bool:
    """Whether the target's journal has it that all data are there, since when they were not touched."""
    journal = writer.demand(Store(io))
    return phases.rank(journal.phase) >= phases.rank(phases.FINAL_DELTA)


def note(io: HostIO, writer: Writer, equal: bool, now: float, check_mode: bool) -> tuple[Journal, Journal]:
    """Write down on the target that all data are there, if they are, and renew the lease: the journal before and after.

    Raises MoveRefusedError when another run has taken over while they were compared.
    """
    store = Store(io)
    with store.lock(store.get(writer.move).project):
        before = writer.journal(store)
        if not equal:
            return before, before
        noted = journals.complete(before, phases.FINAL_DELTA, now)
        after = journals.take_lease(noted, writer.holder, now, writer.lease_seconds)
        if not check_mode:
            store.write(after)
    return before, after


def is_news(before: Journal, after: Journal) -> bool:
    """Whether the journal says something else, and not only that the lease was renewed."""
    return dataclasses.replace(before, lease=after.lease) != after
