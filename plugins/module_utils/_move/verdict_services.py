# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The verdict's rules about the services: what each takes from its host. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Service
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import hooks
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_facts import Facts, Finding
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_hosts import level

Findings = t.Iterator[Finding]

ENGINE_SOCKETS = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock", "/var/run/podman/podman.sock")
LOCKDOWN = ("none", "integrity", "confidentiality")
# AppArmor profiles that the engines bring or that are none.
OWN_PROFILES = ("unconfined", "docker-default")


def paths_of(service: Service) -> list[str]:
    """The host's paths a service needs, to be looked at on both hosts: bind mounts, devices, profiles."""
    binds = [mount.source for mount in service.mounts if mount.type == "bind" and mount.source not in service.files]
    blkio = service.limits.blkio
    rates = () if blkio is None else (
        *blkio.weight_device, *blkio.device_read_bps, *blkio.device_write_bps, *blkio.device_read_iops,
        *blkio.device_write_iops,
    )  # fmt: skip
    profiles = (option.partition("=")[2] for option in service.security_opt if option.startswith("seccomp=/"))
    return sorted({*binds, *profiles, *(device.source for device in service.devices), *(rate.path for rate in rates)})


def _is_device(service: Service, path: str) -> bool:
    return path in {device.source for device in service.devices} or path.startswith("/dev/")


def services(facts: Facts) -> Findings:
    """All findings about the services."""
    if facts.wishes.rung == "cold":
        yield facts.finding("cold_asked", "cold", None)
    for service in facts.project.services.values():
        for rule in (_controllers, _confinement, _cpu, _devices, _namespaces, _paths, _ulimits, _hooks):
            yield from rule(facts, service)
    yield from _anonymous(facts)
    yield from _volumes(facts)


def _hooks(facts: Facts, service: Service) -> Findings:
    """Commands for the move are in labels, which nobody reads before."""
    try:
        hooks.from_labels(service.labels, service.name)
    except InputError as error:
        yield facts.finding("hooks", str(error), None, service.name, hooks.LABEL)


def _controllers(facts: Facts, service: Service) -> Findings:
    limits = service.limits
    needs = {
        "memory": limits.memory_bytes or limits.memory_reservation_bytes,
        "cpu": limits.cpus or limits.cpu_shares or limits.cpu_quota_us,
        "cpuset": limits.cpuset,
        "pids": limits.pids,
        "io": limits.blkio,
    }
    pair = facts.both("cgroup.controllers")
    if pair:
        lacking = [name for name, wanted in needs.items() if wanted and name not in (pair[1] or [])]
        if lacking:
            yield facts.finding("cgroup_controller", pair[0], pair[1], service.name, ", ".join(lacking))
    swap = facts.both("cgroup.swap_accounting")
    if limits.memory_swap_bytes is not None and swap and swap[0] and not swap[1]:
        yield facts.finding("swap_accounting", *swap, service=service.name)


def _confinement(facts: Facts, service: Service) -> Findings:
    lockdown = facts.both("kernel.lockdown")
    ranks = [LOCKDOWN.index(word) if word in LOCKDOWN else 0 for word in lockdown or ()]
    if service.privileged and lockdown and ranks[1] > ranks[0]:
        yield facts.finding("kernel_lockdown", *lockdown, service=service.name)
    if service.privileged:
        yield facts.finding("privileged", True, None, service.name)
    policy = facts.target.values.get("lsm.container_policy")
    for option in service.security_opt:
        key, _sign, value = option.replace(":", "=", 1).partition("=")
        profiles = facts.target.room["apparmor_profiles"]
        if key == "apparmor" and value not in OWN_PROFILES and value not in profiles:
            yield facts.finding("apparmor_profile", value, profiles, service.name, value)
        if key == "label" and value != "disable" and policy != "selinux":
            yield facts.finding("selinux_option", option, policy, service.name, option)


def _cpu(facts: Facts, service: Service) -> Findings:
    asked = level(service.platform.rpartition("/")[2]) if service.platform.startswith("linux/amd64/") else 0
    there = facts.target.values.get("architecture.x86_64_level")
    if asked and level(there) < asked:
        yield facts.finding("cpu_variant", service.platform, there, service.name)


def _devices(facts: Facts, service: Service) -> Findings:
    binds = {mount.source for mount in service.mounts if mount.type == "bind"}
    for path in paths_of(service):
        if path not in binds and not facts.target.room["paths"].get(path):
            code = "device" if _is_device(service, path) else "host_path_missing"
            yield facts.finding(code, facts.source.room["paths"].get(path), "absent", service.name, path)
    if service.devices:
        yield facts.finding("host_device", [device.source for device in service.devices], None, service.name)


def _namespaces(facts: Facts, service: Service) -> Findings:
    named = (("network_mode", service.network_mode), ("pid", service.pid), ("ipc", service.ipc), ("uts", service.uts))
    shared = [f"{key}: host" for key, value in named if value == "host"]
    if shared:
        yield facts.finding("host_namespace", shared, None, service.name, ", ".join(shared))


def _paths(facts: Facts, service: Service) -> Findings:
    engines = facts.both("engine.name")
    for mount in service.mounts:
        if mount.type != "bind" or mount.source in service.files:
            continue
        path = mount.source
        kinds = facts.source.room["paths"].get(path, ""), facts.target.room["paths"].get(path, "")
        if path in ENGINE_SOCKETS and engines and engines[0] != engines[1]:
            yield facts.finding("engine_socket", *engines, service=service.name)
        elif not kinds[1] and not mount.create_source:
            yield facts.finding("host_path_missing", f"{path} ({kinds[0]})", "absent", service.name, path)
        elif kinds == ("other", "other"):
            yield facts.finding("host_socket", path, path, service.name)
        else:
            yield facts.finding("host_path", f"{path} ({kinds[0]})", kinds[1] or "absent", service.name, path)


def _ulimits(facts: Facts, service: Service) -> Findings:
    files = service.limits.ulimits.get("nofile")
    most = facts.target.effective("fs.nr_open")
    if files is not None and most is not None and max(files.soft, files.hard) > most:
        yield facts.finding("ulimit", max(files.soft, files.hard), most, service.name, max(files.soft, files.hard))


def _anonymous(facts: Facts) -> Findings:
    """What the source's containers have mounted and the definition doesn't name."""
    by_container = {service.container_name: service.name for service in facts.project.services.values()}
    for container in facts.source.room["containers"]:
        if container["name"] in by_container:
            for target in container["anonymous_volumes"]:
                name = by_container[container["name"]]
                yield facts.finding("anonymous_volume", f"{container['name']}:{target}", None, name, target)


def _volumes(facts: Facts) -> Findings:
    volumes = {entry["name"]: entry for entry in facts.target.room["volumes"]}
    networks = {entry["name"] for entry in facts.target.room["networks"]}
    for volume in facts.project.volumes.values():
        if volume.external and volume.name not in volumes:
            yield facts.finding("external_missing", volume.name, None, subject=f"the volume {volume.name}")
        elif volume.external:
            yield facts.finding("external_volume", volume.name, volume.name, subject=volume.name)
        elif volume.driver not in ("", "local") or volume.driver_opts.get("device"):
            shown = {"driver": volume.driver, **volume.driver_opts}
            yield facts.finding("volume_driver", shown, None, subject=volume.name)
    for network in facts.project.networks.values():
        if network.external and network.name not in networks:
            yield facts.finding("external_missing", network.name, None, subject=f"the network {network.name}")
