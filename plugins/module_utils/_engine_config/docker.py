# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Docker Engine's configuration from the common intent: daemon.json, registry authorities, unit drop-ins."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import (
    DAEMON_RELOAD,
    ENGINE,
    JOURNAL_PATH,
    NOTICE,
    SECCOMP_PATH,
    ConfigFile,
    ConfigSet,
    journal_file,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import (
    Settings,
    first_subnet,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import DAEMON_JSON

OPTIONS_PATH = "/etc/default/docker"
SCOPE_DROP_IN = "/etc/systemd/system/docker-.scope.d/50-container-host.conf"

# dockerd takes these over on SIGHUP (dockerd(8), "Configuration reload behavior"); all others need a restart.
RELOADABLE_KEYS = frozenset(
    {
        "authorization-plugins", "debug", "default-runtime", "features", "insecure-registries", "labels",
        "live-restore", "max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts",
        "registry-mirrors", "runtimes", "shutdown-timeout",
    }
)  # fmt: skip


def daemon_options(settings: Settings, version: tuple[int, ...]) -> dict[str, t.Any]:
    """The content of daemon.json for this Docker version (empty: the newest). Sockets are left to systemd's unit."""
    subnet = first_subnet(settings)
    pool = {"base": settings.address_pool, "size": settings.address_pool_prefix}
    options: dict[str, t.Any] = {
        "bip": f"{subnet[1]}/{subnet.prefixlen}",
        "data-root": "/var/lib/docker",
        "default-address-pools": [pool],
        "default-cgroupns-mode": "private",
        "default-ipc-mode": "private",
        "default-runtime": settings.oci_runtime,
        "default-shm-size": "64M",
        "exec-opts": [f"native.cgroupdriver={settings.cgroup_driver}"],
        "experimental": False,
        "icc": False,
        "init": False,
        "iptables": True,
        "live-restore": settings.live_restore,
        "log-level": "info",
        "selinux-enabled": True,
        "storage-driver": "overlay2",
        "userland-proxy": False,
        **_logging(settings),
        **_registries(settings),
    }
    if settings.ulimits:
        options["default-ulimits"] = {
            limit.name: {"Name": limit.name, "Soft": limit.soft, "Hard": limit.hard} for limit in settings.ulimits
        }
    if settings.oci_runtime != "runc":
        options["runtimes"] = {settings.oci_runtime: {"path": settings.oci_runtime}}
    if settings.dns_servers:
        options["dns"] = list(settings.dns_servers)
    if settings.dns_search:
        options["dns-search"] = list(settings.dns_search)
    if settings.seccomp_profile:
        options["seccomp-profile"] = SECCOMP_PATH
    if settings.no_new_privileges:
        options["no-new-privileges"] = True
    if settings.cgroup_parent:
        options["cgroup-parent"] = settings.cgroup_parent
    if settings.mtu:
        options["mtu"] = settings.mtu
    if settings.mtu and _since(version, 24):
        # "mtu" alone reaches the default bridge only (moby#43197).
        options["default-network-opts"] = {"bridge": {"com.docker.network.driver.mtu": str(settings.mtu)}}
    if _since(version, 23):
        # One image store on fresh and on upgraded hosts; the other one hides existing images.
        options["features"] = {"containerd-snapshotter": False}
    if version and _since(version, 29):
        options["firewall-backend"] = "iptables"
    return dict(sorted(options.items()))


def _since(version: tuple[int, ...], major: int) -> bool:
    return not version or version[0] >= major


def _logging(settings: Settings) -> dict[str, t.Any]:
    if settings.log_driver == "journald":
        return {"log-driver": "journald"}
    bounds = {"max-size": f"{settings.log_max_size_mib}m", "max-file": str(settings.log_max_files)}
    return {"log-driver": "json-file", "log-opts": bounds}


def _registries(settings: Settings) -> dict[str, t.Any]:
    insecure = [registry.location for registry in settings.registries if registry.insecure]
    mirrors = [
        f"{'http' if mirror in insecure else 'https'}://{mirror}"
        for registry in settings.registries
        for mirror in registry.mirrors
    ]
    found: dict[str, t.Any] = {}
    if insecure:
        found["insecure-registries"] = insecure
    if mirrors:
        found["registry-mirrors"] = mirrors
    return found


def render_docker(settings: Settings, version: tuple[int, ...] = ()) -> ConfigSet:
    """Every file of a Docker host for these settings and this Docker version (empty: the newest)."""
    options = daemon_options(settings, version)
    files = [
        ConfigFile(DAEMON_JSON, json.dumps(options, indent=2) + "\n", ENGINE),
        # Flags there would fight with daemon.json, or open a TCP socket.
        ConfigFile(OPTIONS_PATH, f"# {NOTICE}\n", ENGINE),
    ]
    if settings.seccomp_profile:
        files.append(ConfigFile(SECCOMP_PATH, settings.seccomp_profile, ENGINE))
    if settings.pids_limit and settings.cgroup_driver == "systemd":
        # Docker has no setting for a default bound on processes; the scope of each container is a systemd unit.
        content = f"# {NOTICE}\n[Scope]\nTasksMax={settings.pids_limit}\n"
        files.append(ConfigFile(SCOPE_DROP_IN, content, DAEMON_RELOAD))
    if settings.log_driver == "journald":
        files.append(journal_file(settings.journal_max_size_mib))
    files += [
        ConfigFile(f"/etc/docker/certs.d/{registry.location}/ca.crt", registry.ca_certificate)
        for registry in settings.registries
        if registry.ca_certificate
    ]
    return ConfigSet(tuple(files), ("/etc/docker/certs.d/*/ca.crt", SCOPE_DROP_IN, SECCOMP_PATH, JOURNAL_PATH))


def changed_options(before: t.Optional[str], after: str) -> set[str]:
    """The keys of daemon.json that differ; every key of ``after`` when ``before`` is absent or no JSON object."""
    new = json.loads(after)
    try:
        old = json.loads(before or "{}")
    except ValueError:
        old = {}
    old = old if isinstance(old, dict) else {}
    return {key for key in {*old, *new} if old.get(key) != new.get(key)}


def restart_steps(before: t.Optional[str], after: str) -> tuple[str, ...]:
    """What makes a running dockerd take over a changed daemon.json, gentlest first: reload, restart, or both.

    Containers survive a restart only when live-restore is on already; it can be turned on by a reload, so a
    configuration that turns it on is reloaded before the restart.
    """
    changed = changed_options(before, after)
    if not changed:
        return ()
    if changed <= RELOADABLE_KEYS:
        return ("reload",)
    turns_on = "live-restore" in changed and json.loads(after).get("live-restore") is True
    return ("reload", "restart") if turns_on else ("restart",)
