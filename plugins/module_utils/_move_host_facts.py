# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a verdict needs to know of a host beside its contract: what is taken, what is free, what a workload uses."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ownership import owner
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.apply import kept_volumes
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.observe import (
    container_name,
    parse_listed_ports,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_services import paths_of
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import Definitions
from ansible_collections.anycloud.container_host.plugins.module_utils._move_place_host import engine_places, place

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Json = dict[str, t.Any]

# proc(5), /proc/net: state 0A is LISTEN; a socket of UDP that is not connected has 07.
TABLES = (("tcp", "0A", "tcp"), ("tcp6", "0A", "tcp"), ("udp", "07", "udp"), ("udp6", "07", "udp"))
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
    if paths is None:
        paths = sorted({path for service in (known.services.values() if known else ()) for path in paths_of(service)})
    listed = client.containers()
    return {
        "containers": [_container(client, raw, project, known) for raw in listed],
        "volumes": [_labelled(raw) for raw in client.volumes()],
        "networks": [{**_labelled(raw), "subnets": _subnets(raw)} for raw in client.networks()],
        "listening": _listening(io, listed),
        "paths": {path: _kind(io, path) for path in paths},
        "memory_available_bytes": memory_available_bytes(io.read_text("/proc/meminfo") or ""),
        "places": {**engine_places(client, io, engine_directory), "packing": place(io, directory)},
        "apparmor_profiles": profile_names(io.read_text(PROFILES) or ""),
    }


def _container(client: EngineClient, raw: Json, project: str, known: t.Optional[Project]) -> Json:
    name = container_name(raw)
    whose = owner(raw.get("Labels") or {})
    services = {} if known is None else {service.container_name: service for service in known.services.values()}
    inspected = client.container(name) if whose == project and name in services else None
    anonymous = sorted(kept_volumes(inspected, services[name])) if inspected else []
    return {"name": name, "project": whose, "running": _lives(raw), "anonymous_volumes": anonymous}


def _lives(raw: Json) -> bool:
    return str(raw.get("State") or "").lower() in ("running", "restarting", "paused")


def _labelled(raw: Json) -> Json:
    return {"name": str(raw["Name"]), "labels": dict(raw.get("Labels") or {})}


def _subnets(raw: Json) -> list[str]:
    pools = (raw.get("IPAM") or {}).get("Config") or []
    return [str(pool["Subnet"]) for pool in pools if pool.get("Subnet")]


def _listening(io: HostIO, listed: t.Sequence[Json]) -> list[Json]:
    """The kernel's sockets, and what engines publish by firewall rules alone."""
    found = {entry for table, state, protocol in TABLES for entry in sockets(_table(io, table), state, protocol)}
    for raw in filter(_lives, listed):  # Podman lists the ports of a container that has stopped, too
        found |= {(port.published or 0, port.protocol, port.host_ip) for port in parse_listed_ports(raw)}
    return [{"port": port, "protocol": protocol, "address": address} for port, protocol, address in sorted(found)]


def _table(io: HostIO, table: str) -> str:
    return io.read_text(f"/proc/net/{table}") or ""


def sockets(text: str, state: str, protocol: str) -> t.Iterator[tuple[int, str, str]]:
    """Port, protocol and address ("" for all) of the lines of a table of /proc/net in a state."""
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) > 3 and words[3] == state:
            address, _colon, port = words[1].partition(":")
            yield int(port, 16), protocol, readable(address)


def readable(address: str) -> str:
    """An address from /proc/net: words of 32 bits, each in the byte order of the machine, which is little endian on
    every architecture the engines' packages are built for but s390x. "" for all addresses.
    """
    raw = b"".join(bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8))
    parsed = ipaddress.ip_address(raw)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return "" if (mapped or parsed).is_unspecified else str(mapped or parsed)


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
