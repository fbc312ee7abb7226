# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A service as the body of the engine's create call (Docker Engine API, ``ContainerCreate``). Pure.

What both engines do alike is written once here; every place where they differ is a named function in
:mod:`differences`. Values that an engine would fill with a default of its own are written out when the two
defaults differ, so that a container can't tell the engines apart by them; what the engine's configuration can make
equal (capabilities, resource limits, log driver) is left to that, the role ``engine``.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import (
    BUILD_SHA256,
    container_labels,
    network_labels,
    volume_labels,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Healthcheck,
    Mount,
    Network,
    Port,
    Service,
    Volume,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import differences
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.limits import limits_config

Json = dict[str, t.Any]

# Docker's documented defaults; Podman's socket takes zero where a value is left out.
HEALTH_INTERVAL_NS = 30_000_000_000
HEALTH_TIMEOUT_NS = 30_000_000_000
HEALTH_RETRIES = 3
STOP_GRACE_SECONDS = 10


def container_payload(
    project: str,
    service: Service,
    engine: str,
    kept_volumes: t.Optional[t.Mapping[str, str]] = None,
    seccomp_profiles: t.Optional[t.Mapping[str, str]] = None,
) -> Json:
    """The body of the create call for a service.

    kept_volumes: path in the container -> name of the anonymous volume of its predecessor, mounted again.
    seccomp_profiles: path on the host -> content, for ``security_opt: [seccomp=/path]``.
    """
    kept = dict(kept_volumes or {})
    labels = container_labels(project, service)
    if kept:
        labels[differences.KEPT_VOLUMES_LABEL] = ",".join(sorted(kept.values()))
    payload: Json = {
        "Image": service.image,
        "Env": [f"{name}={value}" for name, value in sorted(service.environment.items())],
        "Labels": labels,
        "ExposedPorts": {key: {} for key in _exposed(service)},
        "StopTimeout": STOP_GRACE_SECONDS
        if service.stop_grace_period_seconds is None
        else service.stop_grace_period_seconds,
        "Tty": service.tty,
        "OpenStdin": service.stdin_open,
        "Volumes": {
            mount.target: {}
            for mount in service.mounts
            if mount.type == "volume" and not mount.source and mount.target not in kept
        },
        "HostConfig": _host_config(service, engine, kept, seccomp_profiles or {}),
    }
    optional: Json = {
        "Cmd": None if service.command is None else list(service.command),
        "Entrypoint": differences.entrypoint(service.entrypoint),
        "User": service.user or None,
        "WorkingDir": service.working_dir or None,
        "Hostname": service.hostname or None,
        "Domainname": service.domainname or None,
        "StopSignal": service.stop_signal or None,
        "Healthcheck": _healthcheck(service.healthcheck, engine),
    }
    payload.update({key: value for key, value in optional.items() if value is not None})
    first = primary_network(service)
    if first:
        payload["NetworkingConfig"] = {"EndpointsConfig": {first: _endpoint(service, service.networks[first])}}
    return payload


def primary_network(service: Service) -> str:
    """The network a container is created with; "" for host, none and the like. The others are attached afterwards."""
    return next(iter(service.networks), "") if not service.network_mode else ""


def further_networks(service: Service) -> dict[str, Json]:
    """The networks to attach after creation: name -> keyword arguments of the SDK's connect call."""
    first = primary_network(service)
    return {
        name: {
            "aliases": _aliases(service, attachment),
            "ipv4_address": attachment.ipv4_address or None,
            "ipv6_address": attachment.ipv6_address or None,
        }
        for name, attachment in service.networks.items()
        if first and name != first
    }


def extra_hosts(service: Service) -> list[str]:
    """The further lines of ``/etc/hosts`` as the API writes them."""
    return [f"{name}:{address}" for name, address in sorted(service.extra_hosts.items())]


def restart_policy(service: Service, engine: str) -> Json:
    """The restart policy as the API writes it."""
    return {
        "Name": differences.restart_name(service.restart, engine),
        "MaximumRetryCount": service.restart_max_retries if service.restart == "on-failure" else 0,
    }


def network_arguments(project: str, key: str, network: Network, engine: str) -> Json:
    """Keyword arguments of the SDK's create_network."""
    pools = [
        {
            name: value
            for name, value in (("Subnet", pool.subnet), ("Gateway", pool.gateway), ("IPRange", pool.ip_range))
            if value
        }
        for pool in network.subnets
    ]
    return {
        "driver": network.driver,
        "options": differences.network_options(network.driver_opts, network.driver, engine) or None,
        "ipam": {"Driver": "default", "Config": pools} if pools else None,
        "internal": network.internal,
        "enable_ipv6": network.enable_ipv6,
        "attachable": network.attachable or None,
        "labels": network_labels(project, key, network),
        "check_duplicate": True,
    }


def build_arguments(build: Build, platform: str) -> Json:
    """Keyword arguments of the SDK's build. Containers of steps that fail are removed as well."""
    return {
        "dockerfile": build.dockerfile,
        "buildargs": dict(build.args),
        "labels": {**build.labels, BUILD_SHA256: build.digest},
        "target": build.target or None,
        "network_mode": build.network or None,
        "platform": platform or None,
        "pull": build.pull,
        "nocache": build.no_cache,
        "rm": True,
        "forcerm": True,
    }


def volume_arguments(project: str, key: str, volume: Volume) -> Json:
    """Keyword arguments of the SDK's create_volume."""
    return {
        "driver": volume.driver,
        "driver_opts": dict(volume.driver_opts) or None,
        "labels": volume_labels(project, key, volume),
    }


def mounts_config(entries: t.Sequence[Mount], kept: t.Mapping[str, str]) -> Json:
    """The part of HostConfig that says what is mounted. kept: target of an anonymous volume -> its name."""
    binds, mounts = _mounts(entries, kept)
    return {"Binds": binds, "Mounts": mounts}


def _host_config(
    service: Service, engine: str, kept: t.Mapping[str, str], seccomp_profiles: t.Mapping[str, str]
) -> Json:
    config: Json = {
        "NetworkMode": service.network_mode or primary_network(service) or "none",
        "PortBindings": _port_bindings(service.ports),
        "RestartPolicy": restart_policy(service, engine),
        **mounts_config(service.mounts, kept),
        "Tmpfs": {
            mount.target: differences.tmpfs_options(mount, engine) for mount in service.mounts if mount.type == "tmpfs"
        },
        "CapAdd": _capabilities(service.cap_add),
        "CapDrop": _capabilities(service.cap_drop),
        "Privileged": service.privileged,
        "ReadonlyRootfs": service.read_only,
        "SecurityOpt": differences.security_opt(service.security_opt, engine, seccomp_profiles),
        "Sysctls": differences.sysctls(service.sysctls, service.network_mode, engine),
        "GroupAdd": list(service.group_add),
        "Dns": list(service.dns),
        "DnsSearch": list(service.dns_search),
        "DnsOptions": list(service.dns_opt),
        "ExtraHosts": extra_hosts(service),
        "Devices": [
            {"PathOnHost": entry.source, "PathInContainer": entry.target, "CgroupPermissions": entry.permissions}
            for entry in service.devices
        ],
        "IpcMode": service.ipc or "private",
        **limits_config(service.limits),
    }
    for key, value in (
        ("PidMode", service.pid),
        ("UTSMode", service.uts),
        ("UsernsMode", service.userns_mode),
        ("CgroupnsMode", service.cgroup),
        ("CgroupParent", service.cgroup_parent),
        ("DeviceCgroupRules", list(service.device_cgroup_rules)),
        ("Annotations", dict(service.annotations)),
    ):
        if value:
            config[key] = value
    if service.init is not None:
        config["Init"] = service.init
    if service.logging is not None:
        config["LogConfig"] = {
            "Type": differences.log_driver(service.logging.driver, engine),
            "Config": dict(service.logging.options),
        }
    return config


def _mounts(entries: t.Sequence[Mount], kept: t.Mapping[str, str]) -> tuple[list[str], list[Json]]:
    """Binds (the old notation, the only one with SELinux labels and without copying) and mounts."""
    binds: list[str] = []
    mounts: list[Json] = []
    named = [entry for entry in entries if entry.source]
    for entry in named:
        options = [
            *(["ro"] if entry.read_only else []),
            *([entry.selinux] if entry.selinux else []),
            *([entry.propagation] if entry.propagation else []),
            *([] if entry.copy_content or entry.type != "volume" else ["nocopy"]),
        ]
        needs_bind = entry.selinux or (entry.type == "volume" and not entry.copy_content and not entry.subpath)
        if needs_bind:
            binds.append(":".join([entry.source, entry.target, *([",".join(options)] if options else [])]))
            continue
        mount: Json = {"Type": entry.type, "Source": entry.source, "Target": entry.target, "ReadOnly": entry.read_only}
        if entry.subpath:
            mount["VolumeOptions"] = {"Subpath": entry.subpath, "NoCopy": not entry.copy_content}
        if entry.propagation:
            mount["BindOptions"] = {"Propagation": entry.propagation}
        mounts.append(mount)
    taken = {entry.target for entry in named}
    mounts.extend(
        {"Type": "volume", "Source": name, "Target": target, "ReadOnly": False}
        for target, name in sorted(kept.items())
        if target not in taken
    )
    return binds, mounts


def _healthcheck(check: t.Optional[Healthcheck], engine: str) -> t.Optional[Json]:
    if check is None:
        return None
    if check.disable:
        return {"Test": ["NONE"]}
    start = {} if check.start_interval_ns is None else {"StartInterval": check.start_interval_ns}
    return {
        "Test": differences.health_test(check.test, engine),
        "Interval": check.interval_ns or HEALTH_INTERVAL_NS,
        "Timeout": check.timeout_ns or HEALTH_TIMEOUT_NS,
        "StartPeriod": check.start_period_ns or 0,
        "Retries": check.retries or HEALTH_RETRIES,
        **start,
    }


def _exposed(service: Service) -> list[str]:
    published = {f"{port.target}/{port.protocol}" for port in service.ports}
    return sorted(published | {entry if "/" in entry else f"{entry}/tcp" for entry in service.expose})


def _port_bindings(ports: t.Sequence[Port]) -> Json:
    bindings: dict[str, list[Json]] = {}
    for port in ports:
        host_port = "" if port.published is None else str(port.published)
        bindings.setdefault(f"{port.target}/{port.protocol}", []).append(
            {"HostIp": port.host_ip, "HostPort": host_port}
        )
    return bindings


def _endpoint(service: Service, attachment: Attachment) -> Json:
    endpoint: Json = {"Aliases": _aliases(service, attachment)}
    addresses = {"IPv4Address": attachment.ipv4_address, "IPv6Address": attachment.ipv6_address}
    if any(addresses.values()):
        endpoint["IPAMConfig"] = {key: value for key, value in addresses.items() if value}
    return endpoint


def _aliases(service: Service, attachment: Attachment) -> list[str]:
    return list(dict.fromkeys([service.name, service.container_name, *attachment.aliases]))


def _capabilities(names: t.Iterable[str]) -> list[str]:
    return sorted({name.upper().removeprefix("CAP_") for name in names})
