# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Podman, from ``podman info`` and ``containers.conf``."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.engine_values import (
    BRIDGE_MTU_BYTES,
    BUILTIN,
    UNCONFINED,
    address_pools,
    capabilities,
    no_engine,
    overlay,
    pids_limit,
    seccomp_profile,
    size_bytes,
)

_DEFAULT_PIDS_LIMIT = 2048  # containers.conf(5), pids_limit
# podman, pkg/specgen/generate/oci.go: what a container gets that nobody gave another limit.
_DEFAULT_ULIMITS = {"nofile": "1048576:1048576", "nproc": "1048576:1048576"}
_DEFAULT_SYSCTLS = ("net.ipv4.ping_group_range=0 0",)  # containers.conf(5), default_sysctls
_DEFAULT_SHM_SIZE_BYTES = 65536 * 2**10  # containers.conf(5), shm_size
# Since this version netavark gives a bridge the MTU of the default route's interface; before, the kernel's default.
_NETAVARK_FOLLOWS_UPLINK = (1, 16)

Tables = t.Mapping[str, t.Mapping[str, t.Any]]


def podman_values(info: t.Mapping[str, t.Any], config: Tables, uplink_mtu_bytes: t.Optional[int]) -> dict[str, t.Any]:
    """The engine's fields from ``podman info --format json`` and the merged tables of containers.conf."""
    host, store = info.get("host") or {}, info.get("store") or {}
    security, network = host.get("security") or {}, host.get("networkBackendInfo") or {}
    containers, networks = config.get("containers", {}), config.get("network", {})
    version = info.get("version") or {}
    driver = store.get("graphDriverName")
    backend_version = _version(network.get("version"))
    return {
        **no_engine(),
        "engine.name": "podman",
        "engine.running": True,
        "engine.version": version.get("Version"),
        "engine.api_version": version.get("APIVersion"),
        "container_defaults.rootless": bool(security.get("rootless")),
        "engine.image_store": "containers-storage",
        "container_defaults.cgroup_driver": host.get("cgroupManager"),
        # containers.conf(5), cgroupns: private on cgroup v2, host on v1.
        "container_defaults.cgroup_namespace": containers.get("cgroupns")
        or ("private" if host.get("cgroupVersion") == "v2" else "host"),
        "container_defaults.logging_driver": host.get("logDriver"),
        "container_defaults.user_namespace": containers.get("userns") or "host",
        "container_defaults.apparmor": bool(security.get("apparmorEnabled")),
        "container_defaults.selinux": bool(security.get("selinuxEnabled")),
        **seccomp_profile(_seccomp(security, containers)),
        "container_defaults.no_new_privileges": bool(containers.get("no_new_privileges")),
        "container_defaults.capabilities": capabilities((security.get("capabilities") or "").split(",")),
        "container_defaults.ulimits": _ulimits(containers.get("default_ulimits") or []),
        "container_defaults.pids_limit": pids_limit(containers.get("pids_limit"), _DEFAULT_PIDS_LIMIT),
        "container_defaults.shm_size_bytes": size_bytes(containers.get("shm_size"), _DEFAULT_SHM_SIZE_BYTES),
        "container_defaults.sysctls": sorted(containers.get("default_sysctls", _DEFAULT_SYSCTLS)),
        "oci_runtime.name": (host.get("ociRuntime") or {}).get("name"),
        "engine_network.backend": host.get("networkBackend"),
        "engine_network.version": backend_version,
        "engine_network.firewall_driver": networks.get("firewall_driver") or "default",
        "engine_network.default_address_pools": _pools(networks),
        "engine_network.mtu_bytes": _mtu_bytes(backend_version, uplink_mtu_bytes),
        "engine_network.rootless_command": host.get("rootlessNetworkCmd") or None,
        "storage.driver": overlay(driver),
        "storage.driver_name": driver,
        "storage.root_directory": store.get("graphRoot"),
        "storage.supports_d_type": (store.get("graphStatus") or {}).get("Supports d_type") == "true",
    }


def podman_runtime_command(info: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """The path of the OCI runtime."""
    runtime = (info.get("host") or {}).get("ociRuntime") or {}
    return runtime.get("path") or runtime.get("name")


def _ulimits(configured: t.Iterable[str]) -> list[str]:
    limits = {**_DEFAULT_ULIMITS, **dict(entry.split("=", 1) for entry in configured if "=" in entry)}
    return sorted(f"{name}={value}" for name, value in limits.items())


def _seccomp(security: t.Mapping[str, t.Any], containers: t.Mapping[str, t.Any]) -> str:
    if not security.get("seccompEnabled"):
        return UNCONFINED
    return containers.get("seccomp_profile") or security.get("seccompProfilePath") or BUILTIN


def _version(text: t.Optional[str]) -> t.Optional[str]:
    """The number in ``netavark 1.14.0``."""
    found = re.search(r"\d+(\.\d+)+\S*", text or "")
    return found.group(0) if found else None


def _mtu_bytes(backend_version: t.Optional[str], uplink_mtu_bytes: t.Optional[int]) -> int:
    numbers = tuple(int(part) for part in re.findall(r"\d+", backend_version or "")[:2])
    follows = numbers >= _NETAVARK_FOLLOWS_UPLINK
    return uplink_mtu_bytes if follows and uplink_mtu_bytes else BRIDGE_MTU_BYTES


def _pools(networks: t.Mapping[str, t.Any]) -> list[str]:
    configured = [pool for pool in networks.get("default_subnet_pools") or [] if isinstance(pool, dict)]
    pools = [(pool.get("base"), pool.get("size")) for pool in configured]
    return address_pools([networks.get("default_subnet")], pools)
