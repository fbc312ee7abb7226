# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""From what is wanted and what is there to the steps between them. Pure: the same two values give the same plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as act
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action, Plan
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    ObservedContainer,
    ObservedProject,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import find_cycle, start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ownership import is_owned
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan_present import plan_present
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report

RECREATE_CHOICES = ("auto", "always", "never")
STATE_CHOICES = (act.STATE_PRESENT, act.STATE_STOPPED, act.STATE_ABSENT)


@dataclass(frozen=True)
class PlanOptions:
    """How far a plan may go.

    recreate: ``auto`` when a service or its image changed, ``always``, or ``never``. remove_orphans: remove containers
    and networks of the project that the file doesn't have any more. remove_volumes: with state absent, the volumes too.
    """

    recreate: str = "auto"
    remove_orphans: bool = True
    remove_volumes: bool = False


def plan(
    project: Project, observed: ObservedProject, state: str = act.STATE_PRESENT, options: t.Optional[PlanOptions] = None
) -> Plan:
    """The ordered steps that bring the host to ``state``; none when it is there already.

    present: all of the file exists and runs. stopped: nothing of the project runs or comes back at boot; nothing is
    made or removed. absent: no container and no network of the project is left, and with remove_volumes no volume.

    Raises InputError with all that stands in the way: external resources that aren't there, names and ports taken by
    others, volumes that would have to be made anew.
    """
    chosen = options or PlanOptions()
    if state == act.STATE_STOPPED:
        steps = _plan_stopped(project, observed)
    elif state == act.STATE_ABSENT:
        steps = _plan_absent(project, observed, chosen.remove_volumes)
    else:
        report = Report()
        steps = plan_present(project, observed, chosen.recreate, chosen.remove_orphans, report)
        report.raise_problems()
    return Plan(project.name, state, tuple(steps))


def _backwards(project: Project, observed: ObservedProject) -> list[tuple[str, ObservedContainer]]:
    """The containers in the order to stop them, each with its service's key; orphans have none and go first."""
    by_service = {container.service: container for container in observed.containers.values()}
    order = start_order({name: list(service.depends_on) for name, service in project.services.items()})
    known: list[tuple[str, ObservedContainer]] = []
    for name in reversed(order):
        # By its name, and for a container that was called otherwise by its service.
        container = observed.containers.get(project.services[name].container_name) or by_service.get(name)
        if container is not None and container not in [other for _key, other in known]:
            known.append((name, container))
    taken = {container.name for _key, container in known}
    orphans = [container for name, container in sorted(observed.containers.items()) if name not in taken]
    return [*(("", container) for container in _dependents_first(orphans)), *known]


def _dependents_first(containers: t.Sequence[ObservedContainer]) -> list[ObservedContainer]:
    """Containers without a file, by what they said when they were made; by name if that has become contradictory."""
    waits = {
        container.name: [other.name for other in containers if other.service in container.depends_on]
        for container in containers
    }
    by_name = {container.name: container for container in containers}
    order = list(waits) if find_cycle(waits) else start_order(waits)
    return [by_name[name] for name in reversed(order)]


def _disable_at_boot(observed: ObservedProject) -> list[Action]:
    if not observed.boot_enabled:
        return []
    return [Action(act.DISABLE_AT_BOOT, "boot", observed.name, before={"enabled": True}, after={"enabled": False})]


def _plan_stopped(project: Project, observed: ObservedProject) -> list[Action]:
    # Boot first: a power cut in the middle must not bring anything back.
    steps = _disable_at_boot(observed)
    for key, container in _backwards(project, observed):
        if container.running:
            before, after = {"state": container.state}, {"state": "exited"}
            steps.append(Action(act.STOP_CONTAINER, "container", container.name, key, before, after))
    return steps


def _plan_absent(project: Project, observed: ObservedProject, remove_volumes: bool) -> list[Action]:
    steps = _disable_at_boot(observed)
    for key, container in _backwards(project, observed):
        steps.append(Action(act.REMOVE_CONTAINER, "container", container.name, key, {"state": container.state}))
    for name, network in sorted(observed.networks.items()):
        if is_owned(project.name, network.labels):
            steps.append(Action(act.REMOVE_NETWORK, "network", name, _key(project.networks, name), {"exists": True}))
    for path in sorted(observed.files):
        steps.append(Action(act.REMOVE_FILE, "file", path, before={"exists": True}))
    for name, volume in sorted(observed.volumes.items()):
        if remove_volumes and is_owned(project.name, volume.labels):
            steps.append(Action(act.REMOVE_VOLUME, "volume", name, _key(project.volumes, name), {"exists": True}))
    return steps


def _key(resources: t.Mapping[str, t.Any], name: str) -> str:
    return next((key for key, resource in resources.items() if resource.name == name), "")
