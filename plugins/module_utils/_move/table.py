# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where moves stand, as a table: one row for each, from the journals of whichever of its hosts answer. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

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

COLUMNS = ("workload", "from", "to", "state", "phase", "progress", "next")

STATES = {
    ACTIVE: "under way",
    ROLLING_BACK: "rolling back",
    ROLLED_BACK: "rolled back",
    RELEASED: "done",
    CLEANED: "done, nothing kept",
    REVIVED: "revived on the source",
}


@dataclass(frozen=True)
class Row:
    """One move. phase: the furthest that is complete on either host. held_by: the run that may write, "" for nobody.

    progress: of a copy, as a line; "" when none is known. next: what to do about it, "" for nothing.
    """

    id: str
    workload: str
    source: str
    target: str
    rung: str
    state: str
    phase: str
    held_by: str
    progress: str
    next: str

    def as_dict(self) -> dict[str, str]:
        """As plain values."""
        return asdict(self)


def rows(journals: t.Sequence[Journal], progress: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[Row]:
    """One row for each move, those that are not through first, then the newest.

    journals: of any hosts. progress: id -> what ``move_info`` told of a copy under way.
    """
    moves: dict[str, list[Journal]] = {}
    for journal in journals:
        moves.setdefault(journal.id, []).append(journal)
    found = [(_began(sides), _row(sides, progress.get(move, {}))) for move, sides in moves.items()]
    through = {RELEASED, CLEANED, ROLLED_BACK, REVIVED}
    unfinished = {move for move, sides in moves.items() if not {side.outcome for side in sides} <= through}
    return [row for _at, row in sorted(found, key=lambda entry: (entry[1].id not in unfinished, -entry[0]))]


def _began(sides: t.Sequence[Journal]) -> float:
    return min((side.history[0].at for side in sides if side.history), default=0)


def _row(sides: t.Sequence[Journal], progress: t.Mapping[str, t.Any]) -> Row:
    any_side = sides[0]
    open_sides = [side for side in sides if side.unfinished]
    # The source decides what a move is; what is still open on one side only is named by that side.
    decisive = next((side for side in (*open_sides, *sides) if side.side == SOURCE), (open_sides or list(sides))[0])
    outcome = ROLLING_BACK if ROLLING_BACK in {side.outcome for side in sides} else decisive.outcome
    if outcome in (RELEASED, ROLLED_BACK) and open_sides:
        outcome = open_sides[0].outcome
    return Row(
        any_side.id,
        any_side.project,
        any_side.source,
        any_side.target,
        decisive.rung,
        STATES[outcome],
        max((side.phase for side in sides), key=rank),
        next((side.lease.holder for side in open_sides if side.lease.holder), ""),
        line(progress) if open_sides else "",
        _next(sides, open_sides),
    )


def _next(sides: t.Sequence[Journal], open_sides: t.Sequence[Journal]) -> str:
    """What to do with a move that is not through, as a sentence."""
    if not open_sides:
        return ""
    one = open_sides[0]
    again = f"move {one.project} from {one.source} to {one.target} again"
    missing = {SOURCE: one.source, TARGET: one.target}
    for side in sides:
        missing.pop(side.side, None)
    unseen = f" (not read: {', '.join(missing.values())})" if missing else ""
    past = any(side.side == SOURCE and side.reached >= rank(phases.NO_RETURN) for side in sides)
    if past or any(side.outcome == ROLLING_BACK for side in sides):
        return f"{again}, to finish it{unseen}"
    return f"{again}; with move_rerun=roll_back it goes back{unseen}"


def line(progress: t.Mapping[str, t.Any]) -> str:
    """A copy's progress in one line: what, bytes, percent, rate and time left; "" when nothing is known."""
    if not progress:
        return ""
    left, percent = progress.get("seconds_left"), progress["percent"]
    return (
        f"{progress['what']}: {readable(progress['done_bytes'])}, {'' if percent is None else f'{percent} %, '}"
        f"{readable(progress['bytes_per_second'])}/s, {'time left not known' if left is None else _time(left)}"
    )


def readable(size: float) -> str:
    """A size with a unit: 1536 is ``1.5 KiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s") + " left"


def text(found: t.Sequence[Row]) -> list[str]:
    """The table as lines, columns side by side."""
    cells = [list(COLUMNS)] + [
        [row.workload, row.source, row.target, row.state, row.phase, row.progress or "-", row.next or "-"]
        for row in found
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells]
