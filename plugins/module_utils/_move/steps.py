# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a step of a move consists of on the host it runs on: what is written down and what is done, in this order.

The modules carry out exactly these lists, and the test that walks through every crash reads the same ones. A run may
end between any two entries, and every entry may be done again.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import phases
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, MoveRefusedError

WRITE, ACT = "write", "act"

# What is done on a host. Fencing is: no restart policy, no boot unit, and a mark that the module workload respects.
# Closing the gate is: no copy of data is under way any more. Preparing the target is: all of the workload is there but
# its data, nothing of it runs, and nothing would come back with a boot.
STAGE = "stage"
PREPARE_TARGET = "prepare_target"
FENCE = "fence"
STOP = "stop"
CLOSE_GATE = "close_gate"
START_TARGET = "start_target"
AWAIT_HEALTHY = "await_healthy"
ENABLE_AT_BOOT = "enable_at_boot"
REMOVE_TARGET = "remove_target"
UNFENCE = "unfence"
START_SOURCE = "start_source"
REMOVE_KEPT = "remove_kept"


@dataclass(frozen=True)
class Entry:
    """One entry of a step. kind: write (``change`` makes the next journal) or act (``action`` is done on the host,
    after ``guard`` raised nothing).
    """

    kind: str
    action: str = ""
    change: t.Callable[[Journal, float], Journal] = lambda journal, _now: journal
    guard: t.Callable[[Journal], None] = lambda _journal: None


def _attempt(phase: str) -> Entry:
    return Entry(WRITE, f"attempt {phase}", lambda journal, now: journals.attempt(journal, phase, now))


def _complete(phase: str) -> Entry:
    return Entry(WRITE, f"complete {phase}", lambda journal, now: journals.complete(journal, phase, now))


def _demand_forward(journal: Journal) -> None:
    if journal.outcome != journals.ACTIVE:
        raise MoveRefusedError(f"move {journal.id} of {journal.project} is {journal.outcome}: it doesn't go on")


def _demand_may_fence(journal: Journal) -> None:
    _demand_forward(journal)
    if journal.side != journals.SOURCE:
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: only the source is fenced")


def _demand_may_stage(journal: Journal) -> None:
    _demand_forward(journal)
    if journal.side != journals.TARGET:
        raise MoveRefusedError(f"move {journal.id} of {journal.project}: only the target is staged")


def _demand_rolling_back(journal: Journal) -> None:
    if journal.side != journals.TARGET or journal.outcome != journals.ROLLING_BACK:
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project}: the target's copy goes only while rolling back"
        )


def _demand_cleanable(journal: Journal) -> None:
    if journal.side != journals.SOURCE or journal.outcome not in (journals.RELEASED, journals.CLEANED):
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} is {journal.outcome}: nothing is kept to be removed"
        )


def _demand_revivable(journal: Journal) -> None:
    if journal.side != journals.SOURCE or journal.outcome not in (journals.RELEASED, journals.REVIVED):
        raise MoveRefusedError(
            f"move {journal.id} of {journal.project} is {journal.outcome}: nothing is kept to be revived"
        )


def steps(kept_until: float = 0) -> dict[str, tuple[Entry, ...]]:
    """Every step by its name. kept_until: what ``release`` writes, epoch seconds."""
    return {
        "stage": (Entry(ACT, STAGE, guard=_demand_may_stage),),
        "ready": (Entry(ACT, PREPARE_TARGET, guard=_demand_may_stage),),
        "freeze": (
            _attempt(phases.SOURCE_FENCED),
            Entry(ACT, FENCE, guard=_demand_may_fence),
            _complete(phases.SOURCE_FENCED),
            _attempt(phases.FROZEN),
            Entry(ACT, STOP, guard=_demand_may_fence),
            _complete(phases.FROZEN),
        ),
        "hand_over": (_attempt(phases.HANDED_OVER),),
        "start": (
            # From what is written here on no copy begins, and after the gate is closed none is left: not of a run that
            # was thought to be dead either.
            _attempt(phases.STARTED),
            Entry(ACT, CLOSE_GATE, guard=journals.demand_may_start),
            Entry(ACT, START_TARGET, guard=journals.demand_may_start),
            _complete(phases.STARTED),
        ),
        "verify": (Entry(ACT, AWAIT_HEALTHY, guard=journals.demand_may_start), _complete(phases.VERIFIED)),
        "commit": (_attempt(phases.NO_RETURN),),
        "settle": (
            _attempt(phases.SWITCHED),
            Entry(ACT, ENABLE_AT_BOOT, guard=journals.demand_may_come_back_at_boot),
            _complete(phases.SWITCHED),
        ),
        "release": (
            _attempt(phases.RELEASED),
            Entry(WRITE, "finish", lambda journal, now: journals.finish(journal, now, kept_until)),
        ),
        "abandon": (Entry(WRITE, "roll back", journals.roll_back),),
        "withdraw": (
            Entry(WRITE, "roll back", journals.roll_back),
            Entry(ACT, CLOSE_GATE, guard=_demand_rolling_back),
            Entry(ACT, REMOVE_TARGET, guard=_demand_rolling_back),
            Entry(WRITE, "rolled back", journals.finish_roll_back),
        ),
        "note_target_is_down": (Entry(WRITE, "note that the target is down", journals.note_target_is_down),),
        "restore": (
            Entry(ACT, UNFENCE, guard=journals.demand_may_restore),
            Entry(ACT, START_SOURCE, guard=journals.demand_may_restore),
            Entry(WRITE, "rolled back", journals.finish_roll_back),
        ),
        "clean": (
            Entry(ACT, REMOVE_KEPT, guard=_demand_cleanable),
            Entry(WRITE, "cleaned", lambda journal, now: journals.conclude(journal, journals.CLEANED, now)),
        ),
        "revive": (
            Entry(ACT, UNFENCE, guard=_demand_revivable),
            Entry(ACT, START_SOURCE, guard=_demand_revivable),
            Entry(WRITE, "revived", lambda journal, now: journals.conclude(journal, journals.REVIVED, now)),
        ),
    }


STEP_NAMES = tuple(steps())


def acts_of(step: str) -> tuple[str, ...]:
    """What a step does on the host; empty for one that only writes."""
    return tuple(entry.action for entry in steps()[step] if entry.kind == ACT)
