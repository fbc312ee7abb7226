# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Carries out one step of a move on one host: the journal is written before and after, and every guard is asked."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.steps import ACT, steps

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.acts import Acts
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store


@dataclass(frozen=True)
class Done:
    """before, after: the journal. actions: what was done on the host, one line each."""

    before: Journal
    after: Journal
    actions: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the journal or the host is another one now."""
        return bool(self.actions) or self.before != self.after


def run_step(
    store: Store,
    acts: t.Optional[Acts],
    journal: Journal,
    name: str,
    now: t.Callable[[], float],
    kept_until: float,
    check_mode: bool,
) -> Done:
    """Carry out a step, or in check mode find out what it would do.

    The caller holds the store's lock and has checked the lease. Raises MoveRefusedError, HostError or InputError; what
    was written before that stays written, and says how far the step came.
    """
    current = journal
    actions: list[str] = []
    for entry in steps(kept_until)[name]:
        if entry.kind == ACT:
            if acts is None:
                raise TypeError(f"the step {name} needs the engine")
            entry.guard(current)
            planned = acts.plan(entry.action)
            actions += planned
            if not check_mode:
                # Also when the plan is empty: waiting for health changes nothing and has to be done.
                acts.do(entry.action)
            continue
        following = entry.change(current, now())
        if following != current and not check_mode:
            store.write(following)
        current = following
    return Done(journal, current, tuple(actions))


def describe(journal: Journal) -> dict[str, t.Any]:
    """What a diff shows of a journal."""
    return {
        "phase": journal.phase,
        "intent": journal.intent,
        "outcome": journal.outcome,
        "rung": journal.rung,
        "holder": journal.lease.holder,
        "generation": journal.lease.generation,
    }


def demand_writer(journal: Journal, holder: str, generation: int) -> None:
    """Raises MoveRefusedError unless this run may write, which steps after the end of a move don't need."""
    if journal.unfinished:
        journals.check_lease(journal, holder, generation)
