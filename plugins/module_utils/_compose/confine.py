# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Keeps all containers of a project in one slice, whatever the file says."""

from __future__ import annotations

import dataclasses

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report


def confine(project: Project, cgroup_parent: str, report: Report) -> Project:
    """The project with every service in ``cgroup_parent``, a slice's name; empty leaves each where its file puts it.

    A service that names another one is reported: a tenant's quota would not bind it.
    """
    if not cgroup_parent:
        return project
    for service in project.services.values():
        if service.cgroup_parent not in ("", cgroup_parent):
            path = ("services", service.name, "cgroup_parent")
            message = f"{service.cgroup_parent} is not the tenant's slice"
            report.add(path, message, f"leave it out, or name {cgroup_parent}")
    confined = {
        key: dataclasses.replace(service, cgroup_parent=cgroup_parent) for key, service in project.services.items()
    }
    return dataclasses.replace(project, services=confined)
