# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The plan to bring a host up to date: what differs, and what is done about it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Held, Update

ALL, SECURITY = "all", "security"


@dataclass(frozen=True)
class Plan:
    """updates, held, kept_back: see _packages/updates.py. interrupted: what has to be finished before."""

    updates: tuple[Update, ...] = ()
    held: tuple[Held, ...] = ()
    kept_back: tuple[str, ...] = ()
    interrupted: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    difference: Difference = field(default_factory=Difference)

    def actions(self) -> list[str]:
        """What is done, one line per action, in its order."""
        lines = [f"finish the interrupted installation of {', '.join(self.interrupted)}"] if self.interrupted else []
        for update in self.updates:
            change = f"update {update.name} from {update.before} to" if update.before else f"install {update.name}"
            lines.append(f"{change} {update.after}")
        return lines + [f"remove {name}" for name in self.removed]


def make_plan(
    updates: t.Sequence[Update],
    held: t.Sequence[Held],
    kept_back: t.Sequence[str],
    interrupted: t.Sequence[str],
    removed: t.Sequence[str],
) -> Plan:
    """The plan with its difference, which has only what changes."""
    difference = Difference()
    difference.compare("interrupted", list(interrupted), [])
    for update in updates:
        difference.compare(update.name, update.before, update.after)
    for name in removed:
        difference.compare(name, "installed", None)
    return Plan(tuple(updates), tuple(held), tuple(kept_back), tuple(interrupted), tuple(removed), difference)
