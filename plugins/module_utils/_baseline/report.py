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
            "put_back": self.put_back,
        }


def no_longer_holds(entry: t.Mapping[str, t.Any]) -> bool:
    """Whether the entry only tells that something was put back: no control of the profile, so nothing to count."""
    return bool(entry.get("put_back")) and entry["status"] in ("changed", "would_change")


@dataclass(frozen=True)
class Score:
    """How many controls count, and how many of those are met."""

    met: int
    counted: int

    @property
    def percent(self) -> float:
        """The part met, to one decimal; 100 when nothing counts."""
        return round(100 * self.met / self.counted, 1) if self.counted else 100.0

    def as_dict(self) -> dict[str, t.Any]:
        """The score as plain values."""
        return {"score_percent": self.percent, "met": self.met, "counted": self.counted}


def score(entries: t.Iterable[t.Mapping[str, t.Any]]) -> Score:
    """The score of these entries.

    Every control counts the same, whatever its severity: a reader can check the figure by counting, and it compares
    with those of other tools. Exempt and not applicable ones, and what was put back, do not count.
    """
    counting = [entry["status"] for entry in entries if not no_longer_holds(entry)]
    counting = [status for status in counting if status not in NOT_COUNTED]
    return Score(sum(status in COUNTED_AS_MET for status in counting), len(counting))


def summary(entries: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """How many controls of each status, how many of them were put back, and the score."""
    counts = dict.fromkeys(STATUSES, 0)
    for entry in entries:
        counts[entry["status"]] += 1
    put_back = sum(bool(entry.get("put_back")) for entry in entries)
    return {"controls": len(entries), **counts, "put_back": put_back, "score_percent": score(entries).percent}


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
    if totals["put_back"]:
        counts += f" ({totals['put_back']} put back)"
    lines.append(f"{totals['controls']} controls: {counts or 'none'}; score {totals['score_percent']} %")
    return lines
