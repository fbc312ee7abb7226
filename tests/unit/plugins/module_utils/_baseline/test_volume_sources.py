# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which directories containers write to."""

from __future__ import annotations

import json
import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.volume_sources import volume_sources

DOCKER = "/d/containers/1/config.v2.json"
PODMAN, USERS = (
    f"{store}/overlay-containers/1/userdata/config.json" for store in ("/p", "/home/a/.local/share/containers/storage")
)


def docker(source: str, kind: str = "bind", writes: bool = True) -> dict[str, t.Any]:
    return {"MountPoints": {"/x": {"Type": kind, "Source": source, "RW": writes}}}


def podman(source: str, kind: str = "bind", *options: str) -> dict[str, t.Any]:
    return {"mounts": [{"type": kind, "source": source, "options": ["rbind", *options]}]}


CASES: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({DOCKER: docker("/srv/data")}, ["/srv/data"]),
    ({DOCKER: docker("/srv/data", writes=False)}, []),
    ({DOCKER: docker("/d/volumes/v/_data", "volume")}, []),
    ({DOCKER: docker("/")}, []),
    ({DOCKER: docker("/etc/app")}, []),
    ({DOCKER: docker("/etcetera")}, ["/etcetera"]),
    ({DOCKER: {"MountPoints": None}, PODMAN: {"mounts": None}}, []),
    ({DOCKER: [], PODMAN: "cut"}, []),
    ({PODMAN: podman("/srv/a"), USERS: podman("/home/a/data")}, ["/home/a/data", "/srv/a"]),
    ({PODMAN: podman("/srv/a", "bind", "ro")}, []),
    ({PODMAN: podman("tmpfs", "tmpfs")}, []),
]


@pytest.mark.parametrize(("states", "sources"), CASES)
def test_sources(states: dict[str, t.Any], sources: list[str]) -> None:
    host = FakeHostIO(files={path: json.dumps(state) for path, state in states.items()})
    assert volume_sources(host, "/d", "/p") == sources


def test_state_that_is_cut_off_is_no_state() -> None:
    assert volume_sources(FakeHostIO(files={DOCKER: "{"}), "/d", "/p") == []
