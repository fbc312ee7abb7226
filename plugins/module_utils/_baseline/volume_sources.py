# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The directories of a host that its containers write to, running or not, as the engines' own files say."""

from __future__ import annotations

import json
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

SHARED = frozenset(
    {"/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/lib", "/var/log"}  # noqa: S108
)
SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/sbin", "/usr")
"""A container that is handed one of these does not make it its own."""

_PODMAN_STATE = "overlay-containers/*/userdata/config.json"


def volume_sources(io: HostIO, docker: str, podman: str) -> list[str]:
    """Directories that are a container's to write to. docker, podman: the engines' stores."""
    found: set[str] = set()
    for path in io.glob(f"{docker}/containers/*/config.v2.json"):
        mounts = _read(io, path).get("MountPoints")
        for mount in mounts.values() if isinstance(mounts, dict) else ():
            if mount.get("Type") == "bind" and mount.get("RW"):
                found.add(str(mount.get("Source")))
    stores = (podman, "/home/*/.local/share/containers/storage", "/root/.local/share/containers/storage")
    for path in (path for store in stores for path in io.glob(f"{store}/{_PODMAN_STATE}")):
        mounts = _read(io, path).get("mounts")
        for mount in mounts if isinstance(mounts, list) else ():
            if mount.get("type") == "bind" and "ro" not in (mount.get("options") or ()):
                found.add(str(mount.get("source")))
    return sorted(path for path in found if path.startswith("/") and not _is_hosts_own(path))


def _is_hosts_own(path: str) -> bool:
    return path in SHARED or any(path == folder or path.startswith(f"{folder}/") for folder in SYSTEM)


def _read(io: HostIO, path: str) -> dict[str, t.Any]:
    try:
        content = json.loads(io.read_text(path) or "{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
