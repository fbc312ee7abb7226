# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Telling a unit that its files changed, so that it is told even when a run dies between the two.

A mark under /run says that a unit has yet to be told. It is made before the files are written and goes when the unit
has been told; a reboot takes it away too, and then the unit has read its files anyway.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import PlanBuilder
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

DAEMON_RELOAD = "daemon-reload"
ANNOUNCEMENTS = ("reload", "restart", "reload-or-restart", DAEMON_RELOAD)
"""The verbs of systemctl(1) a unit can be told with."""


def mark_of(unit: str) -> str:
    """The path of a unit's mark."""
    return f"/run/container-host/untold/{unit}"


def is_untold(io: HostIO, unit: str) -> bool:
    """Whether an earlier run changed the unit's files and died before it told the unit."""
    return io.exists(mark_of(unit))


@dataclass(frozen=True)
class Mark(Step):
    """Note that the unit is to be told."""

    unit: str

    def apply(self, io: HostIO) -> None:
        io.write_atomic(mark_of(self.unit), "")


@dataclass(frozen=True)
class Announce(Step):
    """Tell the unit. how: a verb of systemctl(1); after a daemon-reload the unit is so at its next start."""

    unit: str
    how: str

    def apply(self, io: HostIO) -> None:
        unit = [] if self.how == DAEMON_RELOAD else [self.unit]
        io.run(["systemctl", self.how, *unit], check=True)
        io.remove(mark_of(self.unit))


def plan_announcements(builder: PlanBuilder, units: t.Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
    """Plan the telling around the steps collected so far. units: unit -> how, and the controls it is for."""
    for unit, (how, ids) in units.items():
        builder.steps.insert(0, Mark(ids, unit))
        builder.steps.append(Announce(ids, unit, how))
