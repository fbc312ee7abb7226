# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What only shows when all services are seen together: references, circles, names and ports taken twice."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import find_cycle
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ports import ports_overlap
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.writers import check_writers


def validate(
    project: model.Project, report: Report, inactive: t.Collection[str] = (), none: t.Collection[str] = ()
) -> None:
    """Report all that is wrong between the services of the project and its other parts.

    inactive: services without an active profile. none: services of 0 replicas.
    """
    _dependencies(project, report, inactive, none)
    _published_ports(project, report)
    _resource_names(project, report)
    for service in project.services.values():
        _service(service, project, report)


def validate_containers(project: model.Project, report: Report) -> None:
    """Report what is wrong between the containers of the project, when each replica is a service of its own."""
    _container_names(project, report)
    check_writers(project, report)


def _dependencies(project: model.Project, report: Report, inactive: t.Collection[str], none: t.Collection[str]) -> None:
    for name, service in project.services.items():
        for other, condition in service.depends_on.items():
            path = ("services", name, "depends_on", other)
            target = project.services.get(other)
            if target is None and other in inactive:
                remedy = f"activate a profile of {other}, or say required: false here"
                report.add(path, f"none of the profiles of service {other} is active", remedy)
            elif target is None and other in none:
                report.add(path, f"service {other} has 0 replicas", "give it 1, or say required: false here")
            elif target is None:
                report.add(path, f"service {other} isn't defined", f"define {other} under services, or remove it here")
            elif condition == model.CONDITION_HEALTHY and target.healthcheck is None:
                remedy = f"give {other} a healthcheck (what its image has can't be seen from here)"
                report.add(path, f"service {other} has no health check to wait for", remedy)
            elif condition == model.CONDITION_HEALTHY and target.healthcheck and target.healthcheck.disable:
                report.add(path, f"the health check of {other} is disabled", "enable it, or use service_started")
            elif condition == model.CONDITION_COMPLETED and target.restart in ("always", "unless-stopped"):
                remedy = f'set restart: "no" or on-failure on {other}'
                report.add(path, f"service {other} never completes with restart: {target.restart}", remedy)
    cycle = find_cycle({name: list(service.depends_on) for name, service in project.services.items()})
    if cycle:
        way = " -> ".join(cycle)
        place = ("services", cycle[0], "depends_on")
        report.add(place, f"services depend on each other: {way}", "remove one of these dependencies")


def _container_names(project: model.Project, report: Report) -> None:
    seen: dict[str, str] = {}
    for name, service in project.services.items():
        other = seen.setdefault(service.container_name, name)
        if other != name:
            path = ("services", service.name, "container_name")
            report.add(path, f"{service.container_name} is also the container of {other}", "choose another name")


def _published_ports(project: model.Project, report: Report) -> None:
    seen: dict[tuple[t.Optional[int], str], list[tuple[str, model.Port]]] = {}
    for name, service in project.services.items():
        for port in [port for port in service.ports if port.published is not None]:
            same = seen.setdefault((port.published, port.protocol), [])
            for other in [other for other, taken in same if ports_overlap(port, taken)][:1]:
                text = f"{port.published}/{port.protocol} is also published by {other}"
                report.add(("services", name, "ports"), text, "publish each port once")
            same.append((name, port))


def _resource_names(project: model.Project, report: Report) -> None:
    groups: tuple[tuple[str, t.Mapping[str, t.Any]], ...] = (
        ("networks", project.networks),
        ("volumes", project.volumes),
    )
    for kind, resources in groups:
        seen: dict[str, str] = {}
        for key, resource in resources.items():
            other = seen.setdefault(resource.name, key)
            if other != key:
                report.add((kind, key, "name"), f"{resource.name} is also the name of {other}", "choose another name")


def _service(service: model.Service, project: model.Project, report: Report) -> None:
    path = ("services", service.name)
    if service.network_mode and service.ports:
        remedy = "remove ports, or network_mode"
        report.add((*path, "ports"), f"can't be published with network_mode: {service.network_mode}", remedy)
    targets: dict[str, int] = {}
    for target in (*(mount.target for mount in service.mounts), *(grant.target for grant in service.grants)):
        targets[target] = targets.get(target, 0) + 1
    for target, count in targets.items():
        if count > 1:
            report.add((*path, "volumes"), f"{target} is mounted {count} times", "mount one thing at each path")
    for name in sorted(set(service.cap_add) & set(service.cap_drop)):
        report.add((*path, "cap_add"), f"{name} is also in cap_drop", "keep one of them")
    by_name = {network.name: network for network in project.networks.values()}
    for name, attachment in service.networks.items():
        network = by_name.get(name)
        has_address = attachment.ipv4_address or attachment.ipv6_address
        if network is not None and has_address and not network.external and not network.subnets:
            remedy = "give the network an ipam.config with a subnet"
            report.add((*path, "networks"), f"a fixed address needs a subnet of network {name}", remedy)
