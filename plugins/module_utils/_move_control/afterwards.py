# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What may be done with the copy a move left stopped on its source, and when."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    RELEASED,
    Journal,
    MoveRefusedError,
    due_for_cleaning,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Mark

CLEAN, REVIVE = "clean", "revive"
AFTERWARDS = (CLEAN, REVIVE)


def demand_allowed(
    step: str,
    journal: Journal,
    others: t.Sequence[Journal],
    mark: t.Optional[Mark],
    target_is_down: bool,
    now: float,
) -> None:
    """Raises MoveRefusedError for a step after the end of a move that it is not the time for.

    others: all journals of the workload on this host. mark: its fence here. A workload that is on its way back to its
    copy needs it, and one that has come back, or left again, is no copy of this move's any more.
    """
    moving = next((other for other in others if other.unfinished), None)
    if moving is not None:
        raise MoveRefusedError(
            f"move {journal.id}: {journal.project} is being moved (move {moving.id}); finish that first"
        )
    if step == CLEAN and journal.outcome == RELEASED and not due_for_cleaning(journal, now):
        raise MoveRefusedError(
            f"move {journal.id}: what {journal.source} keeps of {journal.project} stays for another "
            f"{journal.kept_until - now:.0f} s"
        )
    if step == REVIVE and journal.outcome == RELEASED:
        if mark is not None and mark.move != journal.id:
            raise MoveRefusedError(
                f"move {journal.id}: {journal.project} was moved again since, so nothing is kept of this move; see "
                "with the module move_info which move was the last"
            )
        if not target_is_down:
            raise MoveRefusedError(
                f"move {journal.id}: {journal.target} may run {journal.project}; make sure that it doesn't, and give "
                "target_is_down=true"
            )
