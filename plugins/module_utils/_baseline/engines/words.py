# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The words in which controls speak of an engine's configuration; they mean the same for Docker and Podman."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

OPTIONS = {
    "apparmor": "default, or unconfined: AppArmor's profile for containers",
    "bridge_traffic": "allowed or denied between containers on the default network",
    "cgroup_driver": "who manages control groups: systemd or cgroupfs",
    "cgroup_parent": "the control group above all containers: default, or its name",
    "container_log": "bounded or unbounded on disk, or none",
    "data_filesystem": "own or shared: where images and volumes are",
    "experimental": "on or off",
    "extra_capabilities": "capabilities beyond Docker's fourteen that every container gets",
    "firewall": "managed or not managed by the engine",
    "host_namespaces": "namespaces every container shares with the host, user namespaces apart",
    "insecure_registries": "registries reached by plain HTTP or without checking their certificate",
    "live_restore": "on or off: containers outlive a restart of the engine",
    "log_level": "the engine's own log",
    "no_new_privileges": "on or off for all containers",
    "overlapping_ids": "users whose subordinate ids belong to somebody else too",
    "pids_limit": "bounded or unbounded: processes of a container",
    "rootless_helpers": "programs that hand out subordinate ids and can't: newuidmap, newgidmap",
    "search_registries": "registries a short image name may mean",
    "seccomp": "default, a path, or unconfined",
    "selinux_labels": "on or off, or not needed where SELinux is off",
    "short_names": "enforcing, permissive or disabled",
    "signature_policy": "present, missing or broken",
    "socket_users": "users who can use the engine's socket as root does",
    "storage_driver": "the engine's word for it",
    "swarm": "active or inactive",
    "tcp_listeners": "addresses on which the engine answers whoever can't show a certificate",
    "ulimits": "resource limits every container starts with, unlimited ones left out",
    "user_namespace": "host or remapped",
    "userland_proxy": "on or off: published ports go through a process of Docker's",
}
"""Option -> its values."""


@dataclass(frozen=True)
class NoSetting:
    """The engine can't be told; why, and what does it instead."""

    reason: str


Value = t.Union[tuple[str, ...], NoSetting]
"""The effective values; none at all is an empty tuple."""

Configuration = dict[str, Value]
"""Option -> its value, for one engine."""


def on_off(value: t.Any) -> tuple[str, ...]:
    """A boolean as a word."""
    return ("on",) if value else ("off",)


def texts(value: t.Any) -> tuple[str, ...]:
    """A list from a file as texts; empty for anything else, which the engine refuses itself."""
    return tuple(str(entry) for entry in value) if isinstance(value, (list, tuple)) else ()


def mapping(value: t.Any) -> t.Mapping[str, t.Any]:
    """A mapping from a file; empty for anything else."""
    return value if isinstance(value, t.Mapping) else {}


def describe(values: t.Iterable[str]) -> str:
    """Values as a person writes them."""
    return ", ".join(values) or "none"
