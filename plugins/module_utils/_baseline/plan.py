# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a kind finds out about its controls and what it would do about them. Data."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step

PASSED = "passed"
DEVIATES = "deviates"
UNKEPT = "unkept"
PENDING = "pending"
NOT_APPLICABLE = "not_applicable"
FAILED = "failed"

AT_NEXT_BOOT = "takes effect at the next boot"
"""The reason of what is written down but can't change while the host runs."""


@dataclass(frozen=True)
class Finding:
    """What holds for one control.

    status: ``passed``; ``deviates`` (the host is not as it shall be); ``unkept`` (it is, by chance or by other means:
    an audit passes, enforcing makes it last); ``pending`` (it will be from the next boot on: an audit fails, enforcing
    has nothing left to do); ``not_applicable``; ``failed`` (it can't be reached: see the reason).
    before, after: mappings of names to plain values (None when nothing could be found out), the same when nothing is to
    be done.
    """

    control: str
    status: str
    before: t.Any = None
    after: t.Any = None
    reason: str = ""


@dataclass(frozen=True)
class Restoration:
    """A thing put back as it was before, for a control that no longer holds.

    key: the thing, as named in the record. reason: when it is fully back only later.
    """

    key: str
    control: str
    before: t.Any
    after: t.Any
    reason: str = ""


@dataclass(frozen=True)
class KindPlan:
    """What one kind found and would do.

    last_steps: done after the steps of every kind, since other kinds may need until then what they take away.
    keep: the things about to be changed for the first time: key -> Kept. restorations: what is put back.
    arriving: packages the steps install. back: commands that make what is running follow the files again, for when the
    files of the steps are put back without us (see way_back).
    """

    findings: tuple[Finding, ...] = ()
    steps: tuple[Step, ...] = ()
    last_steps: tuple[Step, ...] = ()
    keep: t.Mapping[str, Kept] = field(default_factory=dict)
    restorations: tuple[Restoration, ...] = ()
    arriving: frozenset[str] = frozenset()
    back: tuple[tuple[str, ...], ...] = ()

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Everything that would be done."""
        return (*self.steps, *self.last_steps)


@dataclass(frozen=True)
class Kept:
    """What a thing was before the baseline first touched it, and for which control that was."""

    control: str
    before: t.Any


@dataclass
class PlanBuilder:
    """Collects a KindPlan while a kind compares."""

    kept: t.Mapping[str, Kept]
    findings: list[Finding] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    last_steps: list[Step] = field(default_factory=list)
    keep: dict[str, Kept] = field(default_factory=dict)
    restorations: list[Restoration] = field(default_factory=list)
    arriving: set[str] = field(default_factory=set)
    back: list[tuple[str, ...]] = field(default_factory=list)

    def remember(self, key: str, control: str, before: t.Any) -> None:
        """Keep what a thing was, unless an earlier run did."""
        if key not in self.kept:
            self.keep.setdefault(key, Kept(control, before))

    def plan(self) -> KindPlan:
        """The plan collected so far."""
        return KindPlan(
            tuple(self.findings),
            tuple(self.steps),
            tuple(self.last_steps),
            dict(self.keep),
            tuple(self.restorations),
            frozenset(self.arriving),
            tuple(self.back),
        )
