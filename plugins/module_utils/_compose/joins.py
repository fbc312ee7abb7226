# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Services that share a namespace with another one's container: ``service:x`` as network_mode, ipc or pid."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import CONDITION_STARTED, Service
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, Report

_SERVICE = re.compile(r"service:(.+)")
_KEYS = ("network_mode", "ipc", "pid")
# What belongs to the network that is shared, so to the other container.
_NOT_ITS_OWN = ("expose", "hostname", "domainname", "dns", "dns_search", "dns_opt", "extra_hosts")


def read_mode(reader: Reader, value: t.Any, path: Path, choices: tuple[str, ...]) -> str:
    """One of ``choices``, ``service:name``, or "" when it isn't set."""
    text = reader.text(value, path)
    if text and text not in choices and not _SERVICE.fullmatch(text):
        reader.report.add(
            path, f"{text!r} isn't supported", f"use {' or '.join(choices)}, service:name, or leave it out"
        )
        return ""
    return text


def joined_services(modes: t.Iterable[str]) -> tuple[str, ...]:
    """The services named in these modes."""
    return tuple(dict.fromkeys(match[1] for mode in modes if (match := _SERVICE.fullmatch(mode))))


def with_joined(depends_on: t.Mapping[str, str], joins: t.Sequence[str]) -> dict[str, str]:
    """The dependencies, with those on the services whose containers are joined."""
    return {**dict.fromkeys(joins, CONDITION_STARTED), **depends_on}


def resolve(services: t.Mapping[str, Service], counts: t.Mapping[str, int], report: Report) -> dict[str, Service]:
    """The services with the other one's container in place of its service."""
    result = {}
    for name, service in services.items():
        changes: dict[str, t.Any] = {}
        for key in _KEYS:
            match = _SERVICE.fullmatch(getattr(service, key))
            if match and match[1] in services:
                other = services[match[1]]
                _check(service, key, other, counts.get(other.name, 1), report)
                changes[key] = f"container:{other.container_name}"
        result[name] = dataclasses.replace(service, **changes) if changes else service
    return result


def _check(service: Service, key: str, other: Service, count: int, report: Report) -> None:
    path = ("services", service.name, key)
    if count > 1:
        report.add(path, f"service {other.name} has {count} containers", f"use one replica of {other.name}")
    if key == "ipc" and other.ipc != "shareable":
        report.add(path, f"service {other.name} doesn't share its ipc", f"give {other.name} ipc: shareable")
    if key != "network_mode":
        return
    for own in _NOT_ITS_OWN:
        if getattr(service, own):
            remedy = f"give it to service {other.name}, whose network this is"
            report.add((*path[:2], own), f"has no effect with network_mode: service:{other.name}", remedy)
