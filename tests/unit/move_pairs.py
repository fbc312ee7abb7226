# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts that are the same, and a workload that can go from one to the other: tests change one thing of it."""

from __future__ import annotations

import copy
import functools
import typing as t

import contract_hosts

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Mount,
    Network,
    Port,
    Project,
    Service,
    Volume,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import Definition

Json = dict[str, t.Any]

IMAGE = "docker.io/library/web:1"
WEB = Service(
    "web",
    "shop-web-1",
    IMAGE,
    networks={"shop_default": Attachment()},
    ports=(Port(80, 8080),),
    mounts=(Mount("volume", "/data", "shop_data"),),
)
DATABASE = Service("db", "shop-db-1", IMAGE, networks={"shop_default": Attachment()})
SHOP = Project(
    "shop",
    {"web": WEB, "db": DATABASE},
    {"default": Network("shop_default")},
    {"data": Volume("shop_data")},
)


@functools.lru_cache(maxsize=1)
def _contract() -> Json:
    return observe(contract_hosts.docker_host(), "docker", {})[0]


def side(**fields: t.Any) -> Json:
    """A host as the filter takes it, on which checkpoints work; fields of the contract by path, dots as ``__``."""
    contract = copy.deepcopy(_contract())
    values = {
        "checkpoint__status": "works",
        "checkpoint__criu_version": "4.0",
        "kernel__taints": [],
        "architecture__x86_64_level": "v3",
        **fields,
    }
    for path, value in values.items():
        group, _dots, name = path.partition("__")
        section = next(key for key in ("hashed", "reported", "identity") if name in _fields(contract, key, group))
        _fields(contract, section, group)[name] = value
    return {
        "contract": contract,
        "host": {
            "containers": [],
            "volumes": [],
            "networks": [],
            "listening": [],
            "paths": {},
            "memory_available_bytes": 2**30,
            "places": {name: place(f"/srv/{name}") for name in ("volumes", "images", "packing")},
            "clock_offset_seconds": [-0.1, 0.4],
            "apparmor_profiles": ["docker-default"],
        },
        "volumes": [{"name": "shop_data", "exists": False, "allocated_bytes": None}],
        "images": [{"reference": IMAGE, "exists": True, "id": "sha256:1", "digests": [], "size_bytes": 50_000_000}],
    }


def place(path: str, **changes: t.Any) -> Json:
    """A place to write at, on the host's one file system."""
    free = 10 * 2**30
    return {
        "path": path,
        "file_system": "8:1",
        "project": 0,
        "free_bytes": free,
        "file_system_free_bytes": free,
        **changes,
    }


def _fields(contract: Json, section: str, group: str) -> Json:
    if section == "identity":
        return t.cast("Json", contract["identity"] if group == "identity" else {})
    return t.cast("Json", contract[section].get(group, {}))


def source(**fields: t.Any) -> Json:
    """The host the workload is on."""
    made = side(**fields)
    made["volumes"] = [{"name": "shop_data", "exists": True, "allocated_bytes": 100_000_000}]
    made["host"]["containers"] = [
        {"name": name, "project": "shop", "running": True, "anonymous_volumes": []}
        for name in ("shop-web-1", "shop-db-1")
    ]
    return made


def text(project: Project = SHOP) -> str:
    """The definition as move_info returns it."""
    return Definition(project).render()
