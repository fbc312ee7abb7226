# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""``links`` and ``volumes_from``: what a service takes over of another one, written out in the model.

Source: Compose Specification, "links" and "volumes_from".
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    CONDITION_STARTED,
    Mount,
    Service,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import find_cycle
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, Report

Services = dict[str, Service]


@dataclass(frozen=True)
class _Entry:
    """One entry of a service's list: the other service, and what is behind the colon."""

    path: Path
    service: str
    other: str
    word: str


def read_neighbours(reader: Reader, given: t.Mapping[str, t.Any], services: Services) -> Services:
    """The services with what their ``links`` and ``volumes_from`` mean; ``given`` is as in the file."""
    links, volumes = (
        [entry for name in services for entry in _entries(reader, name, given.get(name), key, services)]
        for key in ("links", "volumes_from")
    )
    result = dict(services)
    for entry in links:
        _link(result, entry, reader.report)
    return _with_volumes(result, volumes, reader.report)


def _entries(reader: Reader, name: str, keys: t.Any, key: str, services: Services) -> list[_Entry]:
    value = keys.get(key) if isinstance(keys, dict) else None
    found = []
    for index, text in enumerate(reader.texts(value, ("services", name, key))):
        path = ("services", name, key, index) if isinstance(value, list) else ("services", name, key)
        other, _colon, word = text.partition(":")
        if key == "volumes_from" and other == "container":
            remedy = "name a service, or an external volume in volumes"
            reader.report.add(path, f"{word} is a container, not a service of this file", remedy)
        elif other == name:
            reader.report.add(path, "is the service itself", "remove it")
        elif other not in services:
            remedy = f"define {other} under services, or activate a profile of it"
            reader.report.add(path, f"service {other} isn't there", remedy)
        else:
            found.append(_Entry(path, name, other, word))
    return found


def _depending(service: Service, other: str) -> Service:
    """Both keys say that the other one is started first."""
    return dataclasses.replace(service, depends_on={other: CONDITION_STARTED, **service.depends_on})


def _link(services: Services, entry: _Entry, report: Report) -> None:
    """The other's alias on every network that both are on. All others there know it by that name, too."""
    service, other = services[entry.service], services[entry.other]
    shared = [name for name in other.networks if name in service.networks]
    if not shared:
        report.add(entry.path, f"shares no network with {entry.other}", "give both a network, or remove the link")
        return
    services[entry.service] = _depending(service, entry.other)
    alias = entry.word or entry.other
    networks = dict(other.networks)
    for name in shared:
        taken = [
            key
            for key, one in services.items()
            if key != entry.other and name in one.networks and alias in (key, *one.networks[name].aliases)
        ]
        if taken:
            report.add(entry.path, f"{taken[0]} is known as {alias} there, too", "choose another name")
            return
        aliases = tuple(dict.fromkeys((*networks[name].aliases, alias)))
        networks[name] = dataclasses.replace(networks[name], aliases=aliases)
    services[entry.other] = dataclasses.replace(other, networks=networks)


def _with_volumes(services: Services, entries: t.Sequence[_Entry], report: Report) -> Services:
    """The other's mounts but for tmpfs, at paths where the service has none of its own."""
    waits = {name: [entry.other for entry in entries if entry.service == name] for name in services}
    cycle = find_cycle(waits)
    if cycle:
        text = f"services take each other's volumes: {' -> '.join(cycle)}"
        report.add(("services", cycle[0], "volumes_from"), text, "remove one of these")
        return services
    done: Services = {}

    def resolve(name: str) -> Service:
        if name not in done:
            service = services[name]
            for entry in (one for one in entries if one.service == name):
                if entry.word not in ("", "ro", "rw"):
                    report.add(entry.path, f"{entry.word!r} isn't a way to mount", "use ro or rw")
                mine = {mount.target for mount in service.mounts}
                taken = [_taken(mount, entry.word == "ro") for mount in resolve(entry.other).mounts]
                more = [mount for mount in taken if mount.type != "tmpfs" and mount.target not in mine]
                service = _depending(dataclasses.replace(service, mounts=(*service.mounts, *more)), entry.other)
            done[name] = service
        return done[name]

    return {name: resolve(name) for name in services}


def _taken(mount: Mount, read_only: bool) -> Mount:
    return dataclasses.replace(mount, read_only=True) if read_only else mount
