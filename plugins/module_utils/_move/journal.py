# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One host's journal of one move: values in, the next journal out, or MoveRefusedError.

Two journals tell a move, one on each host. A step is written down before it is done (``intent``) and after it
(``phase``). Who writes holds the lease: its ``generation`` grows with every holder, and a writer with an older one is
refused, so that a control node that was only slow can't do a step of a move another has taken over. Whether the lease
has expired decides only who may take it; it is never what makes a step safe, so clocks need not agree.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import phases
from ansible_collections.anycloud.container_host.plugins.module_utils._move.phases import rank

SOURCE, TARGET = "source", "target"
SIDES = (SOURCE, TARGET)
RUNGS = ("live", "precopy", "cold")

ACTIVE = "active"
ROLLING_BACK = "rolling_back"
ROLLED_BACK = "rolled_back"
RELEASED = "released"
CLEANED = "cleaned"
REVIVED = "revived"
OUTCOMES = (ACTIVE, ROLLING_BACK, ROLLED_BACK, RELEASED, CLEANED, REVIVED)
UNFINISHED = (ACTIVE, ROLLING_BACK)


class MoveRefusedError(ContainerHostError):
    """The journal does not allow the step."""


@dataclass(frozen=True)
class Lease:
    """Who may write. holder: "" for nobody. generation: grows by one with each new holder. expires_at: epoch seconds
    of the host's own clock.
    """

    holder: str = ""
    generation: int = 0
    expires_at: float = 0


@dataclass(frozen=True)
class Entry:
    """What happened when: at is epoch seconds of the host's clock."""

    at: float
    what: str


@dataclass(frozen=True)
class Journal:
    """One side of a move.

    id: the same on both hosts. side: source or target. source, target: the hosts' inventory names. rung: live, precopy
    or cold. phase: the last one that is complete here; intent: the one being attempted, "" when none is.
    target_is_down: on the source, that the target's copy is known to be gone for good. kept_until: on the source after
    the release, until when (epoch seconds) what it kept is not removed. facts: what was measured, for the report.
    """

    id: str
    project: str
    side: str
    source: str
    target: str
    rung: str = "precopy"
    phase: str = phases.PLANNED
    intent: str = ""
    outcome: str = ACTIVE
    target_is_down: bool = False
    kept_until: float = 0
    lease: Lease = Lease()
    history: tuple[Entry, ...] = ()
    facts: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def reached(self) -> int:
        """The rank of the furthest phase that may have had an effect: complete or attempted."""
        return max(rank(self.phase), rank(self.intent) if self.intent else 0)

    @property
    def unfinished(self) -> bool:
        """Whether this move still has to be resumed or rolled back here."""
        return self.outcome in UNFINISHED

    def noting(self, now: float, what: str, **values: t.Any) -> Journal:
        """The journal with other values and a line of history that says so."""
        return dataclasses.replace(self, history=(*self.history, Entry(now, what)), **values)


def begin(existing: t.Sequence[Journal], wanted: Journal, fenced: bool) -> Journal:
    """The journal to go on with: the unfinished one of this very move, or the wanted one.

    existing: all journals of the workload on this host. fenced: whether it is fenced here. Raises MoveRefusedError
    while another move of it is unfinished, and on a source that the workload has left: a run that decided before a
    whole other move took place would begin from a copy that is none any more. An id is used once.
    """
    for journal in existing:
        if not journal.unfinished:
            if journal.id == wanted.id:
                # A run that decided before this move ended would do it over, into what lives here now.
                raise MoveRefusedError(f"move {journal.id} of {journal.project} is {journal.outcome} here already")
            continue
        same = (journal.side, journal.source, journal.target) == (wanted.side, wanted.source, wanted.target)
        if same and wanted.id in ("", journal.id):
            return journal
        raise MoveRefusedError(
            f"{journal.project} is being moved from {journal.source} to {journal.target} (move {journal.id}, phase "
            f"{journal.phase}); finish that one first: run it again, or with move_rerun=roll_back"
        )
    if fenced and wanted.side == SOURCE:
        raise MoveRefusedError(
            f"{wanted.project} is fenced on {wanted.source}: it has moved away; "
            "move it from where it lives, or revive it"
        )
    return wanted


