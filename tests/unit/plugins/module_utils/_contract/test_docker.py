# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker, from captured answers."""

from __future__ import annotations

import json
import typing as t

import pytest
from contract_hosts import DAEMON_JSON, fixture

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.docker import (
    docker_runtime_command,
    docker_values,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.engine_values import engine_paths


def values(version: str, config: t.Optional[dict[str, t.Any]] = None, **info: t.Any) -> dict[str, t.Any]:
    answers = json.loads(fixture(f"docker_version_{version}.json")), json.loads(fixture(f"docker_info_{version}.json"))
    return docker_values(answers[0], {**answers[1], **info}, config or {})


def test_26() -> None:
    found = values("26.1.5", json.loads(DAEMON_JSON))
    assert set(found) == set(engine_paths())
    wanted = {
        "engine.name": "docker",
        "engine.running": True,
        "engine.version": "26.1.5+dfsg1",
        "engine.api_version": "1.45",
        "engine.image_store": "graphdriver",
        "engine.live_restore": True,
        "container_defaults.cgroup_driver": "systemd",
        "container_defaults.cgroup_namespace": "private",
        "container_defaults.logging_driver": "journald",
        "container_defaults.apparmor": True,
        "container_defaults.selinux": False,
        "container_defaults.rootless": False,
        "container_defaults.user_namespace": "host",
        "container_defaults.ulimits": ["nofile=65536:65536"],
        "container_defaults.pids_limit": "unlimited",
        "container_defaults.shm_size_bytes": 64 * 2**20,
        "seccomp.default_profile": "builtin",
        "seccomp.default_profile_path": None,
        "oci_runtime.name": "runc",
        "engine_network.backend": "libnetwork",
        "engine_network.firewall_driver": "iptables",
        "engine_network.default_address_pools": ["172.20.0.0/16:24"],
        "engine_network.mtu_bytes": 1400,
        "storage.driver": "overlay",
        "storage.driver_name": "overlay2",
        "storage.root_directory": "/var/lib/docker",
        "storage.supports_d_type": True,
    }
    assert {path: found[path] for path in wanted} == wanted
    assert "NET_RAW" in found["container_defaults.capabilities"]


def test_20() -> None:
    found = values("20.10")
    assert found["engine.api_version"] == "1.41"
    assert found["seccomp.default_profile"] == "builtin"
    assert found["engine_network.default_address_pools"] == ["default"]
    assert found["engine_network.mtu_bytes"] == 1500
    assert found["container_defaults.ulimits"] == []


TEST_INFO: list[tuple[dict[str, t.Any], str, t.Any]] = [
    ({"SecurityOptions": ["name=seccomp,profile=/etc/docker/seccomp.json"]}, "seccomp.default_profile", "file"),
    ({"SecurityOptions": ["name=seccomp,profile=/etc/s.json"]}, "seccomp.default_profile_path", "/etc/s.json"),
    ({"SecurityOptions": ["name=seccomp,profile=unconfined"]}, "seccomp.default_profile", "unconfined"),
    ({"SecurityOptions": []}, "seccomp.default_profile", "unconfined"),
    ({"SecurityOptions": ["name=userns"]}, "container_defaults.user_namespace", "remap"),
    ({"SecurityOptions": ["name=userns"]}, "container_defaults.sysctls", []),
    ({"SecurityOptions": ["name=rootless"]}, "container_defaults.rootless", True),
    ({"SecurityOptions": ["name=no-new-privileges"]}, "container_defaults.no_new_privileges", True),
    ({"SecurityOptions": ["name=selinux"]}, "container_defaults.selinux", True),
    ({"SecurityOptions": None}, "container_defaults.cgroup_namespace", "host"),
    ({"FirewallBackend": {"Driver": "nftables"}}, "engine_network.firewall_driver", "nftables"),
    ({"Driver": "btrfs", "DriverStatus": [["Supports d_type", "false"]]}, "storage.supports_d_type", False),
    ({"Driver": "btrfs", "DriverStatus": []}, "storage.driver", "btrfs"),
]


@pytest.mark.parametrize(("info", "path", "value"), TEST_INFO)
def test_info(info: dict[str, t.Any], path: str, value: t.Any) -> None:
    assert values("26.1.5", **info)[path] == value


def test_containerd_image_store() -> None:
    status = [["driver-type", "io.containerd.snapshotter.v1"]]
    found = values("26.1.5", Driver="overlayfs", DriverStatus=status)
    assert found["engine.image_store"] == "containerd"
    assert found["storage.driver"] == "overlay"
    assert found["storage.root_directory"] == "/var/lib/containerd"
    assert found["storage.supports_d_type"] is True


def test_runtime_command() -> None:
    runtimes = {"runc": {"path": "runc"}, "crun": {"path": "/usr/bin/crun"}}
    assert docker_runtime_command({"DefaultRuntime": "crun", "Runtimes": runtimes}) == "/usr/bin/crun"
    assert docker_runtime_command({"DefaultRuntime": "runc", "Runtimes": {"runc": {}}}) == "runc"
    assert docker_runtime_command({}) is None


PIDS_LIMITS = [
    ("systemd", [], "unlimited"),
    ("systemd", ["[Scope]\nTasksMax=2048\n"], 2048),
    ("systemd", ["[Scope]\nTasksMax=2048\n", "[Scope]\nTasksMax = 512\n"], 512),
    ("systemd", ["[Scope]\nTasksMax=infinity\n"], "unlimited"),
    ("cgroupfs", ["[Scope]\nTasksMax=2048\n"], "unlimited"),
]


@pytest.mark.parametrize(("driver", "drop_ins", "limit"), PIDS_LIMITS)
def test_pids_limit_is_systemds(driver: str, drop_ins: list[str], limit: t.Union[int, str]) -> None:
    info = {"CgroupDriver": driver}
    assert docker_values({}, info, {}, drop_ins)["container_defaults.pids_limit"] == limit
