# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Docker's effective configuration: daemon.json and flags over its defaults (dockerd(8))."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines import host
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.docker_flags import (
    merge_options,
    parse_flags,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.words import (
    Configuration,
    NoSetting,
    mapping,
    on_off,
    texts,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.read import parse_daemon_json
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import DOCKER_HUB
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.files import (
        DockerFiles,
        HostFiles,
    )

DATA_ROOT = "/var/lib/docker"
BOUNDED_DRIVERS = ("journald", "local")
FILE_DRIVER = "json-file"


def docker_configuration(files: DockerFiles, machine: HostFiles) -> Configuration:
    """Every option. Raises ContainerHostError when daemon.json can't be understood."""
    given = parse_daemon_json(files.daemon_json)
    if given is None:
        raise ContainerHostError("daemon.json is no JSON object; the role engine writes it anew")
    options: t.Mapping[str, t.Any] = given
    for words in files.flags:
        options = merge_options(options, parse_flags(words))
    profile = str(options.get("seccomp-profile") or "")
    return {
        "apparmor": ("default",),
        "bridge_traffic": ("allowed",) if options.get("icc", True) else ("denied",),
        "cgroup_driver": (_cgroup_driver(options, machine),),
        "cgroup_parent": (str(options.get("cgroup-parent") or "default"),),
        "container_log": (_container_log(options),),
        "data_filesystem": (host.data_filesystem(str(options.get("data-root") or DATA_ROOT), machine),),
        "experimental": on_off(options.get("experimental", False)),
        # Docker gives every container the same fourteen and can't be told otherwise.
        "extra_capabilities": (),
        "firewall": ("managed",) if options.get("iptables", True) else ("not managed",),
        "host_namespaces": _host_namespaces(options, machine),
        "insecure_registries": texts(options.get("insecure-registries")),
        "live_restore": on_off(options.get("live-restore", False)),
        "log_level": ("debug" if options.get("debug") else str(options.get("log-level") or "info"),),
        "no_new_privileges": on_off(options.get("no-new-privileges", False)),
        "overlapping_ids": NoSetting("only Podman is set up for users without privileges"),
        "pids_limit": (_pids_limit(files.scope_drop_ins),),
        "rootless_helpers": NoSetting("only Podman is set up for users without privileges"),
        "search_registries": (DOCKER_HUB,),
        "seccomp": ("default" if profile in ("", "builtin", "default") else profile,),
        "selinux_labels": on_off(options.get("selinux-enabled", False)) if machine.has_selinux else ("not needed",),
        "short_names": NoSetting("with Docker a short image name always means Docker Hub"),
        "signature_policy": NoSetting("Docker checks no signatures"),
        "socket_users": tuple(host.group_members(str(options.get("group") or "docker"), machine)),
        "storage_driver": (str(options.get("storage-driver") or "overlay2"),),
        "swarm": ("active",) if files.has_swarm else ("inactive",),
        "tcp_listeners": _tcp_listeners(options, files.listen),
        "ulimits": _ulimits(options),
        "user_namespace": ("remapped",) if options.get("userns-remap") else ("host",),
        "userland_proxy": on_off(options.get("userland-proxy", True)),
    }


def _cgroup_driver(options: t.Mapping[str, t.Any], machine: HostFiles) -> str:
    named = [option.partition("=")[2] for option in texts(options.get("exec-opts")) if "cgroupdriver" in option]
    return named[-1] if named else "systemd" if machine.has_unified_cgroups else "cgroupfs"


def _container_log(options: t.Mapping[str, t.Any]) -> str:
    driver = options.get("log-driver") or FILE_DRIVER
    if driver == "none":
        return "none"
    # Other drivers hand over to a program that has bounds of its own.
    bounded = driver != FILE_DRIVER or bool(mapping(options.get("log-opts")).get("max-size"))
    return "bounded" if bounded or driver in BOUNDED_DRIVERS else "unbounded"


def _host_namespaces(options: t.Mapping[str, t.Any], machine: HostFiles) -> tuple[str, ...]:
    cgroup = options.get("default-cgroupns-mode") or ("private" if machine.has_unified_cgroups else "host")
    shared = {"cgroup": cgroup, "ipc": options.get("default-ipc-mode") or "private"}
    return tuple(name for name, mode in shared.items() if mode == "host")


def _pids_limit(scope_drop_ins: t.Iterable[str]) -> str:
    """Docker has no setting; systemd bounds the scope of each container (systemd.resource-control(5))."""
    found = [word for text in scope_drop_ins for word in re.findall(r"(?m)^\s*TasksMax\s*=\s*(\S+)\s*$", text)]
    return "bounded" if found and found[-1] != "infinity" else "unbounded"


def _tcp_listeners(options: t.Mapping[str, t.Any], listen: t.Iterable[str]) -> tuple[str, ...]:
    hosts = texts(options.get("hosts"))
    open_hosts = [] if options.get("tlsverify") else [entry for entry in hosts if entry.startswith("tcp://")]
    return (*open_hosts, *host.network_addresses(listen))


def _ulimits(options: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    given = mapping(options.get("default-ulimits"))
    return tuple(sorted(name for name, limit in given.items() if str(mapping(limit).get("Hard", -1)) != "-1"))
