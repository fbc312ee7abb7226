# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Podman's effective configuration: its files over its defaults (containers.conf(5), containers-registries.conf(5))."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines import host
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.words import (
    Configuration,
    NoSetting,
    on_off,
    texts,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import merge_tables
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.read import insecure_locations
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    DOCKER_CAPABILITIES,
    graph_root,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.files import (
        HostFiles,
        PodmanFiles,
    )

NO_DAEMON = "Podman has no daemon"
NAMESPACES = ("cgroupns", "ipcns", "netns", "pidns", "utsns")
DEFAULT_PIDS_LIMIT = 2048  # containers.conf(5), pids_limit


def podman_configuration(files: PodmanFiles, machine: HostFiles) -> Configuration:
    """Every option."""
    tables = merge_tables(files.containers)
    containers, engine = tables.get("containers", {}), tables.get("engine", {})
    registries = merge_tables(files.registries).get("", {})
    storage = merge_tables(files.storage)
    pids_limit = containers.get("pids_limit", DEFAULT_PIDS_LIMIT)
    return {
        "apparmor": ("unconfined",) if containers.get("apparmor_profile") == "unconfined" else ("default",),
        "bridge_traffic": NoSetting("Podman can't be told; workloads use networks of their own"),
        "cgroup_driver": (str(engine.get("cgroup_manager") or "systemd"),),
        "cgroup_parent": NoSetting("Podman is told for each container only"),
        "container_log": (_container_log(containers),),
        "data_filesystem": (host.data_filesystem(graph_root(storage), machine),),
        "experimental": NoSetting(NO_DAEMON),
        "extra_capabilities": _extra_capabilities(containers),
        "firewall": ("not managed",) if tables.get("network", {}).get("firewall_driver") == "none" else ("managed",),
        "host_namespaces": tuple(name for name in NAMESPACES if containers.get(name) == "host"),
        "insecure_registries": tuple(location for text in files.registries for location in insecure_locations(text)),
        "live_restore": ("on",),
        "log_level": NoSetting(NO_DAEMON),
        "no_new_privileges": NoSetting("Podman is told for each container only"),
        "overlapping_ids": tuple(dict.fromkeys(name for text in machine.ids for name in host.overlapping(text))),
        "pids_limit": ("bounded",) if isinstance(pids_limit, int) and pids_limit > 0 else ("unbounded",),
        "rootless_helpers": tuple(
            name
            for name, status in files.helpers.items()
            # Some distributions give them file capabilities instead, which show in no mode; those are root's too.
            if status is None or status.uid != 0 or not status.mode & 0o001
        ),
        "search_registries": texts(registries.get("unqualified-search-registries")),
        "seccomp": (str(containers.get("seccomp_profile") or "default"),),
        "selinux_labels": on_off(containers.get("label", True)) if machine.has_selinux else ("not needed",),
        # containers-registries.conf(5): permissive when nothing is said.
        "short_names": (str(registries.get("short-name-mode") or "permissive"),),
        "signature_policy": (_signature_policy(files.policy),),
        "socket_users": NoSetting("Podman's socket belongs to root alone"),
        "storage_driver": (str(storage.get("storage", {}).get("driver") or "overlay"),),
        "swarm": NoSetting(NO_DAEMON),
        "tcp_listeners": (
            *(word for word in files.command if word.startswith("tcp:")),
            *host.network_addresses(files.listen),
        ),
        "ulimits": _ulimits(containers),
        "user_namespace": ("host",) if containers.get("userns", "host") in ("", "host") else ("remapped",),
        "userland_proxy": ("off",),
    }


def _container_log(containers: t.Mapping[str, t.Any]) -> str:
    driver = containers.get("log_driver") or "journald"
    if driver in ("none", "passthrough"):
        return "none"
    size = containers.get("log_size_max", -1)
    return "bounded" if driver == "journald" or (isinstance(size, int) and size > 0) else "unbounded"


def _extra_capabilities(containers: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    if containers.get("privileged") is True:
        return ("all",)
    # containers.conf(5): the default is a subset of Docker's.
    given = [name.upper() for name in texts(containers.get("default_capabilities"))]
    plain = [name[len("CAP_") :] if name.startswith("CAP_") else name for name in given]
    return tuple(name for name in plain if name not in DOCKER_CAPABILITIES)


def _signature_policy(text: str | None) -> str:
    if text is None:
        return "missing"
    try:
        policy = json.loads(text)
    except ValueError:
        return "broken"
    return "present" if isinstance(policy, dict) and policy.get("default") else "broken"


def _ulimits(containers: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Each is name=soft:hard; of open files and processes Podman bounds the number by itself."""
    given = dict(entry.partition("=")[::2] for entry in texts(containers.get("default_ulimits")))
    limits = {"nofile": "1048576", "nproc": "1048576", **given}
    return tuple(sorted(name for name, limit in limits.items() if limit.rpartition(":")[2] != "-1"))
