# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What every kind of control is able to do. One file per kind; nothing else in the baseline knows what a kind does."""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Kept, KindPlan
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

P = t.TypeVar("P")
S = t.TypeVar("S")

Record = t.Mapping[str, Kept]


@dataclass(frozen=True)
class Item(t.Generic[P]):
    """One control that holds, with the parameters as its kind parsed them."""

    id: str
    parameters: P


@dataclass(frozen=True)
class Scope(t.Generic[P]):
    """What a kind looks at: the host, its controls, what it changed earlier, and the connection it runs by.

    arriving: packages this run is going to install but has not yet, as in check mode. What needs one of them is
    foretold as if it were there.
    """

    io: HostIO
    items: t.Sequence[Item[P]]
    kept: Record
    connection: Connection | None = None
    arriving: frozenset[str] = frozenset()


class Kind(ABC, t.Generic[P, S]):
    """One kind of control.

    A kind gets all its controls at once, so that it can read and write what they share once. A thing that is in the
    record (it was changed for a control earlier) and that no control holds any more is put back as it was.
    """

    name: str

    way_in: bool = False
    """Whether its changes could shut everybody out. The host takes those back by itself unless somebody gets in again:
    the files its steps name (Step.paths), then the commands of KindPlan.back."""

    @abstractmethod
    def parse(self, reader: Reader) -> P:
        """Typed parameters; what is wrong with them is noted in the reader."""

    @abstractmethod
    def observe(self, scope: Scope[P]) -> S:
        """What the host is like now, as far as these controls and the record are concerned. Changes nothing."""

    @abstractmethod
    def compare(self, items: t.Sequence[Item[P]], seen: S, kept: Record) -> KindPlan:
        """One finding per control, and what would be done. Pure."""

    def apply(self, io: HostIO, plan: KindPlan) -> dict[str, str]:
        """Do the steps; control id -> reason for those that could not be done. The others are done all the same."""
        return apply_steps(io, plan.steps)


def apply_steps(io: HostIO, steps: t.Iterable[Step]) -> dict[str, str]:
    """Do steps one by one; after a failure the later steps of the same controls are left out."""
    failures: dict[str, str] = {}
    for step in steps:
        if step.controls and all(control in failures for control in step.controls):
            continue
        try:
            step.apply(io)
        except HostError as error:
            for control in step.controls:
                failures.setdefault(control, str(error))
    return failures
