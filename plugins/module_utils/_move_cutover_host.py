# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What happens on either host while a workload stands still, in as few runs as may be: stopping it and sending what is
left, seeing that all of it is there and writing that down.

Nothing is locked while data are sent or read, so that another run can take the move over; each part asks the journal
anew whether this run is still the one that writes.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_manifest_host
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, phases, rounds
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.run_step import (
    Done,
    demand_writer,
    run_step,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# How often a copy that was cut off is begun again.
RETRIES = 3
DIFFERENCES = 20

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


def send(
    io: HostIO,
    files: key.Files,
    volumes: t.Sequence[_host.Volume],
    paths: t.Mapping[str, str],
    manner: _host.Manner,
    generation: int,
) -> tuple[rounds.Round, dict[str, str]]:
    """Send what is left and the manifests: the round, and name -> digest. Raises MoveRefusedError or HostError."""
    sender = Sender(io, files, RETRIES, 2 * manner.timeout_seconds, generation)
    return _host.VolumeSender(io, files, volumes, paths, manner, sender).final()


def compare(io: HostIO, files: key.Files, volumes: t.Sequence[_host.Volume], paths: t.Mapping[str, str]) -> list[Json]:
    """What each volume is beside what the source sent. Raises HostError when it has sent no manifest."""
    found = []
    for volume in volumes:
        made = _move_manifest_host.make(io, files, volume.name, paths[volume.name])
        equal, named = _move_manifest_host.compare_with_sent(io, files, volume.name, made, DIFFERENCES)
        digest = made.digest()
        found.append({"name": volume.name, "equal": equal, "differences": named, "manifest_sha256": digest})
    return found


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
