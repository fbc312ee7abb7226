# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where the engines keep what they are told, and what they do without being told.

By itself, so that who only reads there is not sent the code that decides and writes.
"""

from __future__ import annotations

import typing as t

DAEMON_JSON = "/etc/docker/daemon.json"
# Applied to every unit whose name begins with docker-: systemd.unit(5), and so to every container's scope.
DOCKER_SCOPE_DROP_INS = "/etc/systemd/system/docker-.scope.d"
DOCKER_HUB = "docker.io"
# Docker gives these to every container and has no setting for them, so they are what both can agree on
# (moby, oci/caps/defaults.go).
DOCKER_CAPABILITIES = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
)  # fmt: skip

CONTAINERS_CONF = "/etc/containers/containers.conf"
STORAGE_CONF = "/etc/containers/storage.conf"
REGISTRIES_CONF = "/etc/containers/registries.conf"
POLICY_JSON = "/etc/containers/policy.json"
# Read in this order, later ones winning: containers.conf(5).
CONFIGURATION_FILES: tuple[str, ...] = ("/usr/share/containers/containers.conf", CONTAINERS_CONF)
CONFIGURATION_FOLDERS: tuple[str, ...] = ("/etc/containers/containers.conf.d",)
STORAGE_FILES: tuple[str, ...] = ("/usr/share/containers/storage.conf", STORAGE_CONF)
DEFAULT_GRAPH_ROOT = "/var/lib/containers/storage"


def graph_root(storage_config: t.Mapping[str, t.Mapping[str, t.Any]]) -> str:
    """Where Podman's storage is, from the merged tables of storage.conf: containers-storage.conf(5), graphroot."""
    return storage_config.get("storage", {}).get("graphroot") or DEFAULT_GRAPH_ROOT
