# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What the engine reports, as the types a plan compares with and as plain values for results.

The ``parse_`` functions are pure; :func:`observe` and :func:`workloads` only call the client and hand them its answers.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import (
    BUILD_SHA256,
    COMPOSE_DEPENDS_ON,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    FILES,
    SPEC_SHA256,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Port, Project
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.observed import (
    Endpoint,
    ObservedContainer,
    ObservedImage,
    ObservedNetwork,
    ObservedProject,
    ObservedVolume,
    OtherContainer,
    Settings,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import differences

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine.seen import Seen

Json = dict[str, t.Any]


def observe(client: t.Union[EngineClient, Seen], project: Project) -> ObservedProject:
    """The host seen from one project, but for what comes back at boot, which :mod:`boot` tells."""
    mine, others = split_containers(client.containers(), project.name)
    containers = {}
    for name in mine:
        inspected = client.container(name)
        if inspected is not None:
            containers[name] = parse_container(inspected)
    images = {}
    for reference in dict.fromkeys(service.image for service in project.services.values()):
        image = client.image(reference)
        if image is not None:
            images[reference] = parse_image(image)
    networks = [ObservedNetwork(str(raw["Name"]), dict(raw.get("Labels") or {})) for raw in client.networks()]
    volumes = [ObservedVolume(str(raw["Name"]), dict(raw.get("Labels") or {})) for raw in client.volumes()]
    there = {entry.name for entry in volumes}
    guarded = [one.name for one in project.volumes.values() if one.name in there and not one.shared_writers]
    return ObservedProject(
        name=project.name,
        containers=containers,
        images=images,
        networks={entry.name: entry for entry in networks},
        volumes={entry.name: entry for entry in volumes},
        other_containers=with_writers(client, others, guarded),
    )


def split_containers(listed: t.Sequence[Json], project: str) -> tuple[list[str], dict[str, OtherContainer]]:
    """The names of the project's containers, and all other containers of the host."""
    mine: list[str] = []
    others: dict[str, OtherContainer] = {}
    for raw in listed:
        name = container_name(raw)
        owner = str((raw.get("Labels") or {}).get(COMPOSE_PROJECT, ""))
        if owner == project:
            mine.append(name)
        else:
            others[name] = OtherContainer(owner, parse_listed_ports(raw))
    return mine, others


def with_writers(
    client: t.Union[EngineClient, Seen], others: dict[str, OtherContainer], volumes: list[str]
) -> dict[str, OtherContainer]:
    """The other containers with those of the volumes that they may write to as they run."""
    result = dict(others)
    # A listing does not tell of every engine what a container mounts, but every engine can look for a volume's users.
    for raw in client.containers(volume=volumes) if others and volumes else ():
        name = container_name(raw)
        inspected = client.container(name) if name in others else None
        if inspected is not None:
            result[name] = dataclasses.replace(others[name], volumes=parse_written(inspected, volumes))
    return result


def parse_written(inspected: Json, volumes: t.Container[str]) -> tuple[str, ...]:
    """Those of the volumes that a container has mounted in a way that lets it write, sorted."""
    mounts = inspected.get("Mounts") or []
    written = {str(mount["Name"]) for mount in mounts if mount.get("Type") == "volume" and mount.get("RW")}
    return tuple(sorted(name for name in written if name in volumes))


def container_name(raw: Json) -> str:
    """A container's name from a listing (``Names``) or an inspection (``Name``), without the leading slash."""
    names = raw.get("Names") or [raw.get("Name") or ""]
    return min((str(name).lstrip("/") for name in names), key=lambda name: name.count("/"))


def parse_container(inspected: Json) -> ObservedContainer:
    """A container from its inspection."""
    labels = inspected["Config"].get("Labels") or {}
    status = inspected["State"]
    state = differences.state(str(status["Status"]))
    return ObservedContainer(
        name=container_name(inspected),
        service=str(labels.get(COMPOSE_SERVICE, "")),
        id=str(inspected["Id"]),
        state=state,
        spec_digest=str(labels.get(SPEC_SHA256, "")),
        image_id=with_algorithm(str(inspected.get("Image", ""))),
        health=parse_health(status),
        exit_code=int(status["ExitCode"]) if state in ("exited", "dead") else None,
        networks=tuple(sorted(own_networks(inspected))),
        depends_on=parse_depends_on(str(labels.get(COMPOSE_DEPENDS_ON, ""))),
        settings=parse_settings(inspected.get("HostConfig") or {}),
        endpoints={name: parse_endpoint(entry or {}) for name, entry in own_networks(inspected).items()},
        files=tuple(filter(None, str(labels.get(FILES, "")).split(","))),
        ports=tuple(Port(**entry) for entry in parse_inspected_ports(inspected)),
    )


def shares_network(inspected: Json) -> bool:
    """Whether its network is another container's. Podman then tells that one's networks and ports, Docker none."""
    return str((inspected.get("HostConfig") or {}).get("NetworkMode") or "").startswith("container:")


def own_networks(inspected: Json) -> Json:
    """The networks a container is attached to itself: name -> attachment."""
    return {} if shares_network(inspected) else dict(inspected["NetworkSettings"].get("Networks") or {})


def parse_settings(config: Json) -> Settings:
    """What may have been changed on the container since it was made; engines leave out or zero what isn't set."""

    def number(key: str) -> int:
        return int(config.get(key) or 0)

    policy = config.get("RestartPolicy") or {}
    nano_cpus = number("NanoCpus")
    if not nano_cpus and number("CpuQuota") > 0:
        nano_cpus = number("CpuQuota") * 1_000_000_000 // (number("CpuPeriod") or 100_000)
    return Settings(
        restart=str(policy.get("Name") or "no"),
        restart_max_retries=int(policy.get("MaximumRetryCount") or 0),
        memory_bytes=number("Memory"),
        memory_swap_bytes=number("MemorySwap"),
        memory_reservation_bytes=number("MemoryReservation"),
        nano_cpus=nano_cpus,
        cpu_shares=number("CpuShares"),
        cpuset=str(config.get("CpusetCpus") or ""),
        pids=number("PidsLimit"),
    )


def parse_endpoint(raw: Json) -> Endpoint:
    """A container's attachment to one network."""
    return Endpoint(
        aliases=tuple(str(alias) for alias in raw.get("Aliases") or []),
        ipv4_address=str(raw.get("IPAddress") or ""),
        ipv6_address=str(raw.get("GlobalIPv6Address") or ""),
    )


def parse_depends_on(label: str) -> tuple[str, ...]:
    """The services in Compose's own label, which says ``service:condition:restart`` for each, separated by commas."""
    return tuple(entry.partition(":")[0] for entry in label.split(",") if entry)


def parse_health(status: Json) -> str:
    """starting, healthy or unhealthy; "" without a health check (Docker leaves it out, Podman leaves it empty)."""
    word = str((status.get("Health") or {}).get("Status") or "")
    return "" if word == "none" else word


def parse_image(inspected: Json, registry_digest: t.Optional[str] = None) -> ObservedImage:
    """An image from its inspection."""
    labels = (inspected.get("Config") or {}).get("Labels") or {}
    return ObservedImage(
        with_algorithm(str(inspected["Id"])),
        parse_digests(inspected),
        registry_digest,
        str(labels.get(BUILD_SHA256, "")),
    )


def parse_digests(inspected: Json) -> tuple[str, ...]:
    """The manifest digests (``sha256:...``) under which an image is known, sorted."""
    return tuple(sorted({str(entry).rsplit("@", 1)[-1] for entry in inspected.get("RepoDigests") or []}))


def with_algorithm(image_id: str) -> str:
    """An image id with its algorithm in front: some answers of Podman leave it out."""
    return image_id if ":" in image_id or not image_id else f"sha256:{image_id}"


def parse_listed_ports(raw: Json) -> tuple[Port, ...]:
    """The published ports of a listed container, one entry for a port published on all addresses of both families."""
    found = {
        Port(
            target=int(entry.get("PrivatePort") or 0),
            published=int(entry["PublicPort"]),
            protocol=str(entry.get("Type") or "tcp"),
            host_ip=_address(str(entry.get("IP") or "")),
        )
        for entry in raw.get("Ports") or []
        if entry.get("PublicPort")
    }
    return tuple(sorted(found, key=lambda port: (port.published or 0, port.protocol, port.host_ip)))


def parse_inspected_ports(inspected: Json) -> list[Json]:
    """The published ports of an inspected container as plain values, sorted; empty while it doesn't run."""
    if shares_network(inspected):
        return []
    found = {
        (int(key.partition("/")[0]), key.partition("/")[2], int(entry["HostPort"]), _address(entry.get("HostIp") or ""))
        for key, entries in (inspected["NetworkSettings"].get("Ports") or {}).items()
        for entry in entries or []
        if entry.get("HostPort")
    }
    return [
        {"target": target, "protocol": protocol, "published": published, "host_ip": host_ip}
        for target, protocol, published, host_ip in sorted(found)
    ]


def _address(address: str) -> str:
    return "" if address in ("0.0.0.0", "::", "[::]") else address  # noqa: S104


def workloads(
    client: t.Union[EngineClient, Seen], project: str = "", usage: t.Optional[t.Callable[[Json], t.Any]] = None
) -> list[Json]:
    """The workloads on the host as plain values, one per project, sorted; of one project only when named.

    usage: what a container uses, from its inspection; each entry then has it too.
    """
    found: dict[str, list[Json]] = {}
    images: dict[str, t.Optional[Json]] = {}
    for raw in client.containers():
        owner = str((raw.get("Labels") or {}).get(COMPOSE_PROJECT, ""))
        if not owner or (project and owner != project):
            continue
        inspected = client.container(container_name(raw))
        if inspected is None:
            continue
        image_id = str(inspected.get("Image", ""))
        if image_id not in images:
            images[image_id] = client.image(image_id) if image_id else None
        described = describe_container(inspected, images[image_id])
        if usage is not None:
            described["usage"] = usage(inspected)
        found.setdefault(owner, []).append(described)
    return [
        {"project": name, "services": sorted(services, key=lambda entry: (entry["service"], entry["container"]))}
        for name, services in sorted(found.items())
    ]


def describe_container(inspected: Json, image: t.Optional[Json]) -> Json:
    """A container as plain values that mean the same for both engines."""
    observed = parse_container(inspected)
    digests = parse_digests(image) if image else ()
    host_config = inspected.get("HostConfig") or {}
    policy = host_config.get("RestartPolicy") or {}
    return {
        "service": observed.service,
        "container": observed.name,
        "container_id": observed.id,
        "state": observed.state,
        "health": observed.health or "none",
        "exit_code": observed.exit_code,
        "restart_policy": str(policy.get("Name") or "no"),
        "restart_count": int(inspected.get("RestartCount") or 0),
        "started_at": str(inspected["State"].get("StartedAt") or ""),
        "image": str(inspected["Config"].get("Image", "")),
        "image_id": with_algorithm(observed.image_id),
        "image_digests": list(digests),
        "ports": parse_inspected_ports(inspected),
        "networks": list(observed.networks),
        "spec_sha256": observed.spec_digest,
    }
