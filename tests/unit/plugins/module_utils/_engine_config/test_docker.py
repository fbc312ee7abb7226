# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.docker import (
    RELOADABLE_KEYS,
    SCOPE_DROP_IN,
    daemon_options,
    render_docker,
    restart_steps,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import parse_settings
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import DAEMON_JSON

# dockerd refuses to start on a key it doesn't know. Keys of dockerd 20.10's command line, and what came later.
KEYS_20_10 = {
    "bip", "data-root", "default-address-pools", "default-cgroupns-mode", "default-ipc-mode", "default-runtime",
    "default-shm-size", "default-ulimits", "dns", "dns-search", "exec-opts", "experimental", "icc", "init",
    "insecure-registries", "iptables", "live-restore", "log-driver", "log-level", "log-opts", "mtu",
    "no-new-privileges", "registry-mirrors", "runtimes", "seccomp-profile", "selinux-enabled", "storage-driver", "userland-proxy",
}  # fmt: skip
KEYS_SINCE = {23: {"features"}, 24: {"default-network-opts"}, 29: {"firewall-backend"}}

EVERYTHING: dict[str, t.Any] = {
    "provider": "docker",
    "mtu": 1400,
    "dns_servers": ["9.9.9.9"],
    "dns_search": ["example.com"],
    "ulimits": {"nofile": 65536},
    "log_driver": "file",
    "oci_runtime": "crun",
    "seccomp_profile": "{}",
    "no_new_privileges": True,
    "registries": [
        {"location": "r.example:5000", "insecure": True},
        {"location": "docker.io", "mirrors": ["r.example:5000", "m.example"]},
    ],
}


@pytest.mark.parametrize("version", [(20, 10, 24), (23, 0), (24, 0, 7), (26, 1, 5), (29, 1, 3)])
def test_only_keys_this_version_knows(version: tuple[int, ...]) -> None:
    known = KEYS_20_10.union(*(keys for since, keys in KEYS_SINCE.items() if since <= version[0]))
    assert set(daemon_options(parse_settings(EVERYTHING), version)) == known


def test_no_socket_is_ever_configured_there() -> None:
    assert "hosts" not in daemon_options(parse_settings(EVERYTHING), ())


def test_values() -> None:
    options = daemon_options(parse_settings(EVERYTHING), (26, 1))
    assert options["no-new-privileges"] is True
    assert options["bip"] == "172.20.0.1/24"
    assert options["default-address-pools"] == [{"base": "172.20.0.0/16", "size": 24}]
    assert options["default-ulimits"] == {"nofile": {"Name": "nofile", "Soft": 65536, "Hard": 65536}}
    assert options["registry-mirrors"] == ["http://r.example:5000", "https://m.example"]
    assert options["insecure-registries"] == ["r.example:5000"]
    assert options["log-opts"] == {"max-size": "50m", "max-file": "3"}
    assert options["default-runtime"] == "crun"
    assert options["runtimes"] == {"crun": {"path": "crun"}}


def test_containers_are_in_the_engines_own_slice_unless_it_is_said() -> None:
    assert "cgroup-parent" not in daemon_options(parse_settings({"provider": "docker"}), ())
    settings = parse_settings({"provider": "docker", "cgroup_parent": "machine.slice"})
    assert daemon_options(settings, (20, 10, 24))["cgroup-parent"] == "machine.slice"
    assert restart_steps("{}", json.dumps({"cgroup-parent": "machine.slice"})) == ("restart",)


def test_files() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    settings = parse_settings({"provider": "docker", "registries": [{"location": "r:5000", "ca_certificate": pem}]})
    config = render_docker(settings)
    contents = {file.path: file.content for file in config.files}
    assert json.loads(contents[DAEMON_JSON])["live-restore"] is True
    assert contents["/etc/docker/certs.d/r:5000/ca.crt"] == pem + "\n"
    assert "TasksMax=2048" in contents[SCOPE_DROP_IN]
    unlimited = render_docker(parse_settings({"provider": "docker", "pids_limit": 0, "log_driver": "file"}))
    assert unlimited.paths == (DAEMON_JSON, "/etc/default/docker")


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ({"debug": True}, {"debug": True}, ()),
        ({"debug": True}, {"debug": False}, ("reload",)),
        ({"insecure-registries": ["a"]}, {}, ("reload",)),
        ({"live-restore": False}, {"live-restore": True}, ("reload",)),
        ({"mtu": 1, "live-restore": True}, {"mtu": 2, "live-restore": True}, ("restart",)),
        ({"mtu": 1}, {"mtu": 2, "live-restore": True}, ("reload", "restart")),
        ({"live-restore": True}, {"mtu": 2, "live-restore": False}, ("restart",)),
        (None, {"mtu": 2, "live-restore": True}, ("reload", "restart")),
    ],
)
def test_restart_steps(before: t.Any, after: dict[str, t.Any], steps: tuple[str, ...]) -> None:
    assert restart_steps(None if before is None else json.dumps(before), json.dumps(after)) == steps


def test_a_broken_file_is_replaced_with_a_restart() -> None:
    assert restart_steps("{not json", json.dumps({"mtu": 2})) == ("restart",)
    assert restart_steps("[]", json.dumps({"mtu": 2})) == ("restart",)


def test_network_keys_need_a_restart() -> None:
    assert not RELOADABLE_KEYS & {"bip", "mtu", "icc", "iptables", "default-address-pools", "storage-driver"}
