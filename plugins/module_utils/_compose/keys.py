# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Every key of the Compose Specification, and what becomes of it. The validator and the documentation read this table.

Source: compose-spec/compose-spec, ``schema/compose-spec.json`` of 2026-06. A key is carried out, refused with the way
to get the same, or accepted because it means nothing for a deployment.
"""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_service import SERVICE_SECTIONS
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_table import (
    Key,
    Section,
    Support,
    section,
)

__all__ = ["SECTIONS", "Key", "Section", "Support"]

_FILE_MOUNT = "put the file on the managed node and bind mount it with read_only: true"

_TOP: list[Section] = [
    section(
        "project",
        "(top level)",
        supported={
            "name": "the project's name, unless the option project_name gives one",
            "services": "",
            "networks": "",
            "volumes": "",
            "include": "path, project_directory and env_file; files of the control node",
        },
        accepted={"version": "obsolete, means nothing"},
        refused={
            "secrets": _FILE_MOUNT,
            "configs": _FILE_MOUNT,
            "models": "run the model's server as a service",
        },
    ),
    section(
        "network",
        "networks.*",
        supported={
            "name": "the engine's own name, otherwise project_network",
            "external": "used as it is, must exist",
            "driver": "bridge, macvlan or ipvlan",
            "driver_opts": "",
            "internal": "",
            "attachable": "",
            "enable_ipv6": "",
            "ipam": "",
            "labels": "",
        },
        refused={"enable_ipv4": "leave it out: networks have IPv4"},
    ),
    section(
        "network.ipam",
        "networks.*.ipam",
        supported={"driver": "only default", "config": ""},
        refused={"options": "leave it out: engines differ in them"},
    ),
    section(
        "network.ipam.config",
        "networks.*.ipam.config[]",
        supported={"subnet": "", "gateway": "", "ip_range": ""},
        refused={"aux_addresses": "set ip_range so that it leaves these addresses out"},
    ),
    section(
        "volume",
        "volumes.*",
        supported={
            "name": "the engine's own name, otherwise project_volume",
            "external": "used as it is, must exist",
            "driver": "",
            "driver_opts": "",
            "labels": "",
        },
    ),
    section("external", "networks.*.external, volumes.*.external (obsolete form)", supported={"name": ""}),
]

SECTIONS: dict[str, Section] = {entry.name: entry for entry in (*_TOP, *SERVICE_SECTIONS)}
