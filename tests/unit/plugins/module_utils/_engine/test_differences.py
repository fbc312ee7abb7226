# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Mount
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import differences

JSON_COMMAND = '["curl", "-H", "a: b", "http://127.0.0.1"]'


@pytest.mark.parametrize(
    ("engine", "test", "expected"),
    [
        ("docker", ["CMD", "curl", "-H", "a: b"], ["CMD", "curl", "-H", "a: b"]),
        ("podman", ["CMD", "curl", "-H", "a: b", "http://127.0.0.1"], [JSON_COMMAND]),
        ("podman", ["CMD", "/check"], ["CMD", "/check"]),
        ("podman", ["CMD", "/my check"], ["CMD-SHELL", "'/my check'"]),
        ("podman", ["CMD-SHELL", "curl a || exit 1"], ["CMD-SHELL", "curl a || exit 1"]),
        ("podman", [], []),
    ],
)
def test_health_test(engine, test, expected):
    assert differences.health_test(test, engine) == expected


@pytest.mark.parametrize(
    ("engine", "policy", "expected"),
    [
        ("docker", "always", "always"),
        ("podman", "always", "unless-stopped"),
        ("podman", "on-failure", "on-failure"),
        ("podman", "no", "no"),
    ],
)
def test_restart_name(engine, policy, expected):
    assert differences.restart_name(policy, engine) == expected


@pytest.mark.parametrize(
    ("engine", "mount", "expected"),
    [
        ("docker", Mount("tmpfs", "/t"), "rw,noexec,nosuid,nodev,mode=1777"),
        ("podman", Mount("tmpfs", "/t"), "rw,noexec,nosuid,nodev,mode=1777,notmpcopyup"),
        (
            "docker",
            Mount("tmpfs", "/t", read_only=True, tmpfs_size_bytes=1024, tmpfs_mode=0o700),
            "ro,noexec,nosuid,nodev,size=1024,mode=700",
        ),
    ],
)
def test_tmpfs_options(engine, mount, expected):
    assert differences.tmpfs_options(mount, engine) == expected


@pytest.mark.parametrize(
    ("engine", "option", "expected"),
    [
        ("docker", "seccomp=/p.json", ['seccomp={"a":1}']),
        ("podman", "seccomp=/p.json", ["seccomp=/p.json"]),
        ("docker", "seccomp:unconfined", ["seccomp=unconfined"]),
        ("docker", "no-new-privileges:true", ["no-new-privileges"]),
        ("podman", "no-new-privileges", ["no-new-privileges"]),
        ("docker", "no-new-privileges:false", ["no-new-privileges=false"]),
        ("podman", "no-new-privileges=false", []),
        ("podman", "label=disable", ["label=disable"]),
    ],
)
def test_security_opt(engine, option, expected):
    assert differences.security_opt([option], engine, {"/p.json": '{"a":1}'}) == expected


def test_seccomp_paths():
    assert differences.seccomp_paths(["seccomp=/a", "seccomp:unconfined", "label=/b"]) == ["/a"]


@pytest.mark.parametrize(("value", "expected"), [(None, None), ((), [""]), (("a", "b"), ["a", "b"])])
def test_entrypoint(value, expected):
    assert differences.entrypoint(value) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Running", "running"), ("configured", "created"), ("stopped", "exited"), ("dead", "dead")],
)
def test_state(word, expected):
    assert differences.state(word) == expected


@pytest.mark.parametrize(
    ("engine", "driver", "expected"),
    [("docker", "local", "local"), ("podman", "local", "k8s-file"), ("podman", "journald", "journald")],
)
def test_log_driver(engine, driver, expected):
    assert differences.log_driver(driver, engine) == expected


@pytest.mark.parametrize(
    ("engine", "given", "network_mode", "expected"),
    [
        ("docker", {}, "", {}),
        ("docker", {"net.core.somaxconn": "9"}, "", {"net.core.somaxconn": "9"}),
        ("podman", {}, "", {"net.ipv4.ping_group_range": "0 2147483647"}),
        ("podman", {}, "none", {"net.ipv4.ping_group_range": "0 2147483647"}),
        ("podman", {}, "host", {}),
        ("podman", {"net.ipv4.ping_group_range": "5 6"}, "", {"net.ipv4.ping_group_range": "5 6"}),
    ],
)
def test_sysctls(engine, given, network_mode, expected):
    assert differences.sysctls(given, network_mode, engine) == expected


@pytest.mark.parametrize(
    ("given", "driver", "engine", "expected"),
    [
        ({"a": "b"}, "bridge", "docker", {"a": "b"}),
        ({"a": "b"}, "bridge", "podman", {"a": "b", "isolate": "true"}),
        ({"isolate": "false"}, "bridge", "podman", {"isolate": "false"}),
        ({}, "macvlan", "podman", {}),
    ],
)
def test_network_options(given, driver, engine, expected):
    assert differences.network_options(given, driver, engine) == expected
