# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a verdict needs to know of a host beside its contract: what is taken, what is free, what a workload uses."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ownership import owner
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.apply import kept_volumes
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import container_name
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_services import paths_of
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import Definitions
from ansible_collections.anycloud.container_host.plugins.module_utils._move_place_host import engine_places, place
from ansible_collections.anycloud.container_host.plugins.module_utils._move_socket_host import (
    Port,
    Running,
    as_plain,
    container_sockets,
    engine_ports,
    open_sockets,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Service
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Json = dict[str, t.Any]

PROFILES = "/sys/kernel/security/apparmor/profiles"


def observe(
    client: EngineClient, io: HostIO, project: str, paths: t.Optional[t.Sequence[str]], engine_directory: str,
    directory: str,
) -> Json:  # fmt: skip
    """The module's result but for the clock. paths: None takes those of the workload's definition on this host.

    engine_directory: where the engine keeps images, "" when that is not known. directory: where moves keep their files.
    Raises HostError when the engine does not answer, or engine_directory is absent.
    """
    definition = Definitions(io).find(project)
    known = None if definition is None else definition.project
    services = {} if known is None else {service.container_name: service for service in known.services.values()}
    if paths is None:
        paths = sorted({path for service in services.values() for path in paths_of(service)})
    listed = client.containers()
    own = {
        name: client.container(name) or {}
        for name in (container_name(raw) for raw in listed if owner(raw.get("Labels") or {}) == project)
        if name in services
    }
    found = open_sockets(io)
    owned = container_sockets(io, _running(own), found)
    # Podman lists the ports of a container that has stopped, too.
    ports = {socket.port for socket in found} | engine_ports(filter(_lives, listed))
    return {
        "containers": [_container(raw, own, services, owned) for raw in listed],
        "volumes": [_labelled(raw) for raw in client.volumes()],
        "networks": [{**_labelled(raw), "subnets": _subnets(raw)} for raw in client.networks()],
        "listening": as_plain(ports),
        "paths": {path: _kind(io, path) for path in paths},
        "memory_available_bytes": memory_available_bytes(io.read_text("/proc/meminfo") or ""),
        "places": {**engine_places(client, io, engine_directory), "packing": place(io, directory)},
        "apparmor_profiles": profile_names(io.read_text(PROFILES) or ""),
    }


def _container(
    raw: Json, own: t.Mapping[str, Json], services: t.Mapping[str, Service], owned: t.Mapping[str, set[Port]]
) -> Json:
    name = container_name(raw)
    inspected = own.get(name)
    return {
        "name": name,
        "project": owner(raw.get("Labels") or {}),
        "running": _lives(raw),
        "anonymous_volumes": sorted(kept_volumes(inspected, services[name])) if inspected else [],
        "listening": as_plain(owned.get(name, ())),
    }


def _running(own: t.Mapping[str, Json]) -> dict[str, Running]:
    pids = {name: int((inspected.get("State") or {}).get("Pid") or 0) for name, inspected in own.items()}
    return {name: Running(str(own[name]["Id"]), pid) for name, pid in pids.items() if pid}


def _lives(raw: Json) -> bool:
    return str(raw.get("State") or "").lower() in ("running", "restarting", "paused")


def _labelled(raw: Json) -> Json:
    return {"name": str(raw["Name"]), "labels": dict(raw.get("Labels") or {})}


def _subnets(raw: Json) -> list[str]:
    pools = (raw.get("IPAM") or {}).get("Config") or []
    return [str(pool["Subnet"]) for pool in pools if pool.get("Subnet")]


def _kind(io: HostIO, path: str) -> str:
    """file, directory, link, other (a socket, a device, ...); "" when it is absent, or a link to nothing."""
    found = io.status(path)
    return found.kind if found is not None and io.exists(path) else ""


def memory_available_bytes(text: str) -> t.Optional[int]:
    """``MemAvailable`` of /proc/meminfo, which is in KiB; None when it isn't there."""
    for line in text.splitlines():
        name, _colon, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    return None


def profile_names(text: str) -> list[str]:
    """The names in the kernel's list of AppArmor profiles, ``name (mode)`` in a line each."""
    return sorted(line.rpartition(" (")[0] for line in text.splitlines() if line.endswith(")"))
