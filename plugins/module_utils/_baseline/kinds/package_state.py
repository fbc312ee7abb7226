# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Packages that shall be there or not, through the host's package manager."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.finder import find_package_manager
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageRequest

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True)
class Parameters:
    """names: packages, whatever their name on any distribution: an unknown one counts as absent.

    any_of: one of them is enough, the first is installed. alone: refuse a removal that takes other packages along.
    """

    names: tuple[str, ...]
    state: str
    any_of: bool
    alone: bool


@dataclass(frozen=True)
class Seen:
    """versions: by name, None when not installed. takes_along: what removing what shall go would remove besides."""

    versions: t.Mapping[str, t.Optional[str]]
    takes_along: tuple[str, ...] = ()
    error: str = ""


class PackageState(Kind[Parameters, Seen]):
    """Kind ``package_state``."""

    name = "package_state"

    def parse(self, reader: Reader) -> Parameters:
        return Parameters(
            names=reader.texts("names"),
            state=reader.choice("state", (PRESENT, ABSENT)),
            any_of=reader.boolean("any_of", False),
            alone=reader.boolean("alone", True),
        )

    def observe(self, scope: Scope[Parameters]) -> Seen:
        names = sorted({name for item in scope.items for name in item.parameters.names} | set(scope.kept))
        try:
            manager = find_package_manager(scope.io)
            versions = {name: status.version for name, status in manager.query(names).items()}
            unwanted = sorted(
                name
                for item in scope.items
                if item.parameters.state == ABSENT and item.parameters.alone
                for name in item.parameters.names
                if versions[name] is not None
            )
            also = set(manager.would_remove(unwanted)) - set(unwanted) if unwanted else set()
        except HostError as error:
            return Seen({}, error=str(error))
        return Seen(versions, tuple(sorted(also)))

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        if seen.error:
            builder.findings = [Finding(item.id, FAILED, reason=seen.error) for item in items]
            return builder.plan()
        install: dict[str, str] = {}
        remove: dict[str, str] = {}
        # What was installed for a control stays until the other kinds have put back what they did with it.
        leave: dict[str, str] = {}
        for item in items:
            builder.findings.append(self._compare_one(item, seen, builder, install, remove))
        wanted = {name for item in items for name in item.parameters.names}
        for name, entry in kept.items():
            if name in wanted:
                continue
            is_there = seen.versions[name] is not None
            if is_there != entry.before:
                (install if entry.before else leave)[name] = entry.control
            now, was = (PRESENT if there else ABSENT for there in (is_there, entry.before))
            builder.restorations.append(Restoration(name, entry.control, {name: now}, {name: was}))
        for names, step in ((remove, RemovePackages), (install, InstallPackages)):
            if names:
                builder.steps.append(step(tuple(dict.fromkeys(names.values())), tuple(names)))
        if leave:
            builder.last_steps.append(RemovePackages(tuple(dict.fromkeys(leave.values())), tuple(leave)))
        builder.arriving.update(install)
        return builder.plan()

    @staticmethod
    def _compare_one(
        item: Item[Parameters], seen: Seen, builder: PlanBuilder, install: dict[str, str], remove: dict[str, str]
    ) -> Finding:
        wants = item.parameters
        there = [name for name in wants.names if seen.versions[name] is not None]
        before = {name: PRESENT if name in there else ABSENT for name in wants.names}
        after = dict.fromkeys(wants.names, wants.state)
        if wants.state == PRESENT and wants.any_of:
            after = before if there else {**before, wants.names[0]: PRESENT}
        if before == after:
            return Finding(item.id, PASSED, before, after)
        changing = [name for name in wants.names if before[name] != after[name]]
        shown = {name: before[name] for name in changing}
        shown_after = {name: after[name] for name in changing}
        if wants.state == ABSENT and wants.alone and seen.takes_along:
            reason = (
                f"removing would take along {', '.join(seen.takes_along)}; remove them yourself, or exempt the control"
            )
            return Finding(item.id, FAILED, shown, shown_after, reason)
        for name in changing:
            builder.remember(name, item.id, name in there)
            (install if wants.state == PRESENT else remove)[name] = item.id
        return Finding(item.id, DEVIATES, shown, shown_after)


@dataclass(frozen=True)
class InstallPackages(Step):
    """Install packages, all in one transaction; package lists are fetched when they don't know one of them."""

    names: tuple[str, ...]

    def apply(self, io: HostIO) -> None:
        manager = find_package_manager(io)
        known = manager.versions(self.names)
        if not all(known.values()):
            manager.refresh()
        manager.install([PackageRequest(name) for name in self.names])


@dataclass(frozen=True)
class RemovePackages(Step):
    """Remove packages, all in one transaction."""

    names: tuple[str, ...]

    def apply(self, io: HostIO) -> None:
        find_package_manager(io).remove(self.names)
