# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What on the host stands in the way of a project."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import volume_digest
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import SPEC_SHA256
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import ObservedProject
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ownership import is_owned, owner
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ports import ports_overlap
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report


def check(project: model.Project, observed: ObservedProject, report: Report) -> None:
    """Report names, ports and resources that aren't as this project needs them."""
    _resources("network", project, project.networks, observed.networks, report)
    _resources("volume", project, project.volumes, observed.volumes, report)
    for key, volume in project.volumes.items():
        there = observed.volumes.get(volume.name)
        if there is None or volume.external or not is_owned(project.name, there.labels):
            continue
        if there.labels.get(SPEC_SHA256, volume_digest(volume)) != volume_digest(volume):
            remedy = "give it another name to begin with a new one, or take the change back; its data is kept"
            report.add(("volumes", key), f"volume {volume.name} was made from another definition", remedy)
    for service in project.services.values():
        _service(service, observed, report)


def _resources(
    kind: str,
    project: model.Project,
    wanted: t.Mapping[str, t.Union[model.Network, model.Volume]],
    there: t.Mapping[str, t.Any],
    report: Report,
) -> None:
    for key, resource in wanted.items():
        path = (f"{kind}s", key)
        found = there.get(resource.name)
        if resource.external:
            if found is None:
                remedy = f"create {kind} {resource.name} on the host first, or remove external"
                report.add(path, f"external {kind} {resource.name} isn't on the host", remedy)
        elif found is not None and not is_owned(project.name, found.labels):
            whose = owner(found.labels)
            belongs = f"belongs to project {whose}" if whose else "belongs to no project"
            remedy = "set external: true to use it as it is, or choose another name"
            report.add(path, f"{kind} {resource.name} is already on the host and {belongs}", remedy)


def _service(service: model.Service, observed: ObservedProject, report: Report) -> None:
    path = ("services", service.name)
    if service.container_name in observed.other_containers:
        whose = observed.other_containers[service.container_name].project
        belongs = f"of project {whose}" if whose else "of no project"
        remedy = "remove that container, or choose another container_name"
        report.add(path, f"the host has a container {service.container_name} {belongs}", remedy)
    for port in service.ports:
        for name, other in sorted(observed.other_containers.items()):
            if any(ports_overlap(port, taken) for taken in other.ports):
                text = f"{port.published}/{port.protocol} is taken by container {name}"
                report.add((*path, "ports"), text, "publish another port, or stop that container")


def check_other_writers(
    project: model.Project, observed: ObservedProject, started: t.Collection[str], report: Report
) -> None:
    """Nothing is started that writes to a volume which a container elsewhere writes to; what runs is left alone."""
    keys = {volume.name: key for key, volume in project.volumes.items() if not volume.shared_writers}
    told: set[tuple[str, str]] = set()
    for service in (project.services[key] for key in project.services if key in started):
        for mount in service.mounts:
            if mount.type != "volume" or mount.read_only or mount.source not in keys:
                continue
            key = keys[mount.source]
            writers = [
                name for name, other in sorted(observed.other_containers.items()) if mount.source in other.volumes
            ]
            if not writers or (service.name, key) in told:
                continue
            told.add((service.name, key))
            text = f"volume {mount.source} is written to by container {', '.join(writers)} as well"
            remedy = f"stop that container, mount the volume read_only, or say x-shared-writers: true on volume {key}"
            report.add(("services", service.name, "volumes"), text, remedy)


def check_ports_of_orphans(
    project: model.Project, observed: ObservedProject, kept: t.Sequence[str], report: Report
) -> None:
    """A port can't be published while a container that stays has it."""
    for service in project.services.values():
        for port in service.ports:
            for name in kept:
                if any(ports_overlap(port, taken) for taken in observed.containers[name].ports):
                    text = f"{port.published}/{port.protocol} is taken by container {name}"
                    remedy = "set remove_orphans, or remove that container"
                    report.add(("services", service.name, "ports"), text, remedy)


def check_replaced_networks(
    project: model.Project, observed: ObservedProject, replaced: t.Sequence[str], kept: t.Sequence[str], report: Report
) -> None:
    """A network can't be made anew while containers that stay are on it."""
    for key in replaced:
        name = project.networks[key].name
        users = [container for container in kept if name in observed.containers[container].networks]
        if users:
            text = f"network {name} has to be made anew, but {', '.join(users)} is on it"
            report.add(("networks", key), text, "set remove_orphans, or remove that container")
