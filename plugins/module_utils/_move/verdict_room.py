# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The verdict's rules about what is taken at the target, what is free there, and the images. Pure."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ownership import is_owned
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ports import ports_overlap
from ansible_collections.anycloud.container_host.plugins.module_utils._move import verdict_space
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_facts import (
    Facts,
    Finding,
    listening_ports,
)

Findings = t.Iterator[Finding]

SPARE = 1.05
"""What must be free, over what is copied: directories, journals and the engine's own files take some."""


def room(facts: Facts) -> Findings:
    """All findings about the target's room, the clocks and the images."""
    for rule in (_names, _ports, _resources, _subnets, _disk, _memory, _cpus, _pids, _clocks, _images):
        yield from rule(facts)


def _names(facts: Facts) -> Findings:
    there = {entry["name"]: entry for entry in facts.target.room["containers"]}
    for service in facts.project.services.values():
        found = there.get(service.container_name)
        if found is not None and found["project"] != facts.project.name:
            owner = found["project"] or "no project"
            yield facts.finding("name_taken", None, owner, service.name, service.container_name)
    running = sorted(
        name for name, entry in there.items() if entry["project"] == facts.project.name and entry["running"]
    )
    if running:
        yield facts.finding("workload_runs", None, running)


def _ports(facts: Facts) -> Findings:
    addresses = facts.target.values.get("identity.addresses") or []
    for service in facts.project.services.values():
        for port in service.ports:
            shown = f"{port.published}/{port.protocol}"
            if any(ports_overlap(port, taken) for taken in facts.target.listening):
                yield facts.finding("port_taken", shown, "in use", service.name, shown)
            if not _is_everywhere(port.host_ip) and port.host_ip not in addresses:
                yield facts.finding("address_missing", port.host_ip, addresses, service.name, port.host_ip)
    yield from _ports_of_host_network(facts)


def _ports_of_host_network(facts: Facts) -> Findings:
    """What containers with the host's network listen on at the source, which no definition tells."""
    by_container = {service.container_name: service.name for service in facts.project.services.values()}
    for container in facts.source.room["containers"]:
        taken = {
            f"{port.published}/{port.protocol}"
            for port in listening_ports(container.get("listening") or [])
            if any(ports_overlap(port, other) for other in facts.target.listening)
        }
        for shown in sorted(taken) if container["name"] in by_container else ():
            yield facts.finding("port_taken", shown, "in use", by_container[container["name"]], shown)


def _is_everywhere(address: str) -> bool:
    """Whether every host has the address: none at all, the wildcards, the loopback."""
    if not address:
        return True
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    return parsed.is_unspecified or parsed.is_loopback


def _resources(facts: Facts) -> Findings:
    for kind, wanted in (("volume", facts.project.volumes), ("network", facts.project.networks)):
        there = {entry["name"]: entry["labels"] for entry in facts.target.room[f"{kind}s"]}
        for resource in wanted.values():
            if resource.external or resource.name not in there:
                continue
            labels = there[resource.name]
            if not is_owned(facts.project.name, labels):
                yield facts.finding(f"{kind}_taken", resource.name, labels, subject=resource.name)


def _subnets(facts: Facts) -> Findings:
    """Fixed subnets against the networks of others; the engine picks free ones for the rest."""
    own = {network.name for network in facts.project.networks.values()}
    taken = [
        (entry["name"], ipaddress.ip_network(subnet, strict=False))
        for entry in facts.target.room["networks"]
        if entry["name"] not in own
        for subnet in entry["subnets"]
    ]
    for network in facts.project.networks.values():
        for pool in network.subnets if not network.external else ():
            if not pool.subnet:
                continue
            wanted = ipaddress.ip_network(pool.subnet, strict=False)
            for name, other in taken:
                if wanted.version == other.version and wanted.overlaps(other):
                    yield facts.finding("subnet_taken", pool.subnet, f"{name}: {other}", subject=pool.subnet)


def _disk(facts: Facts) -> Findings:
    volumes = [volume.name for volume in facts.project.volumes.values() if not volume.external]
    lost = [name for name in volumes if not _is_there(facts.source.volumes.get(name))]
    for name in lost:
        yield facts.finding("disk_unknown", facts.source.volumes.get(name), None, subject=name)
    needs = verdict_space.at_target(facts, [name for name in volumes if name not in lost])
    lacking = list(verdict_space.too_little(needs, SPARE))
    for code, need in lacking:
        yield facts.finding(code, *need.words(), subject=need.subject(SPARE))
    for host, writes in verdict_space.on_their_way(facts, needs).items():
        if host == facts.source.name or not lacking:
            for _code, need in verdict_space.too_little(writes, SPARE):
                words = "; ".join(need.words())
                here, there = (words, None) if host == facts.source.name else (None, words)
                yield facts.finding("disk_packing", here, there, subject=f"{host}: {need.subject(SPARE)}")


def _is_there(volume: t.Optional[t.Mapping[str, t.Any]]) -> bool:
    return volume is not None and bool(volume["exists"])


def _memory(facts: Facts) -> Findings:
    needed = sum(
        service.limits.memory_reservation_bytes or service.limits.memory_bytes or 0
        for service in facts.project.services.values()
    )
    available = facts.target.room["memory_available_bytes"]
    if available is not None and needed > available:
        yield facts.finding("memory", f"{needed} bytes", f"{available} bytes available")


def _cpus(facts: Facts) -> Findings:
    there = facts.target.values.get("identity.cpu_count")
    for service in facts.project.services.values():
        limits = service.limits
        quota = limits.cpu_quota_us / (limits.cpu_period_us or 100_000) if limits.cpu_quota_us else 0
        asked = max(limits.cpus or 0, quota, highest_cpu(limits.cpuset) + 1)
        if there is not None and asked > there:
            yield facts.finding("cpus", asked, there, service.name)


def highest_cpu(cpuset: str) -> int:
    """The highest number in a list of CPUs such as ``0-2,7`` (cpuset(7)); -1 for an empty one."""
    numbers = [int(word) for part in cpuset.split(",") for word in part.split("-") if word.strip().isdecimal()]
    return max(numbers, default=-1)


def _pids(facts: Facts) -> Findings:
    needed = sum(max(service.limits.pids or 0, 0) for service in facts.project.services.values())
    most = facts.target.effective("kernel.pid_max")
    if most is not None and needed > most:
        yield facts.finding("pids", needed, most)


def _clocks(facts: Facts) -> Findings:
    """Offsets are intervals, [least, most] against the control node's clock: only what is certain counts."""
    source, target = facts.source.room["clock_offset_seconds"], facts.target.room["clock_offset_seconds"]
    if source is None or target is None:
        return
    certain = max(0.0, source[0] - target[1], target[0] - source[1])
    if certain > facts.wishes.max_clock_skew_seconds:
        yield facts.finding("clock_skew", source, target)


def _images(facts: Facts) -> Findings:
    for reference in sorted({service.image for service in facts.project.services.values()}):
        source, target = facts.source.images.get(reference), facts.target.images.get(reference)
        if source is None or not source["exists"]:
            yield facts.finding("image_missing", "absent", None, subject=reference)
        elif target is None or not target["exists"]:
            if "@" in reference:
                yield facts.finding("image_digest", source["digests"], "absent", subject=reference)
        elif source["id"] != target["id"]:
            same = set(source["digests"]) & set(target["digests"])
            # Stores that name an image by its manifest give one image two ids.
            if not same:
                yield facts.finding("image_differs", source["id"], target["id"], subject=reference)
