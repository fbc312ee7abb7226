# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where container engines keep images, containers and volumes, as their configuration says."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import parse_toml

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

_DEFAULTS = ("/var/lib/docker", "/var/lib/containerd", "/var/lib/containers/storage")


def container_stores(io: HostIO) -> tuple[str, ...]:
    """The stores of Docker, containerd and rootful Podman.

    Those of engines that are not installed are named too: an engine may come after the baseline.
    """
    docker, containerd, podman = _DEFAULTS
    try:
        settings = json.loads(io.read_text("/etc/docker/daemon.json") or "{}")
    except ValueError:
        settings = {}
    if isinstance(settings, dict):
        docker = str(settings.get("data-root") or docker)
    top = parse_toml(io.read_text("/etc/containerd/config.toml") or "").get("", {})
    containerd = str(top.get("root") or containerd)
    for path in ("/usr/share/containers/storage.conf", "/etc/containers/storage.conf"):
        podman = str(parse_toml(io.read_text(path) or "").get("storage", {}).get("graphroot") or podman)
    return docker, containerd, podman
