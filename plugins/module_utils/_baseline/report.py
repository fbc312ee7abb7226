# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One entry per control, the same for every kind, and what they add up to."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

STATUSES = ("passed", "changed", "would_change", "failed", "exempt", "not_applicable")
COUNTED_AS_MET = ("passed", "changed")
NOT_COUNTED = ("exempt", "not_applicable")


@dataclass(frozen=True)
class Entry:
    """What became of one control. put_back: it no longer holds and what was there before has come back."""

    id: str
    status: str
    before: t.Any = None
    after: t.Any = None
    reason: str = ""
    put_back: bool = False

    @property
    def is_change(self) -> bool:
        """Whether something about it changed or would."""
        return self.before != self.after and (self.put_back or self.status in ("changed", "would_change", "failed"))

    def as_dict(self) -> dict[str, t.Any]:
        """The entry as plain values, always with the same keys."""
        return {
            "id": self.id,
            "status": self.status,
            "before": self.before,
            "after": self.after,
            "reason": self.reason,
        }


def summary(statuses: t.Iterable[str]) -> dict[str, t.Any]:
    """How many controls of each status, and the score: percent met of those that count, 100 when none does."""
    counts = dict.fromkeys(STATUSES, 0)
    for status in statuses:
        counts[status] += 1
    total = sum(counts.values())
    counted = total - sum(counts[status] for status in NOT_COUNTED)
    met = sum(counts[status] for status in COUNTED_AS_MET)
    score = round(100 * met / counted, 1) if counted else 100.0
    return {"controls": total, **counts, "score_percent": score}


def difference(entries: t.Iterable[Entry]) -> dict[str, dict[str, t.Any]]:
    """Ansible's diff: before and after by control id, of what changes."""
    changes = [entry for entry in entries if entry.is_change]
    return {
        "before": {entry.id: entry.before for entry in changes},
        "after": {entry.id: entry.after for entry in changes},
    }


def failure_message(entries: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """One message naming every failed control with its reason; empty when none failed."""
    failed = [f"{entry['id']}: {entry['reason']}" for entry in entries if entry["status"] == "failed"]
    if not failed:
        return ""
    count = f"{len(failed)} of {len(entries)} controls"
    return "\n".join([f"{count if len(entries) > 1 else 'the control'} failed", *failed])


def table(entries: t.Sequence[t.Mapping[str, t.Any]], totals: t.Mapping[str, t.Any]) -> list[str]:
    """Lines for a person: everything that is not simply passed, and the totals."""
    width = max((len(str(entry["id"])) for entry in entries), default=0)
    lines = [
        f"{entry['status']:<14} {entry['id']:<{width}}  {entry['reason'] or entry.get('title') or ''}".rstrip()
        for entry in entries
        if entry["status"] != "passed"
    ]
    counts = ", ".join(f"{totals[status]} {status}" for status in STATUSES if totals[status])
    lines.append(f"{totals['controls']} controls: {counts or 'none'}; score {totals['score_percent']} %")
    return lines