def take_lease(
    journal: Journal, holder: str, now: float, lease_seconds: float, taken_over_from: t.Collection[str] = ()
) -> Journal:
    """Make ``holder`` the writer, or give it more time when it is already.

    taken_over_from: holders known to be dead, whose lease need not expire; "*" stands for whoever it is.
    Raises MoveRefusedError while somebody else holds it.
    """
    lease = journal.lease
    if lease.holder == holder:
        return dataclasses.replace(journal, lease=dataclasses.replace(lease, expires_at=now + lease_seconds))
    known_dead = lease.holder in taken_over_from or "*" in taken_over_from
    if lease.holder and lease.expires_at > now and not known_dead:
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} is being carried out by {lease.holder}, for another "
            f"{lease.expires_at - now:.0f} s at least; wait for it, or, if that run is dead, give move_take_over=true"
        )
    return journal.noting(
        now,
        f"taken over by {holder}" if lease.holder else f"taken by {holder}",
        lease=Lease(holder, lease.generation + 1, now + lease_seconds),
    )


def check_lease(journal: Journal, holder: str, generation: int) -> None:
    """Raises MoveRefusedError unless this writer holds the lease in this generation."""
    if journal.lease.holder != holder or journal.lease.generation != generation:
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} was taken over by {journal.lease.holder or 'nobody'}; this run "
            "stops here, the other one carries on"
        )


def demand_generation(journal: Journal, generation: int) -> None:
    """Raises MoveRefusedError unless data are carried in the present generation. Holders have one each."""
    if journal.unfinished and journal.lease.generation != generation:
        whose = f"this run has generation {generation}" if generation else "give the option generation"
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} is in generation {journal.lease.generation}, and {whose}: another "
            "run may have taken over, which carries on"
        )


def demand_may_carry(journal: Journal, generation: int) -> None:
    """Raises MoveRefusedError unless data may leave the source or come to the target, in this generation."""
    _demand_active(journal, "carry data")
    demand_generation(journal, generation)
    if journal.side == TARGET and journal.reached >= rank(phases.FINAL_DELTA):
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: all data are on the target, so no more come")


def give_back_lease(journal: Journal) -> Journal:
    """Nobody is the writer any more; the generation stays, so that the next one is greater."""
    return dataclasses.replace(journal, lease=Lease("", journal.lease.generation, 0))


def _demand_active(journal: Journal, doing: str) -> None:
    if journal.outcome != ACTIVE:
        raise MoveRefusedError(f"move {journal.id} of {journal.project} is {journal.outcome}: it can't {doing}")


def attempt(journal: Journal, phase: str, now: float) -> Journal:
    """Write down that a phase is about to begin; unchanged when it is complete or written down already.

    Raises MoveRefusedError when what has to come first on this host has not.
    """
    _demand_active(journal, f"go on to {phase}")
    if rank(phase) <= journal.reached:
        return journal
    first = {
        (SOURCE, phases.HANDED_OVER): phases.FROZEN,
        (SOURCE, phases.RELEASED): phases.NO_RETURN,
        (TARGET, phases.STARTED): phases.FINAL_DELTA,
        (TARGET, phases.SWITCHED): phases.VERIFIED,
    }.get((journal.side, phase))
    if first and journal.reached < rank(first):
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project}: {phase} can't begin before {first} on this host"
        )
    return journal.noting(now, f"begins {phase}", intent=phase)


def complete(journal: Journal, phase: str, now: float, **facts: t.Any) -> Journal:
    """Write down that a phase is complete; unchanged when it was already.

    Phases that another host carries out may be passed over here, those that decide who owns the workload may not.
    """
    _demand_active(journal, f"complete {phase}")
    if rank(phase) <= rank(journal.phase):
        return journal
    guarded = (phases.SOURCE_FENCED, phases.FROZEN, phases.HANDED_OVER, phases.NO_RETURN, phases.RELEASED)
    if phase in guarded and journal.reached < rank(phase):
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: {phase} was never begun on this host")
    intent = "" if journal.intent and rank(journal.intent) <= rank(phase) else journal.intent
    return journal.noting(now, phase, phase=phase, intent=intent, facts={**journal.facts, **facts})


