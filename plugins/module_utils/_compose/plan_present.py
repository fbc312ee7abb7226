# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The plan for state present."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import actions as act
from ansible_collections.anycloud.container_host.plugins.module_utils._compose import conflicts, model
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.actions import Action
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import source_of
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import (
    network_digest,
    volume_digest,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.drift import (
    restart_deviation,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import SPEC_SHA256
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    FILE_RIGHT,
    ObservedProject,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ownership import is_owned
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.plan_containers import (
    Containers,
    remove_container,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report

_STARTING = (act.CREATE_CONTAINER, act.RECREATE_CONTAINER, act.START_CONTAINER)
_REPLACING = (act.RECREATE_CONTAINER, act.REMOVE_CONTAINER)


def plan_present(
    project: model.Project, observed: ObservedProject, recreate: str, remove_orphans: bool, report: Report
) -> list[Action]:
    """The steps to a running project; what stands in the way goes to ``report``."""
    conflicts.check(project, observed, report)
    replaced = _replaced_networks(project, observed) if recreate != "never" else []
    orphans = _orphans(project, observed, remove_orphans)
    kept = [name for name in _orphans(project, observed, True) if name not in orphans]
    conflicts.check_replaced_networks(project, observed, replaced, kept, report)
    conflicts.check_ports_of_orphans(project, observed, kept, report)
    containers = Containers(project, observed, recreate, replaced, report)
    services = containers.steps()
    conflicts.check_other_writers(project, observed, {one.key for one in services if one.kind in _STARTING}, report)
    gone = {action.name for action in (*services, *containers.removals) if action.kind in _REPLACING} | set(orphans)
    return [
        *containers.pulls,
        *(remove_container(observed.containers[name], "", "no longer in the Compose file") for name in orphans),
        *containers.removals,
        *_network_steps(project, observed, replaced),
        *_volume_steps(project, observed),
        *_file_steps(project, observed),
        *services,
        *_boot_steps(project, observed),
        *(_orphan_networks(project, observed) if remove_orphans else []),
        *_unused_files(project, observed, gone),
    ]


def _orphans(project: model.Project, observed: ObservedProject, remove_orphans: bool) -> list[str]:
    """Containers that aren't in the file. Those of a service that got another container name always have to go."""
    wanted = {service.container_name: service.name for service in project.services.values()}
    return [
        name
        for name, container in sorted(observed.containers.items())
        if wanted.get(name) != container.service and (remove_orphans or container.service in project.services)
    ]


def _replaced_networks(project: model.Project, observed: ObservedProject) -> list[str]:
    """Keys of the networks of this project that are there but made from something else."""
    result = []
    for key, network in project.networks.items():
        there = observed.networks.get(network.name)
        if there is None or network.external or not is_owned(project.name, there.labels):
            continue
        if there.labels.get(SPEC_SHA256, network_digest(network)) != network_digest(network):
            result.append(key)
    return result


def _network_steps(project: model.Project, observed: ObservedProject, replaced: t.Sequence[str]) -> list[Action]:
    steps = []
    for key, network in project.networks.items():
        there = observed.networks.get(network.name)
        if network.external or (there is not None and key not in replaced):
            continue
        reason = ""
        if there is not None:
            reason = "its definition changed"
            before = {"spec_sha256": there.labels.get(SPEC_SHA256, "")}
            steps.append(Action(act.REMOVE_NETWORK, "network", network.name, key, before, reason=reason))
        after = {"spec_sha256": network_digest(network)}
        steps.append(Action(act.CREATE_NETWORK, "network", network.name, key, after=after, reason=reason))
    return steps


def _volume_steps(project: model.Project, observed: ObservedProject) -> list[Action]:
    return [
        Action(act.CREATE_VOLUME, "volume", volume.name, key, after={"spec_sha256": volume_digest(volume)})
        for key, volume in project.volumes.items()
        if not volume.external and volume.name not in observed.volumes
    ]


def _file_steps(project: model.Project, observed: ObservedProject) -> list[Action]:
    """Configs and secrets to write. What is shown of them tells nothing about their content."""
    return [
        Action(
            act.DELIVER_FILE,
            "file",
            path,
            path,
            {"content": "another"} if path in observed.files else None,
            {"content": "as wanted"},
            f"{source_of(path)} was changed on the host" if path in observed.files else "",
        )
        for path in dict.fromkeys(path for service in project.services.values() for path in service.files)
        if observed.files.get(path) != FILE_RIGHT
    ]


def _unused_files(project: model.Project, observed: ObservedProject, gone: t.Collection[str]) -> list[Action]:
    """Last of all: until then what ran before could be put back. Containers that stay as they are keep theirs."""
    wanted = {path for service in project.services.values() for path in service.files}
    wanted.update(path for name, one in observed.containers.items() if name not in gone for path in one.files)
    return [
        Action(act.REMOVE_FILE, "file", path, before={"exists": True}, reason="no container uses it any more")
        for path in sorted(observed.files)
        if path not in wanted
    ]


def _orphan_networks(project: model.Project, observed: ObservedProject) -> list[Action]:
    wanted = {network.name for network in project.networks.values()}
    return [
        Action(act.REMOVE_NETWORK, "network", name, before={"exists": True}, reason="no longer in the Compose file")
        for name, network in sorted(observed.networks.items())
        if is_owned(project.name, network.labels) and name not in wanted
    ]


def _boot_steps(project: model.Project, observed: ObservedProject) -> list[Action]:
    if observed.boot_enabled is not False:
        return []
    changed = []
    for service in project.services.values() if observed.policies_in_place else ():
        container = observed.containers.get(service.container_name)
        deviation = restart_deviation(service, container) if container is not None else ""
        if deviation:
            changed.append(f"{service.container_name} has {deviation}")
    before, after = {"enabled": False}, {"enabled": True}
    return [Action(act.ENABLE_AT_BOOT, "boot", observed.name, "", before, after, "; ".join(changed))]
