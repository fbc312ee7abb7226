# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Mount
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.selinux_labels import (
    ENFORCE,
    is_workloads,
    with_labels,
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/shop", True),
        ("/srv/shop/data/", True),
        ("/opt/shop/config.yml", True),
        ("/home/user/shop", True),
        ("/var/lib/shop", True),
        ("/tmp/shop", True),
        ("/mnt/disk", True),
        ("/", False),
        ("/srv", False),
        ("/home/user", False),
        ("/root/shop", False),
        ("/etc/localtime", False),
        ("/run/docker.sock", False),
        ("/var/run/docker.sock", False),
        ("/usr/share/zoneinfo", False),
        ("/usr-local/shop", True),
        ("/var/lib", False),
        ("/var/tmp", False),
        ("/var/lib/docker/volumes/x", False),
        ("/var/log/shop", False),
        ("/sys/fs/cgroup", False),
        ("/srv/../etc", False),
    ],
)
def test_paths(path: str, expected: bool) -> None:
    assert is_workloads(path) is expected


def host(selinux: bool) -> FakeHostIO:
    files = {"/srv/shop/app.conf": "x", "/srv/own/app.conf": "x", **({ENFORCE: "0"} if selinux else {})}
    return FakeHostIO(files=files, directories=["/srv/data"])


MOUNTS = (
    Mount("bind", "/data", "/srv/data"),
    Mount("bind", "/app.conf", "/srv/shop/app.conf", read_only=True),
    Mount("bind", "/own.conf", "/srv/own/app.conf", selinux="Z"),
    Mount("bind", "/zone", "/etc/localtime"),
    Mount("bind", "/missing", "/srv/missing"),
    Mount("volume", "/volume", "shop_data"),
    Mount("tmpfs", "/tmp"),
)


def test_a_workloads_own_files_get_the_shared_label() -> None:
    assert [one.selinux for one in with_labels(MOUNTS, host(selinux=True))] == ["z", "z", "Z", "", "", "", ""]


def test_a_host_without_selinux_gives_no_label() -> None:
    assert with_labels(MOUNTS, host(selinux=False)) == MOUNTS
