# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What engines a host has, read with the HostIO handed in: the engine_info module's work."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.docker import render_docker
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.podman import render_podman
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.read import (
    docker_summary,
    podman_summary,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import (
    ENGINE_UNIT,
    SOCKETS,
    unit_goals,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONTAINERS_CONF,
    DAEMON_JSON,
    REGISTRIES_CONF,
    STORAGE_CONF,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.finder import find_package_manager

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# By what names distributions and vendors package each engine, and what of the rest a container can notice.
ENGINE_PACKAGES = {"docker": ("docker-ce", "docker.io", "docker"), "podman": ("podman",)}
RUNTIME_PACKAGES = (
    "aardvark-dns", "conmon", "containerd", "containerd.io", "criu", "crun", "docker-ce-cli", "docker-cli", "netavark",
    "runc",
)  # fmt: skip


def engine_facts(io: HostIO) -> dict[str, dict[str, t.Any]]:
    """Both engines as found, by provider. Every key is always there; absent things are None or empty."""
    manager = find_package_manager(io)
    providers = tuple(ENGINE_PACKAGES)
    rendered = {"docker": render_docker, "podman": render_podman}
    settings = {provider: Settings(provider=provider) for provider in providers}
    paths = [path for provider in providers for path in rendered[provider](settings[provider]).paths]
    goals = {provider: unit_goals(settings[provider]) for provider in providers}
    units = [goal.name for provider in providers for goal in goals[provider]]
    names = [name for provider in providers for name in ENGINE_PACKAGES[provider]]
    observed = observe(io, manager, "", [*names, *RUNTIME_PACKAGES], paths, units)
    contents = {path: file.content for path, file in observed.files.items()}
    summaries = {
        "docker": docker_summary(contents.get(DAEMON_JSON)),
        "podman": podman_summary(
            contents.get(CONTAINERS_CONF), contents.get(STORAGE_CONF), contents.get(REGISTRIES_CONF)
        ),
    }
    runtimes = {
        name: {"version": observed.packages[name].version, "held": observed.packages[name].held}
        for name in RUNTIME_PACKAGES
        if observed.packages[name].version is not None
    }
    facts = {}
    for provider in providers:
        packages = [observed.packages[name] for name in ENGINE_PACKAGES[provider]]
        package = next((one for one in packages if one.version is not None), None)
        engine = observed.units.get(ENGINE_UNIT[provider])
        facts[provider] = {
            "installed": package is not None,
            "package": package.name if package else None,
            "version": package.version if package else None,
            "held": package.held if package else False,
            "runtimes": runtimes if package else {},
            "running": bool(engine and engine.active),
            "socket": SOCKETS[provider] if io.exists(SOCKETS[provider]) else None,
            "units": {
                goal.name: {"enabled": observed.units[goal.name].enabled, "active": observed.units[goal.name].active}
                for goal in goals[provider]
                if goal.name in observed.units and observed.units[goal.name].loaded
            },
            "configuration": summaries[provider] if package else {},
            "files": [path for path in rendered[provider](settings[provider]).paths if path in contents],
        }
    return facts
