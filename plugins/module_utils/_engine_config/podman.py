# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Podman's configuration from the common intent: containers.conf, storage.conf, registries.conf, policy.json."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import (
    ENGINE,
    JOURNAL_PATH,
    SECCOMP_PATH,
    ConfigFile,
    ConfigSet,
    Inline,
    journal_file,
    render_toml,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import (
    Registry,
    Settings,
    first_subnet,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONTAINERS_CONF,
    DOCKER_CAPABILITIES,
    DOCKER_HUB,
    POLICY_JSON,
    REGISTRIES_CONF,
    STORAGE_CONF,
)

DEFAULT_NETWORK = "/etc/containers/networks/podman.json"
# Podman's default network has the SHA-256 of its name as id; a file with another id is refused.
DEFAULT_NETWORK_ID = hashlib.sha256(b"podman").hexdigest()

# The first as Docker sets it in every network namespace (moby, daemon/oci_linux.go, WithSysctls). The second would be
# "0 2147483647", which Docker leaves out for containers in a user namespace, and Podman can't: the kernel takes no
# range with groups the namespace lacks. Workloads get it when they are deployed.
SYSCTLS = ("net.ipv4.ip_unprivileged_port_start=0", "net.ipv4.ping_group_range=0 0")
# What Podman gives containers without being told (podman, pkg/specgen/generate/oci.go), bounded by what a user without
# privileges may have; said in containers.conf it would not be bounded, and no rootless container could start.
BUILT_IN_ULIMITS = ("nofile=1048576:1048576", "nproc=1048576:1048576")
# A command executed in a container gets the limits of the program that executes it instead: through the socket, those
# of the service.
SERVICE_DROP_IN = "/etc/systemd/system/podman.service.d/50-container-host.conf"
# What Docker writes into every /etc/hosts (moby, libnetwork/etchosts/etchosts.go).
DOCKER_HOSTS = (
    ("127.0.0.1", "localhost"),
    ("::1", "localhost ip6-localhost ip6-loopback"),
    ("fe00::0", "ip6-localnet"),
    ("ff00::0", "ip6-mcastprefix"),
    ("ff02::1", "ip6-allnodes"),
    ("ff02::2", "ip6-allrouters"),
)
HOSTS_PATH = "/etc/container-host/hosts"
DOCKER_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _ulimits(settings: Settings, built_in: bool) -> list[str]:
    """The limits, name=soft:hard, that are Podman's own without being said, or all others."""
    limits = [f"{limit.name}={limit.soft}:{limit.hard}" for limit in settings.ulimits]
    return [limit for limit in limits if (limit in BUILT_IN_ULIMITS) is built_in]


def _service_limits(settings: Settings) -> str:
    """The drop-in of podman.service (systemd.exec(5), "Process Properties"); empty when there is nothing to say."""
    own = _ulimits(settings, built_in=True)
    lines = [f"Limit{name.upper()}={values}" for name, _equals, values in (limit.partition("=") for limit in own)]
    return "\n".join(["[Service]", *lines, ""]) if lines else ""


def containers_conf(settings: Settings) -> str:
    """containers.conf(5): every default that differs from Docker's is said here, with Docker's value."""
    on_file = settings.log_driver == "file"
    pool = (("base", settings.address_pool), ("size", settings.address_pool_prefix))
    containers = {
        # Docker starts from lines of its own, not from the host's file, and adds no name of the host.
        "base_hosts_file": HOSTS_PATH,
        "host_containers_internal_ip": "none",
        "cgroupns": "private",
        "default_capabilities": list(DOCKER_CAPABILITIES),
        "default_sysctls": list(SYSCTLS),
        "default_ulimits": _ulimits(settings, built_in=False),
        "dns_servers": list(settings.dns_servers),
        "dns_searches": list(settings.dns_search),
        "env": [DOCKER_PATH],
        "http_proxy": False,
        "init": False,
        "ipcns": "private",
        "label": True,
        "log_driver": "k8s-file" if on_file else "journald",
        "log_size_max": settings.log_max_size_mib * 1024 * 1024 if on_file else None,
        "netns": "private",
        "pids_limit": settings.pids_limit,
        "seccomp_profile": SECCOMP_PATH if settings.seccomp_profile else None,
        # 64 MiB as Docker means it; with a unit Podman would count by thousands.
        "shm_size": "67108864",
        "tz": "",
        "umask": "0022",
        "userns": "host",
    }
    engine = {
        "cgroup_manager": settings.cgroup_driver,
        "compat_api_enforce_docker_hub": True,
        # Images built here keep their health checks, as with Docker: the OCI format has none.
        "env": ["BUILDAH_FORMAT=docker"],
        "events_logger": "journald",
        "runtime": settings.oci_runtime,
        # By default the service ends after 5 idle seconds, on a busy host even while it still works on an answer.
        "service_timeout": 300,
        "stop_timeout": 10,
    }
    network = {
        "network_backend": "netavark",
        "default_subnet": str(first_subnet(settings)),
        "default_subnet_pools": Inline((pool,)),
    }
    return render_toml({"containers": containers, "engine": engine, "network": network})


