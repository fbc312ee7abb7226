# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which move takes a workload back to where it was, from the journals of all hosts. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move import recovery
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import CLEANED, RELEASED, Journal


@dataclass(frozen=True)
class WayBack:
    """The move to make. rerun: for one that is not through yet, that it is rolled back."""

    source: str
    target: str
    rerun: str

    def as_dict(self) -> dict[str, str]:
        """As plain values."""
        return {"source": self.source, "target": self.target, "rerun": self.rerun}


def way_back(journals: t.Sequence[Journal], project: str) -> WayBack:
    """The move that undoes the workload's last one. Raises InputError when there is none to undo.

    The last one is that which began last, by the clocks of the hosts; what was rolled back, or revived on its source,
    has undone itself.
    """
    mine = [entry for entry in journals if entry.project == project]
    unfinished = [entry for entry in mine if entry.unfinished]
    if unfinished:
        return WayBack(unfinished[0].source, unfinished[0].target, recovery.ROLL_BACK)
    done = [entry for entry in mine if entry.outcome in (RELEASED, CLEANED)]
    if not done:
        known = sorted({entry.project for entry in journals})
        remedy = f"give workload, one that was moved: {', '.join(known)}" if known else "move it first"
        raise InputError([Problem("workload", f"no host that answers has a move of {project!r} to undo", remedy)])
    last = max(done, key=lambda entry: entry.history[0].at if entry.history else 0)
    return WayBack(last.target, last.source, recovery.RESUME)
