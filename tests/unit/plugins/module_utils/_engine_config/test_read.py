# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.docker import render_docker
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.podman import render_podman
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.read import (
    docker_summary,
    podman_summary,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import parse_settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONTAINERS_CONF,
    DAEMON_JSON,
    REGISTRIES_CONF,
    STORAGE_CONF,
)

OPTIONS: dict[str, t.Any] = {
    "address_pool": "10.9.0.0/16",
    "address_pool_prefix": 25,
    "oci_runtime": "crun",
    "registries": [{"location": "a:5000", "insecure": True}, {"location": "docker.io", "mirrors": ["a:5000"]}],
}


def test_both_engines_read_back_the_same() -> None:
    docker = {
        file.path: file.content for file in render_docker(parse_settings({**OPTIONS, "provider": "docker"})).files
    }
    podman = {
        file.path: file.content for file in render_podman(parse_settings({**OPTIONS, "provider": "podman"})).files
    }
    from_docker = docker_summary(docker[DAEMON_JSON])
    from_podman = podman_summary(podman[CONTAINERS_CONF], podman[STORAGE_CONF], podman[REGISTRIES_CONF])
    assert from_docker == {
        "cgroup_driver": "systemd",
        "oci_runtime": "crun",
        "storage_driver": "overlay2",
        "log_driver": "journald",
        "live_restore": True,
        "address_pool": "10.9.0.0/16",
        "address_pool_prefix": 25,
        "insecure_registries": ["a:5000"],
    }
    assert from_podman == {**from_docker, "storage_driver": "overlay"}


def test_absent_and_broken_files_say_nothing() -> None:
    assert docker_summary(None) == docker_summary("{broken")
    assert docker_summary("[1]")["oci_runtime"] is None
    assert podman_summary(None, None, None)["oci_runtime"] is None
