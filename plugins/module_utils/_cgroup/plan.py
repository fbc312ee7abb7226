# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What has to be done to bring a host's slices to what they shall be: intent and observation in, plan out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    ENGINE_SLICE,
    ENGINE_UNITS,
    SYSTEM_SLICE,
    Intent,
    tenant_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import Limits
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.live import (
    Found,
    deviations,
    ignored_weight,
    stale_devices,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.unit import path_of, render, unit_of
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem


@dataclass(frozen=True)
class UnitState:
    """One unit as systemd sees it. slice: the slice its processes are in; empty when it has none."""

    loaded: bool = False
    active: bool = False
    needs_reload: bool = False
    slice: str = ""


@dataclass(frozen=True)
class Observed:
    """The host. files: own drop-ins by path; live: slice to its control group's files, absent ones left out.

    users: tenant's slice to the names of what runs in it; numbers: device path to the kernel's number.
    """

    files: t.Mapping[str, str]
    live: t.Mapping[str, Found]
    units: t.Mapping[str, UnitState]
    users: t.Mapping[str, t.Sequence[str]]
    numbers: t.Mapping[str, str]


@dataclass
class Plan:
    """Steps in the order in which they are done; ``difference`` is what they change.

    lift: control group's slice and line for its io.max. restart_required: engine units still in another slice.
    """

    difference: Difference = field(default_factory=Difference)
    write: dict[str, str] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    reload: bool = False
    lift: list[tuple[str, str]] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    restart: list[str] = field(default_factory=list)
    stop: list[str] = field(default_factory=list)
    restart_required: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def actions(self) -> list[str]:
        """One line per step."""
        return [
            *(f"write {path}" for path in self.write),
            *(f"remove {path}" for path in self.remove),
            *(["reload systemd"] if self.reload else []),
            *(f"write {line} to io.max of {unit}" for unit, line in self.lift),
            *(f"start {unit}" for unit in self.start),
            *(f"restart {unit}" for unit in self.restart),
            *(f"stop {unit}" for unit in self.stop),
        ]


def removed_tenants(intent: Intent, files: t.Iterable[str]) -> list[str]:
    """The slices of tenants that have a drop-in of ours and are wanted no more."""
    wanted = set(intent.slices())
    return [unit for unit in map(unit_of, files) if tenant_of(unit) and unit not in wanted]


def in_use(intent: Intent, observed: Observed) -> list[Problem]:
    """The slices that are to go while something runs in them, with the names of who runs there."""
    problems = []
    for unit in removed_tenants(intent, observed.files):
        users = observed.users.get(unit) or ()
        if users:
            message = f"the slice {unit} of tenant {tenant_of(unit)!r} is in use by {', '.join(users)}"
            problems.append(Problem("tenants", message, "stop or move these first, or keep the tenant"))
    return problems


def compare(intent: t.Optional[Intent], observed: Observed, restart_engines: bool) -> Plan:
    """The plan for ``intent``; None takes everything away.

    A slice that somebody uses is not for this function to see: ``in_use`` comes first.
    """
    plan = Plan()
    goal = intent or Intent()
    wanted = render(goal) if intent else {}
    for path in dict.fromkeys([*wanted, *observed.files]):
        if plan.difference.compare(path, observed.files.get(path), wanted.get(path)):
            if path in wanted:
                plan.write[path] = wanted[path]
            else:
                plan.remove.append(path)
    _engines(intent is not None, observed, restart_engines, plan)
    plan.stop = _stopped(goal, intent is None, observed, plan)
    for unit, limits in goal.slices().items():
        _settle(unit, limits, observed, plan, intent is not None)
    stale = any(state.needs_reload for state in observed.units.values())
    if stale:
        plan.difference.compare("systemd has read all unit files", False, True)
    plan.reload = bool(plan.write or plan.remove or plan.reload or stale)
    return plan


def _stopped(goal: Intent, everything: bool, observed: Observed, plan: Plan) -> list[str]:
    """Slices without a purpose; the engine's only when nothing stays in it once its services are restarted."""
    units = [unit for unit in removed_tenants(goal, observed.files) if unit in observed.live]
    staying = set(observed.users.get(ENGINE_SLICE) or ()) - set(plan.restart)
    if everything and ENGINE_SLICE in observed.live and not staying:
        units.append(ENGINE_SLICE)
    for unit in units:
        plan.difference.compare(f"{unit} is active", True, False)
    return units


def _settle(unit: str, limits: Limits, observed: Observed, plan: Plan, present: bool) -> None:
    found = observed.live.get(unit)
    if found is None:
        if present and unit != SYSTEM_SLICE:
            plan.start.append(unit)
            plan.difference.compare(f"{unit} is active", False, True)
        return
    if unit in plan.stop:
        return
    # Of what is written now, the drop-in says the difference already.
    if path_of(unit) not in plan.write:
        for name, (before, after) in deviations(limits, found, observed.numbers).items():
            plan.reload = True
            plan.difference.compare(f"{unit} {name}", before, after)
    for number, (before, line) in stale_devices(limits, found, observed.numbers).items():
        plan.lift.append((unit, line))
        plan.difference.compare(f"{unit} io.max {number}", before, line)
    if ignored_weight(limits, found):
        plan.warnings.append(
            f"{unit}: io_weight has no effect, the kernel keeps no io.weight here; that takes bfq or io.cost"
        )


def _engines(present: bool, observed: Observed, restart: bool, plan: Plan) -> None:
    for unit in ENGINE_UNITS:
        state = observed.units.get(unit, UnitState())
        if not state.active or not state.slice:
            continue
        if (state.slice == ENGINE_SLICE) is present:
            continue
        if restart:
            plan.restart.append(unit)
            plan.difference.compare(f"{unit} is in", state.slice, ENGINE_SLICE if present else SYSTEM_SLICE)
        else:
            plan.restart_required.append(unit)
