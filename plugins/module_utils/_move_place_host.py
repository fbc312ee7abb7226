# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where a move writes on this host, and what room is left there: of the file system, and of a project's quota."""

from __future__ import annotations

import json
import os.path
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import mount_of, parse_mountinfo
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import PODMAN
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

Json = dict[str, t.Any]

# libpod's own call: the one that Docker has, too, does not tell where volumes are.
PODMAN_INFO = "/v4.0.0/libpod/info"
PODMAN_SECONDS = 60.0


def place(io: HostIO, path: str) -> Json:
    """What the module move_host_info returns for a path: see its documentation."""
    real = io.real_path(path)
    while not io.exists(real) and real != "/":
        real = os.path.dirname(real)
    mount = mount_of(real, parse_mountinfo(io.read_text("/proc/self/mountinfo") or ""))
    free = io.free_bytes(real)
    return {
        "path": real,
        "file_system": mount.device if mount else "",
        "project": io.quota_project(real),
        "free_bytes": free,
        # No quota of a directory below counts at the top.
        "file_system_free_bytes": io.free_bytes(mount.path) if mount else free,
    }


def engine_places(client: EngineClient, io: HostIO, engine_directory: str) -> dict[str, t.Optional[Json]]:
    """Where the engine puts new volumes, and images; None for those where engine_directory is "". Raises HostError."""
    if engine_directory and not io.exists(engine_directory):
        raise HostError(
            f"engine_directory: {engine_directory} is absent; give storage.root_directory of the host's contract"
        )
    volumes, driver = _podman(client, io) if client.identity.engine == PODMAN else _docker(client)
    # Layers are in a directory named after the driver, which may be a file system of its own.
    images = f"{engine_directory.rstrip('/')}/{driver}"
    return {"volumes": place(io, volumes), "images": place(io, images) if engine_directory else None}


def _docker(client: EngineClient) -> tuple[str, str]:
    about = client.about()
    return f"{about['DockerRootDir']}/volumes", str(about.get("Driver") or "")


def _podman(client: EngineClient, io: HostIO) -> tuple[str, str]:
    socket = client.identity.socket
    status, text = io.get_from_socket(socket, PODMAN_INFO, PODMAN_SECONDS)
    try:
        store = json.loads(text)["store"] if status == 200 else {}
        return str(store["volumePath"]), str(store["graphDriverName"])
    except (ValueError, KeyError, TypeError) as error:
        raise HostError(
            f"{socket}: GET {PODMAN_INFO} was answered with {status}, without the place of volumes"
        ) from error
