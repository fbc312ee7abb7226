# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a move writes, from mounts as the kernel lists them and the engines' answers."""

from __future__ import annotations

import json
import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_place_host as places
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

MOUNTINFO = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 8:2 / /var/lib/docker rw,relatime - xfs /dev/sdb1 rw,prjquota
24 22 0:45 /@srv /srv rw - btrfs /dev/sdc1 rw,subvol=/@srv
"""
PODMAN_SOCKET = "/run/podman/podman.sock"
STORE = {"graphRoot": "/srv/podman", "graphDriverName": "overlay", "volumePath": "/var/volumes"}


def machine(answer: tuple[int, str] = (200, json.dumps({"store": STORE}))) -> FakeHostIO:
    io = FakeHostIO(
        files={"/proc/self/mountinfo": MOUNTINFO},
        directories=("/var/lib/docker/volumes", "/var/lib/docker/overlay2", "/srv/podman", "/var/volumes", "/data"),
        links={"/var/lib/moves": "/data/moves"},
        sockets={(PODMAN_SOCKET, "/v4.0.0/libpod/info"): answer},
    )
    io.free_at = {"/": 1000, "/var/lib/docker": 500, "/var/lib/docker/volumes": 20, "/srv": 9}
    io.projects = {"/var/lib/docker/volumes": 7}
    return io


class Engine:
    """As much of a client as is asked."""

    def __init__(self, engine: str = "docker", driver: str = "overlay2") -> None:
        self.identity, self.driver = EngineIdentity(engine, "", "", PODMAN_SOCKET), driver

    def about(self) -> dict[str, t.Any]:
        assert self.identity.engine == "docker"
        return {"DockerRootDir": "/var/lib/docker", "Driver": self.driver}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/var/lib/docker/overlay2", ("/var/lib/docker/overlay2", "8:2", 0, 500, 500)),
        # statvfs(3) tells what is left of the quota there.
        ("/var/lib/docker/volumes/shop/_data", ("/var/lib/docker/volumes", "8:2", 7, 20, 500)),
        ("/var/lib/moves/shop-1", ("/data", "8:1", 0, 1000, 1000)),
        ("/srv/other", ("/srv", "0:45", 0, 9, 9)),
        ("/nowhere/at/all", ("/", "8:1", 0, 1000, 1000)),
    ],
)
def test_a_place(path: str, found: tuple[t.Any, ...]) -> None:
    names = ("path", "file_system", "project", "free_bytes", "file_system_free_bytes")
    assert places.place(machine(), path) == dict(zip(names, found))


def test_a_quota_that_tells_more_than_there_is() -> None:
    """Older kernels do."""
    io = machine()
    io.free_at["/var/lib/docker"] = 5
    assert places.place(io, "/var/lib/docker/volumes")["file_system_free_bytes"] == 5


def paths(engine: Engine, directory: str, io: t.Optional[FakeHostIO] = None) -> dict[str, t.Optional[str]]:
    found = places.engine_places(t.cast("t.Any", engine), io or machine(), directory)
    return {name: entry and entry["path"] for name, entry in found.items()}


def test_docker() -> None:
    assert paths(Engine(), "/var/lib/docker") == {
        "volumes": "/var/lib/docker/volumes",
        "images": "/var/lib/docker/overlay2",
    }


def test_a_store_of_containerd_is_elsewhere_than_volumes() -> None:
    assert paths(Engine(driver="overlayfs"), "/data") == {"volumes": "/var/lib/docker/volumes", "images": "/data"}


def test_podman() -> None:
    assert paths(Engine("podman"), "/srv/podman") == {"volumes": "/var/volumes", "images": "/srv/podman"}
    assert paths(Engine("podman"), "")["images"] is None


@pytest.mark.parametrize("answer", [(500, "{}"), (200, "{}"), (200, "no JSON")])
def test_podman_that_does_not_tell(answer: tuple[int, str]) -> None:
    with pytest.raises(HostError, match=r"podman.sock: GET /v4.0.0/libpod/info was answered with"):
        paths(Engine("podman"), "", machine(answer))


def test_a_directory_that_is_not_there_is_no_full_disk() -> None:
    with pytest.raises(HostError, match="engine_directory: /var/lib/containerd is absent"):
        paths(Engine(), "/var/lib/containerd")
