# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Podman, from a captured answer."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from contract_hosts import CONTAINERS_CONF, fixture

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.engine_values import engine_paths
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.podman import (
    podman_runtime_command,
    podman_values,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import parse_toml

INFO = json.loads(fixture("podman_info_5.4.2.json"))


def test_5() -> None:
    found = podman_values(INFO, parse_toml(CONTAINERS_CONF), 9001)
    assert set(found) == set(engine_paths())
    wanted = {
        "engine.name": "podman",
        "engine.running": True,
        "engine.version": "5.4.2",
        "engine.image_store": "containers-storage",
        "container_defaults.cgroup_driver": "systemd",
        "container_defaults.cgroup_namespace": "private",
        "container_defaults.logging_driver": "journald",
        "container_defaults.apparmor": True,
        "container_defaults.rootless": False,
        "container_defaults.user_namespace": "host",
        "container_defaults.ulimits": ["core=0:0", "nofile=65536:65536", "nproc=1048576:1048576"],
        "container_defaults.pids_limit": 4096,
        "container_defaults.shm_size_bytes": 64 * 2**20,
        "container_defaults.sysctls": [
            "net.ipv4.ip_unprivileged_port_start=0",
            "net.ipv4.ping_group_range=0 2147483647",
        ],
        "seccomp.default_profile": "file",
        "seccomp.default_profile_path": "/usr/share/containers/seccomp.json",
        "oci_runtime.name": "runc",
        "engine_network.backend": "netavark",
        "engine_network.version": "1.14.0",
        "engine_network.firewall_driver": "default",
        # The default network lies in the pool, so that both engines state the same.
        "engine_network.default_address_pools": ["172.20.0.0/16:24"],
        "engine_network.rootless_command": "pasta",
        # This netavark gives bridges the kernel's default, whatever the uplink has.
        "engine_network.mtu_bytes": 1500,
        "storage.driver": "overlay",
        "storage.root_directory": "/var/lib/containers/storage",
        "storage.supports_d_type": True,
    }
    assert {path: found[path] for path in wanted} == wanted
    assert podman_runtime_command(INFO) == "/usr/bin/runc"


TEST_CONFIGS: list[tuple[dict[str, dict[str, t.Any]], str, t.Any]] = [
    ({}, "container_defaults.pids_limit", 2048),
    ({"containers": {"pids_limit": 0}}, "container_defaults.pids_limit", "unlimited"),
    ({"containers": {"pids_limit": -1}}, "container_defaults.pids_limit", "unlimited"),
    ({}, "container_defaults.sysctls", ["net.ipv4.ping_group_range=0 0"]),
    ({}, "container_defaults.ulimits", ["nofile=1048576:1048576", "nproc=1048576:1048576"]),
    ({"containers": {"default_sysctls": []}}, "container_defaults.sysctls", []),
    ({"containers": {"shm_size": "1g"}}, "container_defaults.shm_size_bytes", 2**30),
    ({"containers": {"shm_size": "much"}}, "container_defaults.shm_size_bytes", 64 * 2**20),
    ({"containers": {"userns": "auto"}}, "container_defaults.user_namespace", "auto"),
    ({"containers": {"cgroupns": "host"}}, "container_defaults.cgroup_namespace", "host"),
    ({"containers": {"seccomp_profile": "/etc/s.json"}}, "seccomp.default_profile_path", "/etc/s.json"),
    ({"network": {"firewall_driver": "nftables"}}, "engine_network.firewall_driver", "nftables"),
    ({}, "engine_network.default_address_pools", ["default"]),
    ({"network": {"default_subnet": "10.9.0.0/24"}}, "engine_network.default_address_pools", ["10.9.0.0/24"]),
]


@pytest.mark.parametrize(("config", "path", "value"), TEST_CONFIGS)
def test_config(config: dict[str, dict[str, t.Any]], path: str, value: t.Any) -> None:
    assert podman_values(INFO, config, None)[path] == value


TEST_MTUS: list[tuple[t.Optional[str], t.Optional[int], int]] = [
    ("netavark 1.14.0", 9001, 1500),
    ("netavark 1.16.0", 9001, 9001),
    ("netavark 2.0.0-dev", 1400, 1400),
    ("netavark 1.16.0", None, 1500),
    (None, 9001, 1500),
]


@pytest.mark.parametrize(("backend", "uplink", "mtu"), TEST_MTUS)
def test_mtu(backend: t.Optional[str], uplink: t.Optional[int], mtu: int) -> None:
    info = copy.deepcopy(INFO)
    info["host"]["networkBackendInfo"]["version"] = backend
    assert podman_values(info, {}, uplink)["engine_network.mtu_bytes"] == mtu


def test_seccomp_switched_off() -> None:
    info = copy.deepcopy(INFO)
    info["host"]["security"]["seccompEnabled"] = False
    assert podman_values(info, {}, None)["seccomp.default_profile"] == "unconfined"


def test_an_answer_without_all_of_this() -> None:
    found = podman_values({}, {}, None)
    assert found["engine.version"] is None
    assert found["storage.driver"] is None
