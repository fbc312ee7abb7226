# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Never two writers on one volume: services that would write to the same named volume at the same time.

A volume that is made for it says so in the Compose file: ``x-shared-writers: true``.
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report

DECLARATION = "x-shared-writers"


def check_writers(project: model.Project, report: Report) -> None:
    """Report volumes with more than one writer that no declaration allows; each container counts."""
    before = {key: _done_before(key, project) for key in project.services}
    for key, volume in project.volumes.items():
        if volume.shared_writers:
            continue
        writers = [
            (name, mount)
            for name, service in project.services.items()
            for mount in service.mounts
            if mount.type == "volume" and mount.source == volume.name and not mount.read_only
        ]
        told: set[str] = set()
        for (first, one), (second, other) in itertools.combinations(writers, 2):
            if first in before[second] or second in before[first] or _apart(one.subpath, other.subpath):
                continue
            service = project.services[second]
            if service.name in told:
                continue
            told.add(service.name)
            same = project.services[first].name == service.name
            text = f"{'several containers write' if same else f'{first} writes'} to volume {key} as well"
            remedy = f"mount it read_only, give each a volume of its own, or say {DECLARATION}: true on volume {key}"
            report.add(("services", service.name, "volumes"), text, remedy)


def _done_before(key: str, project: model.Project) -> set[str]:
    """The services that have ended, by the file's conditions, before this one starts."""
    result: set[str] = set()
    seen: set[str] = set()
    queue = [key]
    while queue:
        one = queue.pop()
        if one in seen or one not in project.services:
            continue
        seen.add(one)
        for other, condition in project.services[one].depends_on.items():
            if condition == model.CONDITION_COMPLETED:
                result.add(other)
            queue.append(other)
    return result


def _apart(first: str, second: str) -> bool:
    """Whether two parts of one volume have nothing in common; "" is all of it."""
    one, other = (tuple(part for part in path.split("/") if part not in ("", ".")) for path in (first, second))
    length: t.Final = min(len(one), len(other))
    return one[:length] != other[:length]
