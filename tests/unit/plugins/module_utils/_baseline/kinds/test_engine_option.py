# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of engines: what the files say, over the engine's defaults."""

from __future__ import annotations

import json
import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.docker import (
    docker_configuration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.files import read_engine_files
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.podman import (
    podman_configuration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.words import OPTIONS
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.docker import render_docker
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.podman import render_podman
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import parse_settings
from ansible_collections.anycloud.container_host.plugins.plugin_utils._baseline import read_catalogue

UNIT = "/usr/lib/systemd/system/docker.service"
CONTAINERS = "/etc/containers/containers.conf"
REGISTRIES = "/etc/containers/registries.conf"
POLICY = '{"default": [{"type": "reject"}]}'


def docker_host(options: t.Any = None, files: t.Mapping[str, str] | None = None) -> FakeHostIO:
    text = options if isinstance(options, str) else json.dumps(options or {})
    host, _programs = make_host({UNIT: "[Service]\nExecStart=/usr/sbin/dockerd -H fd://\n", **(files or {})})
    host.files["/etc/docker/daemon.json"] = text.encode()
    host.files["/sys/fs/cgroup/cgroup.controllers"] = b"cpu\n"
    host.available.add("dockerd")
    return host


def podman_host(files: t.Mapping[str, str] | None = None) -> FakeHostIO:
    host, _programs = make_host(files)
    host.available.add("podman")
    return host


def value(host: FakeHostIO, option: str) -> t.Any:
    files = read_engine_files(host)
    if files.docker:
        return docker_configuration(files.docker, files.host)[option]
    assert files.podman is not None
    return podman_configuration(files.podman, files.host)[option]


FLAGS = {UNIT: "[Service]\nExecStart=/usr/sbin/dockerd --icc=false -H tcp://:2375 --userns-remap=default\n"}
SOCKET = {"/etc/systemd/system/docker.socket": "[Socket]\nListenStream=/run/docker.sock\nListenStream=2375\n"}
RUNNING = {
    "/run/docker.pid": "77",
    "/proc/77/comm": "dockerd\n",
    "/proc/77/cmdline": "/usr/sbin/dockerd\0-H\0fd://\0--icc=false\0",
}
SCOPE = "/etc/systemd/system/docker-.scope.d/50-container-host.conf"

DOCKER: list[tuple[t.Any, dict[str, str], str, tuple[str, ...]]] = [
    # daemon.json, more files, option, value
    ({}, {}, "bridge_traffic", ("allowed",)),
    ({"icc": False}, {}, "bridge_traffic", ("denied",)),
    ({}, FLAGS, "bridge_traffic", ("denied",)),
    ({}, RUNNING, "bridge_traffic", ("denied",)),
    ({}, {**RUNNING, "/proc/77/comm": "other\n"}, "bridge_traffic", ("allowed",)),
    ({}, FLAGS, "user_namespace", ("remapped",)),
    ({}, {}, "user_namespace", ("host",)),
    ({}, {}, "tcp_listeners", ()),
    ({}, FLAGS, "tcp_listeners", ("tcp://:2375",)),
    ({"tlsverify": True}, FLAGS, "tcp_listeners", ()),
    ({"tlsverify": True}, SOCKET, "tcp_listeners", ("2375",)),
    ({}, {}, "cgroup_driver", ("systemd",)),
    ({"exec-opts": ["native.cgroupdriver=cgroupfs"]}, {}, "cgroup_driver", ("cgroupfs",)),
    ({"exec-opts": "wrong"}, {}, "cgroup_driver", ("systemd",)),
    ({"cgroup-parent": "x.slice"}, {}, "cgroup_parent", ("x.slice",)),
    ({}, {}, "container_log", ("unbounded",)),
    ({"log-opts": {"max-size": "1m"}}, {}, "container_log", ("bounded",)),
    ({"log-driver": "journald"}, {}, "container_log", ("bounded",)),
    ({"log-driver": "none"}, {}, "container_log", ("none",)),
    ({"experimental": True}, {}, "experimental", ("on",)),
    ({"iptables": False}, {}, "firewall", ("not managed",)),
    ({"default-cgroupns-mode": "host"}, {}, "host_namespaces", ("cgroup",)),
    ({}, {}, "host_namespaces", ()),
    ({"insecure-registries": ["r:1"]}, {}, "insecure_registries", ("r:1",)),
    ({}, {}, "live_restore", ("off",)),
    ({"debug": True}, {}, "log_level", ("debug",)),
    ({}, {}, "log_level", ("info",)),
    ({"no-new-privileges": True}, {}, "no_new_privileges", ("on",)),
    ({}, {}, "pids_limit", ("unbounded",)),
    ({}, {SCOPE: "[Scope]\nTasksMax=5\n"}, "pids_limit", ("bounded",)),
    ({}, {SCOPE: "[Scope]\nTasksMax=infinity\n"}, "pids_limit", ("unbounded",)),
    ({"seccomp-profile": "unconfined"}, {}, "seccomp", ("unconfined",)),
    ({"seccomp-profile": "builtin"}, {}, "seccomp", ("default",)),
    ({}, {}, "selinux_labels", ("not needed",)),
    ({}, {"/sys/fs/selinux/enforce": "1"}, "selinux_labels", ("off",)),
    ({}, {"/etc/group": "docker:x:9:ann\n"}, "socket_users", ("ann",)),
    ({"storage-driver": "vfs"}, {}, "storage_driver", ("vfs",)),
    ({}, {"/var/lib/docker/swarm/docker-state.json": "{}"}, "swarm", ("active",)),
    ({"default-ulimits": {"nofile": {"Hard": 9}, "nproc": {"Hard": -1}, "x": 1}}, {}, "ulimits", ("nofile",)),
    ({}, {}, "userland_proxy", ("on",)),
]


@pytest.mark.parametrize(("options", "files", "option", "words"), DOCKER)
def test_docker(options: t.Any, files: dict[str, str], option: str, words: tuple[str, ...]) -> None:
    assert value(docker_host(options, files), option) == words


HELPERS = {"/usr/bin/newuidmap": "", "/usr/bin/newgidmap": ""}

PODMAN: list[tuple[dict[str, str], str, tuple[str, ...]]] = [
    # files, option, value
    ({CONTAINERS: '[containers]\napparmor_profile = "unconfined"\n'}, "apparmor", ("unconfined",)),
    ({CONTAINERS: '[engine]\ncgroup_manager = "cgroupfs"\n'}, "cgroup_driver", ("cgroupfs",)),
    ({}, "container_log", ("bounded",)),
    ({CONTAINERS: '[containers]\nlog_driver = "k8s-file"\n'}, "container_log", ("unbounded",)),
    ({CONTAINERS: '[containers]\nlog_driver = "k8s-file"\nlog_size_max = 9\n'}, "container_log", ("bounded",)),
    ({CONTAINERS: '[containers]\nlog_driver = "none"\n'}, "container_log", ("none",)),
    ({}, "extra_capabilities", ()),
    (
        {CONTAINERS: '[containers]\ndefault_capabilities = ["CAP_SYS_ADMIN", "chown"]\n'},
        "extra_capabilities",
        ("SYS_ADMIN",),
    ),
    ({CONTAINERS: "[containers]\nprivileged = true\n"}, "extra_capabilities", ("all",)),
    ({CONTAINERS: '[network]\nfirewall_driver = "none"\n'}, "firewall", ("not managed",)),
    ({CONTAINERS: '[containers]\nnetns = "host"\nipcns = "private"\n'}, "host_namespaces", ("netns",)),
    (
        {
            CONTAINERS: '[containers]\nnetns = "host"\n',
            f"{CONTAINERS}.d/a.conf": '[containers]\nnetns = "private"\n',
        },
        "host_namespaces",
        (),
    ),
    (
        {
            REGISTRIES: '[[registry]]\nlocation = "r:1"\ninsecure = true\n[[registry]]\nlocation = "s:1"\n',
            f"{REGISTRIES}.d/a.conf": '[[registry.mirror]]\nlocation = "m:1"\ninsecure = true\n',
        },
        "insecure_registries",
        ("r:1", "m:1"),
    ),
    ({"/etc/subuid": "a:1:9\nb:5:9\n"}, "overlapping_ids", ("a", "b")),
    ({}, "pids_limit", ("bounded",)),
    ({CONTAINERS: "[containers]\npids_limit = 0\n"}, "pids_limit", ("unbounded",)),
    ({CONTAINERS: '[containers]\npids_limit = "many"\n'}, "pids_limit", ("unbounded",)),
    ({}, "rootless_helpers", ("newuidmap", "newgidmap")),
    ({REGISTRIES: 'unqualified-search-registries = ["a", "b"]\n'}, "search_registries", ("a", "b")),
    ({CONTAINERS: '[containers]\nseccomp_profile = "unconfined"\n'}, "seccomp", ("unconfined",)),
    ({"/sys/fs/selinux/enforce": "1", CONTAINERS: "[containers]\nlabel = false\n"}, "selinux_labels", ("off",)),
    ({"/sys/fs/selinux/enforce": "1"}, "selinux_labels", ("on",)),
    ({}, "short_names", ("permissive",)),
    ({REGISTRIES: 'short-name-mode = "enforcing"\n'}, "short_names", ("enforcing",)),
    ({}, "signature_policy", ("missing",)),
    ({"/etc/containers/policy.json": "{"}, "signature_policy", ("broken",)),
    ({"/etc/containers/policy.json": "{}"}, "signature_policy", ("broken",)),
    ({"/etc/containers/policy.json": POLICY}, "signature_policy", ("present",)),
    ({"/usr/share/containers/storage.conf": '[storage]\ndriver = "vfs"\n'}, "storage_driver", ("vfs",)),
    ({"/etc/systemd/system/podman.socket": "[Socket]\nListenStream=1234\n"}, "tcp_listeners", ("1234",)),
    (
        {"/etc/systemd/system/podman.service": "[Service]\nExecStart=/usr/bin/podman system service tcp:0.0.0.0:1\n"},
        "tcp_listeners",
        ("tcp:0.0.0.0:1",),
    ),
    ({CONTAINERS: '[containers]\ndefault_ulimits = ["nofile=1:2", "nproc=1:-1"]\n'}, "ulimits", ("nofile",)),
    ({CONTAINERS: '[containers]\nuserns = "auto"\n'}, "user_namespace", ("remapped",)),
]


@pytest.mark.parametrize(("files", "option", "words"), PODMAN)
def test_podman(files: dict[str, str], option: str, words: tuple[str, ...]) -> None:
    assert value(podman_host(files), option) == words


HELPER_STATUS = [
    (0o4755, (0, 0), ()),
    (0o755, (0, 0), ()),
    (0o4750, (0, 0), ("newuidmap", "newgidmap")),
    (0o4755, (1000, 0), ("newuidmap", "newgidmap")),
]


@pytest.mark.parametrize(("mode", "owner", "missing"), HELPER_STATUS)
def test_rootless_helpers(mode: int, owner: tuple[int, int], missing: tuple[str, ...]) -> None:
    host = podman_host(HELPERS)
    host.available.update({"newuidmap", "newgidmap"})
    host.modes.update(dict.fromkeys(HELPERS, mode))
    host.owners.update(dict.fromkeys(HELPERS, owner))
    assert value(host, "rootless_helpers") == missing


def test_both_engines_have_every_option() -> None:
    host = docker_host()
    host.available.add("podman")
    files = read_engine_files(host)
    assert files.docker is not None
    assert files.podman is not None
    assert set(docker_configuration(files.docker, files.host)) == set(OPTIONS)
    assert set(podman_configuration(files.podman, files.host)) == set(OPTIONS)


ICC = {"allowed": {"bridge_traffic": ["denied"]}, "remedy": "mend it"}
LOG = {"allowed": {"container_log": ["bounded"]}, "remedy": "mend it"}
ULIMITS = {"required": {"ulimits": ["nofile"]}, "remedy": "mend it"}

FINDINGS: list[tuple[FakeHostIO, dict[str, t.Any], str, str]] = [
    # host, parameters, status, reason
    (make_host()[0], ICC, "not_applicable", "no container engine is installed yet"),
    (docker_host({"icc": False}), ICC, "passed", ""),
    (docker_host(), ICC, "failed", "bridge_traffic of docker is allowed, not denied: mend it"),
    (docker_host(), {**ICC, "otherwise": "not_applicable"}, "not_applicable", "is allowed, not denied: mend it"),
    (docker_host(), ULIMITS, "failed", "ulimits of docker is none, not at least nofile: mend it"),
    (docker_host("[]"), ICC, "failed", "daemon.json is no JSON object"),
    (podman_host(), ICC, "not_applicable", "Podman can't be told"),
    (podman_host(), LOG, "passed", ""),
]


@pytest.mark.parametrize(("host", "parameters", "status", "reason"), FINDINGS)
def test_finding(host: FakeHostIO, parameters: dict[str, t.Any], status: str, reason: str) -> None:
    found = plan("engine_option", host, parameters)
    assert [entry.status for entry in found.findings] == [status]
    assert reason in found.findings[0].reason
    assert not found.all_steps
    assert host.ran == []


def test_both_engines_are_held() -> None:
    host = docker_host({"log-driver": "journald"}, {CONTAINERS: '[containers]\nlog_driver = "none"\n'})
    host.available.add("podman")
    found = finding("engine_option", host, LOG)
    assert found.before == {"docker container_log": "bounded", "podman container_log": "none"}
    assert found.after == {"docker container_log": "bounded", "podman container_log": "bounded"}
    assert found.reason == "container_log of podman is none, not bounded: mend it"


# Not for the role engine to mend.
OTHERS_BUSINESS = {"engine_user_namespace_remapped", "engine_data_filesystem", "engine_rootless_helpers"}


@pytest.mark.parametrize("provider", ["docker", "podman"])
def test_what_the_role_engine_writes_passes(provider: str) -> None:
    settings = parse_settings(
        {
            "provider": provider,
            "ulimits": {"nofile": 65536, "nproc": 1048576},
            "no_new_privileges": provider == "docker",
        }
    )
    host = docker_host() if provider == "docker" else podman_host()
    for file in (render_docker if provider == "docker" else render_podman)(settings).files:
        host.files[file.path] = file.content.encode()
    controls = [
        entry
        for _file, entries in read_catalogue()
        for entry in entries
        if entry["kind"] == "engine_option" and entry["id"] not in OTHERS_BUSINESS
    ]
    wrong = [
        (entry["id"], found.reason)
        for entry in controls
        if (found := finding("engine_option", host, entry["parameters"])).status == "failed"
    ]
    assert len(controls) > 20
    assert wrong == []


def test_bad_parameters() -> None:
    given = {"allowed": {"icc": [], "swarm": "inactive"}, "required": {"ulimits": [1]}, "remedy": "r"}
    assert [text.split(";")[0] for text in parse("engine_option", given)[1]] == [
        "p.allowed.icc: is no option of an engine",
        "p.allowed.swarm: is no list of texts",
        "p.required.ulimits: is no list of texts",
        "p.allowed: is missing",
    ]