def storage_conf() -> str:
    """containers-storage.conf(5). Layers are pulled whole, so that the same image gets the same id on every host."""
    storage = {"driver": "overlay", "runroot": "/run/containers/storage", "graphroot": "/var/lib/containers/storage"}
    pull = {"enable_partial_images": "false", "use_hard_links": "false", "ostree_repos": ""}
    return render_toml(
        {
            "storage": storage,
            "storage.options": {"pull_options": pull},
            "storage.options.overlay": {"mountopt": "nodev"},
        }
    )


def registries_conf(registries: t.Sequence[Registry]) -> str:
    """containers-registries.conf(5): a short name means Docker Hub and nothing else, as with Docker."""
    insecure = {registry.location for registry in registries if registry.insecure}
    tables = []
    for registry in registries:
        table: dict[str, t.Any] = {"location": registry.location, "insecure": registry.insecure}
        if registry.mirrors:
            table["mirror"] = [{"location": mirror, "insecure": mirror in insecure} for mirror in registry.mirrors]
        tables.append(table)
    top: dict[str, t.Any] = {"unqualified-search-registries": [DOCKER_HUB], "short-name-mode": "enforcing"}
    if tables:
        top["registry"] = tables
    return render_toml({"": top})


def policy_json() -> str:
    """containers-policy.json(5): Docker checks no signatures, so by default neither does Podman."""
    anything = [{"type": "insecureAcceptAnything"}]
    return json.dumps({"default": anything}, indent=2) + "\n"


def _default_network(settings: Settings) -> str:
    """The default network with its MTU, which containers.conf can't set (podman-network(1))."""
    subnet = first_subnet(settings)
    return (
        json.dumps(
            {
                "name": "podman",
                "id": DEFAULT_NETWORK_ID,
                "driver": "bridge",
                "network_interface": "podman0",
                "created": "2026-01-01T00:00:00Z",
                "subnets": [{"subnet": str(subnet), "gateway": str(subnet[1])}],
                "ipv6_enabled": False,
                "internal": False,
                "dns_enabled": False,
                "ipam_options": {"driver": "host-local"},
                "options": {"mtu": str(settings.mtu)},
            },
            indent=2,
        )
        + "\n"
    )


def render_podman(settings: Settings) -> ConfigSet:
    """Every file of a Podman host for these settings."""
    files = [
        ConfigFile(CONTAINERS_CONF, containers_conf(settings), ENGINE),
        ConfigFile(STORAGE_CONF, storage_conf(), ENGINE),
        ConfigFile(REGISTRIES_CONF, registries_conf(settings.registries), ENGINE),
        ConfigFile(POLICY_JSON, policy_json(), ENGINE),
        # Read when a container starts.
        ConfigFile(HOSTS_PATH, "".join(f"{address}\t{names}\n" for address, names in DOCKER_HOSTS)),
    ]
    limits = _service_limits(settings)
    if limits:
        files.append(ConfigFile(SERVICE_DROP_IN, limits, ENGINE))
    if settings.seccomp_profile:
        files.append(ConfigFile(SECCOMP_PATH, settings.seccomp_profile, ENGINE))
    if settings.mtu:
        files.append(ConfigFile(DEFAULT_NETWORK, _default_network(settings), ENGINE))
    if settings.log_driver == "journald":
        files.append(journal_file(settings.journal_max_size_mib))
    files += [
        ConfigFile(f"/etc/containers/certs.d/{registry.location}/ca.crt", registry.ca_certificate)
        for registry in settings.registries
        if registry.ca_certificate
    ]
    owned = (
        # Drop-ins would be merged over the files above: aliases of short names, other defaults.
        "/etc/containers/containers.conf.d/*.conf",
        "/etc/containers/registries.conf.d/*.conf",
        "/etc/containers/storage.conf.d/*.conf",
        "/etc/containers/certs.d/*/ca.crt",
        SERVICE_DROP_IN,
        SECCOMP_PATH,
        JOURNAL_PATH,
    )
    return ConfigSet(tuple(files), owned)
