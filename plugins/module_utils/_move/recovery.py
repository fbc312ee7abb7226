# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a run does with a move it finds, from the two journals alone: the decision, and the steps it takes.

Pure, so that a test can walk through every crash of every run, see every pair of journals that leaves behind, and show
that nowhere two copies live and that from everywhere the next run ends with exactly one.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._move import phases
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    ACTIVE,
    CLEANED,
    RELEASED,
    REVIVED,
    ROLLED_BACK,
    ROLLING_BACK,
    SOURCE,
    TARGET,
    Journal,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.phases import rank

BOTH = "both"

BEGIN = "begin"
RESUME = "resume"
ROLL_BACK = "roll_back"
CLEAR_TARGET = "clear_target"
THERE = "there"
BLOCKED = "blocked"

UNREACHABLE = "unreachable"
Seen = t.Union[Journal, None, str]
"""What is known of one side: its journal, None when the host answers and has none, UNREACHABLE when it doesn't."""


@dataclass(frozen=True)
class Step:
    """One step of a run. host: source, target or both (data goes between them). phase: the one it belongs to."""

    host: str
    name: str
    phase: str

    def as_dict(self) -> dict[str, str]:
        """As plain values."""
        return {"host": self.host, "name": self.name, "phase": self.phase}


@dataclass(frozen=True)
class Decision:
    """action: one of the words above. code, reason: why, as a word and as a sentence. steps: what is done."""

    action: str
    code: str
    reason: str
    steps: tuple[Step, ...] = ()
    remedy: str = ""

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values."""
        return {
            "action": self.action,
            "code": self.code,
            "reason": self.reason,
            "remedy": self.remedy,
            "steps": [step.as_dict() for step in self.steps],
        }


FORWARD = (
    Step(SOURCE, "begin", phases.PLANNED),
    Step(TARGET, "begin", phases.PLANNED),
    Step(SOURCE, "note", phases.VERDICT),
    Step(TARGET, "stage", phases.IMAGES_SEEDED),
    Step(BOTH, "seed_images", phases.IMAGES_SEEDED),
    Step(TARGET, "note", phases.IMAGES_SEEDED),
    Step(BOTH, "precopy", phases.VOLUMES_PRECOPIED),
    Step(TARGET, "note", phases.VOLUMES_PRECOPIED),
    Step(SOURCE, "note", phases.VOLUMES_PRECOPIED),
    # Whatever can be done before the workload stops is; a process waits there for the source's word then.
    Step(TARGET, "ready", phases.FINAL_DELTA),
    Step(SOURCE, "freeze", phases.FROZEN),
    Step(BOTH, "final_delta", phases.FINAL_DELTA),
    Step(TARGET, "compare", phases.FINAL_DELTA),
    Step(SOURCE, "hand_over", phases.STARTED),
    Step(TARGET, "start", phases.STARTED),
    Step(TARGET, "verify", phases.VERIFIED),
    Step(SOURCE, "commit", phases.SWITCHED),
    Step(TARGET, "settle", phases.SWITCHED),
    Step(BOTH, "switch_traffic", phases.SWITCHED),
    Step(SOURCE, "release", phases.RELEASED),
    Step(TARGET, "release", phases.RELEASED),
    Step(BOTH, "remove_keys", phases.RELEASED),
)
_ABANDON = Step(SOURCE, "abandon", phases.PLANNED)
_WITHDRAW = Step(TARGET, "withdraw", phases.PLANNED)
_NOTE_DOWN = Step(SOURCE, "note_target_is_down", phases.PLANNED)
_RESTORE = Step(SOURCE, "restore", phases.PLANNED)
_REMOVE_KEYS = Step(BOTH, "remove_keys", phases.PLANNED)


def steps_from(source: t.Optional[Journal], target: t.Optional[Journal]) -> tuple[Step, ...]:
    """The steps that are left. A step that only one host takes is left out once that host's journal has it behind it;
    what goes between the hosts is, once the target's journal has.
    """
    done = {
        SOURCE: -1 if source is None else rank(source.phase),
        TARGET: -1 if target is None else rank(target.phase),
    }
    done[BOTH] = done[TARGET]
    attempted = {SOURCE: -1 if source is None else source.reached}
    left = []
    for step in FORWARD:
        behind = done[step.host] >= rank(step.phase)
        # Attempting is all the source does in these two: its own next phase is another one.
        if step.name in ("hand_over", "commit"):
            behind = attempted[SOURCE] >= rank(step.phase)
        if step.name in ("switch_traffic", "remove_keys"):
            behind = False
        if not behind:
            left.append(step)
    return tuple(left)


def decide(source: Seen, target: Seen, wish: str = RESUME, target_is_lost: bool = False) -> Decision:
    """What a run does.

    wish: resume or roll_back, for where both are possible. target_is_lost: the operator's word that the target is off
    and stays off, for rolling back without asking it.
    """
    if isinstance(source, str):
        return _without_source(target)
    if isinstance(target, str):
        return _without_target(source, target_is_lost)
    if source is None or not source.unfinished:
        return _source_is_through(source, target)
    if source.outcome == ROLLING_BACK or (target is not None and target.outcome in (ROLLING_BACK, ROLLED_BACK)):
        return _roll_back(target, "rolling_back", "an earlier run began to roll back, this one finishes it")
    if wish == ROLL_BACK:
        if source.reached >= rank(phases.NO_RETURN):
            return Decision(
                RESUME,
                "past_no_return",
                f"{source.target} has taken over already, so the move is finished instead of rolled back",
                steps_from(source, target),
                "move the workload back afterwards",
            )
        return _roll_back(target, "asked", "asked to roll back")
    return Decision(
        RESUME, "interrupted", f"the move goes on after the phase {_slower(source, target)}", steps_from(source, target)
    )


def another_move(found: t.Sequence[Journal], source: str, target: str) -> t.Optional[Decision]:
    """What there is to say when the workload is being moved between other hosts than those named; None when it isn't.

    found: all journals of the workload on both hosts.
    """
    for journal in found:
        if journal.unfinished and source and (journal.source, journal.target) != (source, target):
            return Decision(
                BLOCKED,
                "another_move",
                f"{journal.project} is being moved from {journal.source} to {journal.target} (move {journal.id}, phase "
                f"{journal.phase})",
                remedy=f"finish that one first: run it from {journal.source} to {journal.target}, or roll it back so "
                "(move_rerun=roll_back)",
            )
    return None


def is_unjudged(decision: Decision) -> bool:
    """Whether a verdict is due before the steps: for a move that begins, and one whose verdict nobody wrote down."""
    return any(step.name == "note" and step.phase == phases.VERDICT for step in decision.steps)


def _slower(source: Journal, target: t.Optional[Journal]) -> str:
    return source.phase if target is None else min(source.phase, target.phase, key=rank)


def _roll_back(target: t.Optional[Journal], code: str, reason: str) -> Decision:
    withdraw = () if target is None or target.outcome == ROLLED_BACK else (_WITHDRAW,)
    # A target without a journal never got as far as starting: the journal is written before and never removed.
    return Decision(ROLL_BACK, code, reason, (_ABANDON, *withdraw, _NOTE_DOWN, _RESTORE, _REMOVE_KEYS))


def _source_is_through(source: t.Optional[Journal], target: t.Optional[Journal]) -> Decision:
    if target is None or not target.unfinished:
        return Decision(BEGIN, "nothing_unfinished", "no move of this workload is unfinished", steps_from(None, None))
    if source is not None and source.outcome == REVIVED:
        return Decision(
            BLOCKED,
            "source_revived",
            f"the workload was revived on {source.source} while {source.target} had taken over",
            remedy=f"decide which copy stays; the one on {source.target} is removed with the module workload",
        )
    if source is not None and source.outcome != ROLLED_BACK:
        return Decision(RESUME, "source_released", "the source is released already", steps_from(source, target))
    if source is None and target.reached >= rank(phases.HANDED_OVER):
        return Decision(
            BLOCKED,
            "source_journal_missing",
            f"{target.target} was about to run the workload, and {target.source} has no journal of it any more",
            remedy=f"restore /var/lib/container-host/moves on {target.source}, or fence the workload there by hand",
        )
    return Decision(CLEAR_TARGET, "source_rolled_back", "what the target has left goes", (_WITHDRAW, _REMOVE_KEYS))


def _without_source(target: Seen) -> Decision:
    if isinstance(target, Journal) and target.outcome == ACTIVE and target.reached >= rank(phases.NO_RETURN):
        # The source attempted this phase first, and is fenced: it can't come back by itself.
        settle = tuple(step for step in FORWARD if step.name == "settle")
        return Decision(
            RESUME,
            "source_unreachable_after_switch",
            f"{target.target} owns the workload; {target.source} is released once it answers again",
            settle,
        )
    return Decision(
        BLOCKED,
        "source_unreachable",
        "the source doesn't answer, and only its journal says what may be done",
        remedy="bring the source back, then run the move again",
    )


def _without_target(source: t.Optional[Journal], target_is_lost: bool) -> Decision:
    if source is None or not source.unfinished:
        return Decision(
            BLOCKED, "target_unreachable", "the target doesn't answer", remedy="bring it back or name another target"
        )
    alone = (_ABANDON, _RESTORE)
    if source.reached < rank(phases.HANDED_OVER) or source.target_is_down:
        return Decision(
            ROLL_BACK,
            "target_unreachable_before_start",
            "the target doesn't answer and was never allowed to start the workload: the source lives again",
            alone,
        )
    if source.reached >= rank(phases.NO_RETURN):
        return Decision(
            BLOCKED,
            "target_unreachable_after_switch",
            f"{source.target} owns the workload and doesn't answer",
            remedy=f"bring {source.target} back and run the move again; it starts the workload at boot",
        )
    if target_is_lost:
        return Decision(ROLL_BACK, "target_lost", "the target is lost by your word", (_ABANDON, _NOTE_DOWN, _RESTORE))
    return Decision(
        BLOCKED,
        "target_unreachable",
        f"{source.target} doesn't answer and may run the workload",
        remedy=f"bring {source.target} back; or, when it is off and stays off, give move_target_is_lost=true",
    )


def already_there(
    sources: t.Sequence[Journal], targets: t.Sequence[Journal], source_fenced: bool, target_keeps: bool
) -> t.Optional[Journal]:
    """The journal of the finished move that brought the workload to where it shall go; None when it isn't there.

    sources, targets: the journals of the two hosts in their part, oldest first. source_fenced: whether the source is
    kept from starting it. target_keeps: whether the target has its definition and may start it.
    """
    if not sources or not source_fenced or not target_keeps:
        return None
    last = sources[-1]
    arrived = any(entry.id == last.id and entry.outcome == RELEASED for entry in targets)
    return last if last.outcome in (RELEASED, CLEANED) and arrived else None


def there(journal: Journal) -> Decision:
    """What a run does with a workload that is there: only what an earlier one may have left is taken away."""
    return Decision(THERE, "already_there", f"{journal.project} lives on {journal.target} already", (_REMOVE_KEYS,))
