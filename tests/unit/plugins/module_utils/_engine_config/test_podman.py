# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json
import sys
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.podman import (
    DEFAULT_NETWORK,
    SERVICE_DROP_IN,
    render_podman,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import parse_settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import (
    CONTAINERS_CONF,
    POLICY_JSON,
    REGISTRIES_CONF,
    STORAGE_CONF,
)

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib")


def rendered(**options: t.Any) -> dict[str, t.Any]:
    import tomllib

    config = render_podman(parse_settings({"provider": "podman", **options}))
    texts = {file.path: file.content for file in config.files}
    return {
        path: tomllib.loads(text) if path.startswith("/etc/containers/") and path.endswith(".conf") else text
        for path, text in texts.items()
    }


def test_defaults_are_dockers() -> None:
    files = rendered(ulimits={"nofile": 65536, "core": 0})
    containers = files[CONTAINERS_CONF]["containers"]
    assert {"MKNOD", "NET_RAW", "AUDIT_WRITE"} < set(containers["default_capabilities"])
    assert len(containers["default_capabilities"]) == 14
    assert containers["default_ulimits"] == ["core=0:0", "nofile=65536:65536"]
    assert files[containers["base_hosts_file"]].startswith("127.0.0.1\tlocalhost\n")
    assert containers["shm_size"] == str(64 * 1024 * 1024)
    assert containers["pids_limit"] == 2048
    assert containers["log_driver"] == "journald"
    assert "log_size_max" not in containers
    assert files[CONTAINERS_CONF]["network"]["default_subnet"] == "172.20.0.0/24"
    assert files[CONTAINERS_CONF]["network"]["default_subnet_pools"] == [{"base": "172.20.0.0/16", "size": 24}]
    assert files[CONTAINERS_CONF]["engine"]["runtime"] == "runc"
    assert files[STORAGE_CONF]["storage"]["driver"] == "overlay"
    assert files[STORAGE_CONF]["storage"]["options"]["pull_options"]["enable_partial_images"] == "false"
    assert json.loads(files[POLICY_JSON])["default"] == [{"type": "insecureAcceptAnything"}]
    assert DEFAULT_NETWORK not in files


def test_user_namespaces_and_rootless_containers_start() -> None:
    containers = rendered(ulimits={"nproc": 1048576})["/etc/containers/containers.conf"]
    text = containers if isinstance(containers, str) else str(containers)
    # a limit above what a user may have, or groups the namespace lacks, and runc gives up
    assert "nproc" not in text
    assert "ping_group_range=0 0" in text
    told = rendered(ulimits={"nproc": 500})["/etc/containers/containers.conf"]
    assert "nproc=500:500" in str(told)


def test_commands_executed_through_the_socket_have_the_containers_limits() -> None:
    def drop_in(**ulimits: int) -> str | None:
        config = render_podman(parse_settings({"provider": "podman", "ulimits": ulimits}))
        return {file.path: file.content for file in config.files}.get(SERVICE_DROP_IN)

    assert drop_in(nproc=1048576, nofile=65536) == "[Service]\nLimitNPROC=1048576:1048576\n"
    assert drop_in(nproc=500, nofile=65536) is None


def test_logs_on_file_are_bounded() -> None:
    containers = rendered(log_driver="file", log_max_size_mib=10)[CONTAINERS_CONF]["containers"]
    assert (containers["log_driver"], containers["log_size_max"]) == ("k8s-file", 10 * 1024 * 1024)


def test_registries() -> None:
    files = rendered(
        registries=[
            {"location": "r.example:5000", "insecure": True},
            {"location": "docker.io", "mirrors": ["r.example:5000", "m.example"]},
        ]
    )
    assert files[REGISTRIES_CONF] == {
        "unqualified-search-registries": ["docker.io"],
        "short-name-mode": "enforcing",
        "registry": [
            {"location": "r.example:5000", "insecure": True},
            {
                "location": "docker.io",
                "insecure": False,
                "mirror": [
                    {"location": "r.example:5000", "insecure": True},
                    {"location": "m.example", "insecure": False},
                ],
            },
        ],
    }


def test_the_default_network_carries_the_mtu() -> None:
    network = json.loads(rendered(mtu=1400)[DEFAULT_NETWORK])
    assert network["options"] == {"mtu": "1400"}
    assert network["id"] == hashlib.sha256(b"podman").hexdigest()
    assert network["subnets"] == [{"subnet": "172.20.0.0/24", "gateway": "172.20.0.1"}]


def test_an_own_seccomp_profile() -> None:
    files = rendered(seccomp_profile='{"defaultAction": "SCMP_ACT_ERRNO"}')
    path = files[CONTAINERS_CONF]["containers"]["seccomp_profile"]
    assert json.loads(files[path]) == {"defaultAction": "SCMP_ACT_ERRNO"}
