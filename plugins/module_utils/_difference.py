# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One object behind ``changed`` and ``diff``: the differences between what is and what shall be."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """One value that differs; absent values are None."""

    name: str
    before: t.Any
    after: t.Any


@dataclass
class Difference:
    """The ordered set of changes of one plan."""

    changes: list[Change] = field(default_factory=list)

    def compare(self, name: str, before: t.Any, after: t.Any) -> bool:
        """Record ``name`` when the two values differ; returns whether they do."""
        if before == after:
            return False
        self.changes.append(Change(name, before, after))
        return True

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def names(self) -> list[str]:
        """The names of what differs, in the order it was compared."""
        return [change.name for change in self.changes]

    def before_after(self) -> dict[str, dict[str, t.Any]]:
        """Ansible's ``diff``: ``before`` and ``after``, each a mapping of name to value."""
        return {
            "before": {change.name: change.before for change in self.changes},
            "after": {change.name: change.after for change in self.changes},
        }
