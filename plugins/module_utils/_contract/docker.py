# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Docker Engine, from its API (``/version``, ``/info``) and ``daemon.json``."""

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
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import UNLIMITED

# The daemon has no setting for them: moby, oci/caps/defaults.go.
DEFAULT_CAPABILITIES = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
)  # fmt: skip
# Given to every container unless user ids are remapped: moby, daemon/oci_linux.go.
DEFAULT_SYSCTLS = ("net.ipv4.ip_unprivileged_port_start=0", "net.ipv4.ping_group_range=0 2147483647")
_DEFAULT_SHM_SIZE_BYTES = 64 * 2**20  # moby, daemon/config: DefaultShmSize
_CONTAINERD_ROOT = "/var/lib/containerd"


def docker_values(
    version: t.Mapping[str, t.Any],
    info: t.Mapping[str, t.Any],
    config: t.Mapping[str, t.Any],
    scope_drop_ins: t.Iterable[str] = (),
) -> dict[str, t.Any]:
    """The engine's fields from the API's answers and the daemon's configuration; the runtime's own version excepted.

    scope_drop_ins: the texts of systemd's drop-ins for the scopes of containers, in the order systemd reads them.
    """
    options = _security_options(info)
    status = {str(pair[0]): str(pair[1]) for pair in info.get("DriverStatus") or [] if len(pair) == 2}
    containerd_store = status.get("driver-type", "").startswith("io.containerd.snapshotter")
    # The daemon refuses file systems without d_type; only the graph driver says so in so many words.
    d_type = status.get("Supports d_type", "true" if overlay(info.get("Driver")) == "overlay" else "")
    seccomp = options.get("seccomp", {}).get("profile", UNCONFINED if "seccomp" not in options else BUILTIN)
    return {
        **no_engine(),
        "engine.name": "docker",
        "engine.running": True,
        "engine.version": version.get("Version"),
        "engine.api_version": version.get("ApiVersion"),
        "container_defaults.rootless": "rootless" in options,
        "engine.image_store": "containerd" if containerd_store else "graphdriver",
        "container_defaults.cgroup_driver": info.get("CgroupDriver"),
        "container_defaults.cgroup_namespace": "private" if "cgroupns" in options else "host",
        "container_defaults.logging_driver": info.get("LoggingDriver"),
        "container_defaults.user_namespace": "remap" if "userns" in options else "host",
        "container_defaults.apparmor": "apparmor" in options,
        "container_defaults.selinux": "selinux" in options,
        # Until 23.0 the built-in profile was called default.
        **seccomp_profile(BUILTIN if seccomp == "default" else seccomp),
        "container_defaults.no_new_privileges": "no-new-privileges" in options,
        "container_defaults.capabilities": capabilities(DEFAULT_CAPABILITIES),
        "container_defaults.ulimits": _ulimits(config.get("default-ulimits")),
        "container_defaults.pids_limit": _pids_limit(info, scope_drop_ins),
        "container_defaults.shm_size_bytes": size_bytes(config.get("default-shm-size"), _DEFAULT_SHM_SIZE_BYTES),
        "container_defaults.sysctls": [] if {"userns", "rootless"} & set(options) else list(DEFAULT_SYSCTLS),
        "engine.live_restore": bool(info.get("LiveRestoreEnabled")),
        "oci_runtime.name": info.get("DefaultRuntime"),
        "engine_network.backend": "libnetwork",
        "engine_network.firewall_driver": (info.get("FirewallBackend") or {}).get("Driver") or "iptables",
        "engine_network.default_address_pools": _pools(info, config),
        "engine_network.mtu_bytes": config.get("mtu") or BRIDGE_MTU_BYTES,
        "storage.driver": overlay(info.get("Driver")),
        "storage.driver_name": info.get("Driver"),
        "storage.root_directory": _CONTAINERD_ROOT if containerd_store else info.get("DockerRootDir"),
        "storage.supports_d_type": d_type == "true",
    }


def docker_runtime_command(info: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """The command of the default OCI runtime; before 23.0 the built-in one is listed without a path."""
    name = info.get("DefaultRuntime")
    runtime = (info.get("Runtimes") or {}).get(name) or {}
    return runtime.get("path") or name


def _security_options(info: t.Mapping[str, t.Any]) -> dict[str, dict[str, str]]:
    """``name=seccomp,profile=builtin`` as ``{"seccomp": {"profile": "builtin"}}``."""
    options = {}
    for text in info.get("SecurityOptions") or []:
        pairs = dict(part.partition("=")[::2] for part in text.split(","))
        options[pairs.pop("name", text)] = pairs
    return options


def _pids_limit(info: t.Mapping[str, t.Any], scope_drop_ins: t.Iterable[str]) -> t.Union[int, str]:
    """The daemon has no setting, but systemd limits the scope of each container (systemd.resource-control(5))."""
    if info.get("CgroupDriver") != "systemd":
        return UNLIMITED
    words = [word for text in scope_drop_ins for word in re.findall(r"(?m)^\s*TasksMax\s*=\s*(\S+)\s*$", text)]
    return pids_limit(int(words[-1]) if words and words[-1].isdigit() else None, UNLIMITED)


def _ulimits(configured: t.Optional[t.Mapping[str, t.Mapping[str, int]]]) -> list[str]:
    return sorted(f"{name}={entry.get('Soft')}:{entry.get('Hard')}" for name, entry in (configured or {}).items())


def _pools(info: t.Mapping[str, t.Any], config: t.Mapping[str, t.Any]) -> list[str]:
    pools = [(pool.get("Base"), pool.get("Size")) for pool in info.get("DefaultAddressPools") or []]
    return address_pools([config.get("bip")], pools)
