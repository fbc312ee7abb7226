# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How many containers a service has: ``scale``, ``deploy.replicas``, ``deploy.mode``, and one instance for each.

A service of n containers becomes n services of the model, ``web``, ``web/2`` and so on, whose containers are named
``project-web-1`` to ``project-web-n``, as Docker Compose names them. No service of a file has a slash in its name.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, Report

MAXIMUM = 100
# Of all services together.
MAXIMUM_CONTAINERS = 1000


def read_replicas(reader: Reader, value: t.Any, path: Path) -> int:
    """The number of containers of a service, from all its keys; 1 unless given."""
    keys = value if isinstance(value, dict) else {}
    deploy = keys.get("deploy")
    deploy = deploy if isinstance(deploy, dict) else {}
    found: list[int] = []
    for given, place in (
        (keys.get("scale"), (*path, "scale")),
        (deploy.get("replicas"), (*path, "deploy", "replicas")),
    ):
        count = reader.integer(given, place)
        if count is not None and count > MAXIMUM:
            reader.report.add(place, f"{count} containers are too many", f"use at most {MAXIMUM} on one host")
        elif count is not None:
            found.append(count)
    place = (*path, "deploy", "mode")
    mode = reader.text(deploy.get("mode"), place, "replicated")
    if mode not in ("replicated", "global"):
        reader.report.add(place, f"{mode!r} isn't supported", "use replicated, or global, which is one on a host")
    if mode == "global" and "replicas" in deploy:
        reader.report.add((*path, "deploy", "replicas"), "has no effect with mode: global", "keep one of them")
    if len(set(found)) > 1:
        reader.report.add((*path, "scale"), "contradicts deploy.replicas", "keep one of them")
    return found[0] if found else 1


def check_replicas(service: Service, count: int, named: bool, report: Report) -> None:
    """Report what several containers can't have together; ``named``: the file gives the container's name."""
    if count < 2:
        return
    path: Path = ("services", service.name)
    if named:
        text = f"{count} containers can't all be called {service.container_name}"
        report.add((*path, "container_name"), text, "leave it out, or use one replica")
    for index, port in enumerate(service.ports):
        if port.published is not None:
            text = f"{count} containers can't all publish port {port.published}"
            remedy = f'write "{port.target}" for a free port each and put a proxy in front, or use one replica'
            report.add((*path, "ports", index), text, remedy)
    for name, attachment in service.networks.items():
        if attachment.ipv4_address or attachment.ipv6_address:
            text = f"{count} containers can't all have the same address on {name}"
            report.add((*path, "networks"), text, "leave the address out, or use one replica")


def instances(services: t.Mapping[str, Service], counts: t.Mapping[str, int], project: str) -> dict[str, Service]:
    """All containers' services in the order of the file; what depends on a service depends on all its containers."""

    def every(names: t.Iterable[str]) -> list[str]:
        return [key for name in names for key in _keys(name, counts.get(name, 1))]

    result: dict[str, Service] = {}
    for name, service in services.items():
        depends_on = {key: service.depends_on[other] for other in service.depends_on for key in every([other])}
        one = dataclasses.replace(
            service,
            depends_on=depends_on,
            depends_restart=tuple(every(service.depends_restart)),
            depends_optional=tuple(every(service.depends_optional)),
        )
        result[name] = one
        for number, key in enumerate(_keys(name, counts.get(name, 1))[1:], start=2):
            result[key] = dataclasses.replace(one, number=number, container_name=f"{project}-{name}-{number}")
    return result


def _keys(name: str, count: int) -> list[str]:
    return [name, *(f"{name}/{number}" for number in range(2, count + 1))]