def finish(journal: Journal, now: float, kept_until: float = 0) -> Journal:
    """The move is through on this host. Idempotent."""
    if journal.outcome == RELEASED:
        return journal
    done = complete(journal, phases.RELEASED, now)
    return done.noting(now, "finished", outcome=RELEASED, kept_until=kept_until)


def roll_back(journal: Journal, now: float) -> Journal:
    """Write down that this side goes back; from here on no step forward is allowed here. Idempotent.

    Raises MoveRefusedError once the target's copy is the workload.
    """
    if journal.outcome in (ROLLING_BACK, ROLLED_BACK):
        return journal
    _demand_active(journal, "be rolled back")
    if journal.reached >= rank(phases.NO_RETURN):
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} can't be rolled back: {journal.target} has taken over; run it "
            f"again to finish it, then move the workload back"
        )
    return journal.noting(now, "rolls back", outcome=ROLLING_BACK)


def note_target_is_down(journal: Journal, now: float) -> Journal:
    """On the source: the target's copy is down and can't come back. Only while rolling back."""
    if journal.side != SOURCE or journal.outcome != ROLLING_BACK:
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: only a source that rolls back notes this")
    if journal.target_is_down:
        return journal
    return journal.noting(now, "the target's copy is down for good", target_is_down=True)


def finish_roll_back(journal: Journal, now: float) -> Journal:
    """This side is as it was before the move. Idempotent."""
    if journal.outcome == ROLLED_BACK:
        return journal
    if journal.outcome != ROLLING_BACK:
        raise MoveRefusedError(f"move {journal.id} of {journal.project} is {journal.outcome}: it isn't rolling back")
    return journal.noting(now, "rolled back", outcome=ROLLED_BACK)


def demand_may_restore(journal: Journal) -> None:
    """Raises MoveRefusedError unless the source may live again: no copy on the target does, nor can."""
    if journal.side != SOURCE or journal.outcome != ROLLING_BACK:
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project}: the source may come back only while rolling back"
        )
    if journal.reached >= rank(phases.HANDED_OVER) and not journal.target_is_down:
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project}: a copy may live on {journal.target}; the source comes back only "
            "after that one is known to be down"
        )


def demand_may_start(journal: Journal) -> None:
    """Raises MoveRefusedError unless the target's copy may be started."""
    _demand_active(journal, "start on the target")
    if journal.side != TARGET or journal.reached < rank(phases.STARTED):
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: starting on the target was not begun here")


def demand_may_come_back_at_boot(journal: Journal) -> None:
    """Raises MoveRefusedError unless the target's copy is the workload, so that it may start at boot."""
    _demand_active(journal, "come back at boot")
    if journal.side != TARGET or journal.reached < rank(phases.NO_RETURN):
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: the source may still come back instead")


def due_for_cleaning(journal: Journal, now: float) -> bool:
    """Whether what the source kept may go."""
    return journal.side == SOURCE and journal.outcome == RELEASED and now >= journal.kept_until


def due(found: t.Sequence[Journal], now: float) -> list[str]:
    """The moves whose kept copies may go; none of a workload that is being moved: it may be coming back to its copy."""
    moving = {journal.project for journal in found if journal.unfinished}
    return [entry.id for entry in found if due_for_cleaning(entry, now) and entry.project not in moving]


def conclude(journal: Journal, outcome: str, now: float) -> Journal:
    """After the release: ``cleaned`` (what was kept is gone) or ``revived`` (it lives again). Idempotent."""
    if journal.outcome == outcome:
        return journal
    if journal.side != SOURCE or journal.outcome != RELEASED:
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} is {journal.outcome} on its {journal.side}: only what a released "
            f"source keeps can be {outcome}"
        )
    return journal.noting(now, outcome, outcome=outcome)
