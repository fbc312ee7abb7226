# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Every key of the Compose Specification, and what becomes of it. The validator and the documentation read this table.

Source: compose-spec/compose-spec, ``schema/compose-spec.json`` of 2026-06. A key is carried out, refused with the way
to get the same, or accepted because it means nothing for a deployment.
"""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_build import BUILD_SECTION
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_service import SERVICE_SECTIONS
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_table import (
    Key,
    Section,
    Support,
    section,
)

__all__ = ["SECTIONS", "Key", "Section", "Support"]

_NO_STORE = "give file, content or environment: an engine on one host has no store for them"

_TOP: list[Section] = [
    section(
        "project",
        "(top level)",
        supported={
            "name": "the project's name, unless the option project_name gives one",
            "services": "",
            "networks": "",
            "volumes": "",
            "configs": "delivered as files, mounted read-only",
            "secrets": "delivered as files on a tmpfs, mounted read-only; nothing that people see tells their content",
            "include": "path, project_directory and env_file; files of the control node",
        },
        accepted={"version": "obsolete, means nothing"},
        refused={
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
    section(
        "config",
        "configs.*",
        supported={
            "file": "a file of the control node, decrypted when it is a vault",
            "content": "variables in it are replaced",
            "environment": "a variable of the option environment or of .env",
        },
        accepted={"name": "names it in a store", "labels": "are for a store"},
        refused={
            "external": _NO_STORE,
            "template_driver": "write variables (${NAME}) in content, or render a template with Ansible",
        },
    ),
    section(
        "secret",
        "secrets.*",
        supported={
            "file": "a file of the control node, decrypted when it is a vault",
            "environment": "a variable of the option environment or of .env",
        },
        accepted={"name": "names it in a store", "labels": "are for a store"},
        refused={
            "external": "give file or environment: an engine on one host has no store for them",
            "driver": "give file or environment, with a lookup of Ansible as the value",
            "driver_opts": "give file or environment, with a lookup of Ansible as the value",
            "template_driver": "render the template with Ansible",
        },
    ),
    section("external", "networks.*.external, volumes.*.external (obsolete form)", supported={"name": ""}),
]

SECTIONS: dict[str, Section] = {entry.name: entry for entry in (*_TOP, *SERVICE_SECTIONS, BUILD_SECTION)}
