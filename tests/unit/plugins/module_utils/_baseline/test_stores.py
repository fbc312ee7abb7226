# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where engines keep their containers."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.stores import container_stores

DEFAULTS = ("/var/lib/docker", "/var/lib/containerd", "/var/lib/containers/storage")


@pytest.mark.parametrize(
    ("files", "stores"),
    [
        ({}, DEFAULTS),
        ({"/etc/docker/daemon.json": '{"data-root": "/srv/docker"}'}, ("/srv/docker", *DEFAULTS[1:])),
        ({"/etc/docker/daemon.json": "broken"}, DEFAULTS),
        ({"/etc/docker/daemon.json": "[]"}, DEFAULTS),
        ({"/etc/containerd/config.toml": 'version = 2\nroot = "/srv/c"\n'}, (DEFAULTS[0], "/srv/c", DEFAULTS[2])),
        ({"/etc/containers/storage.conf": '[storage]\ngraphroot = "/srv/p"\n'}, (*DEFAULTS[:2], "/srv/p")),
    ],
)
def test_stores(files: dict[str, str], stores: tuple[str, ...]) -> None:
    assert container_stores(FakeHostIO(files=files)) == stores
