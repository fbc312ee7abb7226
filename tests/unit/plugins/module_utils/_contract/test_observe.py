# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole hosts, from their files and commands to the document."""

from __future__ import annotations

import json
import typing as t

import pytest
from contract_hosts import docker_host, fixture, host, podman_host, selinux_host
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.document import flatten
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import FIELDS

HOSTS: dict[str, t.Callable[[], FakeHostIO]] = {
    "nothing": host,
    "podman": podman_host,
    "docker": docker_host,
    "docker 20.10": lambda: docker_host(version="20.10"),
    "selinux": selinux_host,
    "empty": FakeHostIO,
}


def values(machine: FakeHostIO, **options: t.Any) -> dict[str, t.Any]:
    document, volatile = observe(machine, **options)
    return {**flatten(document), **volatile}


@pytest.mark.parametrize("name", HOSTS)
def test_every_field_is_there_and_nothing_is_changed(name: str) -> None:
    machine = HOSTS[name]()
    files = dict(machine.files)
    found = values(machine)
    assert set(found) == {field.path for field in FIELDS}
    assert (machine.written, machine.removed, machine.made, machine.files) == ({}, [], [], files)


@pytest.mark.parametrize("name", HOSTS)
def test_twice_the_same(name: str) -> None:
    assert observe(HOSTS[name]()) == observe(HOSTS[name]())


def test_machine() -> None:
    wanted = {
        "architecture.machine": "x86_64",
        "architecture.x86_64_level": "v3",
        "architecture.page_size_bytes": 4096,
        "kernel.release": "6.12.117+deb13-amd64",
        "kernel.command_line": ["apparmor=1", "systemd.unified_cgroup_hierarchy=1"],
        "kernel.taints": [],
        "kernel.lockdown": "integrity",
        "kernel.module_signature_enforced": False,
        "kernel_settings.ptrace_scope": 1,
        "kernel_settings.transparent_hugepages": "madvise",
        "cgroup.version": "v2",
        "cgroup.controllers": ["cpu", "cpuset", "hugetlb", "io", "memory", "misc", "pids", "rdma"],
        "cgroup.swap_accounting": True,
        "cgroup.pressure_stall_information": True,
        "lsm.container_policy": "apparmor",
        "lsm.apparmor_container_profiles": ["docker-default (enforce)"],
        "lsm.selinux_mode": None,
        "userns.enabled": True,
        "userns.engine_subordinate_uids": ["containers:1000000:65536"],
        "userns.engine_subordinate_gids": [],
        "userns.other_subordinate_uids": ["admin:100000:65536"],
        "userns.max_user_namespaces": "sized by the kernel",
        "limits.pid_max": 4194304,
        "limits.file_max": "unlimited",
        "limits.inotify_max_user_watches": "sized by the kernel",
        "engine.name": None,
        "engine.running": False,
        "checkpoint.status": "not tested",
        "network.ipv4_forwarding": True,
        "network.uplink_mtu_bytes": 9001,
        "engine_network.iptables_backend": None,
        "time.service_active": True,
        "time.service": "systemd-timesyncd.service",
        "time.zone": "Etc/UTC",
        "secure_boot.enabled": True,
        "secure_boot.firmware": "uefi",
        "os.id": "debian",
        "identity.addresses": ["10.0.2.15/24"],
        "identity.mac_addresses": ["52:54:00:b8:3b:01"],
        "identity.dns_servers": ["10.0.2.3"],
        "identity.provider": "east",
        "identity.zone": None,
        "identity.memory_bytes": 2012820 * 1024,
    }
    found = values(host(), given={"provider": "east", "region": "east-1", "zone": ""})
    assert {path: found[path] for path in wanted} == wanted


def test_podman() -> None:
    found = values(podman_host())
    assert (found["engine.name"], found["engine.version"], found["engine.others"]) == ("podman", "5.4.2", [])
    assert (found["oci_runtime.version"], found["storage.backing_filesystem"]) == ("1.1.15+ds1", "ext4")
    assert len(found["seccomp.default_profile_digest"]) == 64


@pytest.mark.parametrize("running", [0, 1])
def test_forwarding_that_was_turned_off_below_running_containers_is_off(running: int) -> None:
    machine = podman_host()
    machine.files["/proc/sys/net/ipv4/ip_forward"] = b"0\n"
    command = ("podman", "info", "--format", "json")
    info = json.loads(fixture("podman_info_5.4.2.json"))
    info["store"]["containerStore"]["running"] = running
    machine.commands[command] = (0, json.dumps(info), "")
    assert values(machine)["network.ipv4_forwarding"] is (running == 0)


@pytest.mark.parametrize(("make", "forwards"), [(host, False), (docker_host, False), (podman_host, True)])
def test_podman_forwards_as_soon_as_a_container_is_started(make: t.Callable[[], FakeHostIO], forwards: bool) -> None:
    machine = make()
    machine.files["/proc/sys/net/ipv4/ip_forward"] = b"0\n"
    assert values(machine)["network.ipv4_forwarding"] is forwards


def test_layout_of_the_seccomp_profile_does_not_count() -> None:
    path = "/usr/share/containers/seccomp.json"
    texts = [
        '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}',
        '{"syscalls":[],\n"defaultAction":"SCMP_ACT_ERRNO"}',
        '{"syscalls":[1]}',
        "no JSON",
    ]
    digests = [values(podman_host({path: text}))["seccomp.default_profile_digest"] for text in texts]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_docker() -> None:
    found = values(docker_host())
    assert (found["engine.name"], found["engine.version"]) == ("docker", "26.1.5+dfsg1")
    assert (found["oci_runtime.name"], found["oci_runtime.version"]) == ("runc", "1.1.15+ds1")
    assert found["storage.backing_filesystem"] == "ext4"
    assert found["engine_network.iptables_backend"] == "legacy"


def test_a_stopped_docker_is_not_started() -> None:
    for files in ({"/run/docker.pid": None}, {"/proc/700/comm": "other\n"}, {"/proc/700/comm": None}):
        found = values(docker_host(files, sockets={}))
        assert (found["engine.name"], found["engine.running"], found["engine.version"]) == ("docker", False, None)


def test_podman_that_was_never_used_is_not_asked() -> None:
    machine = podman_host({"/var/lib/containers/storage/db.sql": None})
    found = values(machine)
    assert (found["engine.name"], found["engine.running"]) == ("podman", False)
    assert not any(argv[0] == "podman" for argv in machine.ran)
    elsewhere = podman_host(
        {
            "/var/lib/containers/storage/db.sql": None,
            "/etc/containers/storage.conf": '[storage]\ngraphroot = "/data"\n',
            "/data/db.sql": "",
        }
    )
    assert values(elsewhere)["engine.running"] is True


def test_both_engines() -> None:
    machine = docker_host({"/var/lib/containers/storage/db.sql": ""}, available=["dockerd", "podman"])
    found = values(machine)
    assert (found["engine.name"], found["engine.others"]) == ("docker", ["podman"])
    stopped = docker_host({"/run/docker.pid": None}, available=["dockerd", "podman"])
    assert values(stopped)["engine.name"] == "podman"
    assert values(stopped, engine="docker")["engine.name"] == "docker"
    assert values(host(), engine="docker")["engine.name"] is None


TEST_SILENT: list[tuple[FakeHostIO, str]] = [
    (docker_host(sockets={}), "/run/docker.sock: no answer"),
    (
        docker_host(sockets={("/run/docker.sock", "/version"): (500, "no space left")}),
        "/run/docker.sock: GET /version was answered with 500: no space left",
    ),
    (docker_host(sockets={("/run/docker.sock", "/version"): (200, "<html>")}), "GET /version: this is no JSON"),
    (docker_host({"/etc/docker/daemon.json": "{"}), "/etc/docker/daemon.json: this is no JSON"),
    (podman_host({"/proc/self/status": "Uid:\t1000\t1000\t1000\t1000\n"}), "run as root"),
]


@pytest.mark.parametrize(("machine", "reason"), TEST_SILENT)
def test_an_engine_that_gives_no_answer_is_unread(machine: FakeHostIO, reason: str) -> None:
    document, _ = observe(machine)
    reasons = {entry["path"]: entry["reason"] for entry in document["unread"]}
    assert reason in reasons["engine.version"]
    assert "engine.name" not in reasons
    assert document["contract_id"] is None
    assert document["group_ids"]["engine"] is None
    assert document["group_ids"]["kernel"] is not None


def test_podman_that_fails() -> None:
    machine = podman_host()
    machine.commands["podman", "info", "--format", "json"] = (125, "", "Error: database is\nlocked")
    document, _ = observe(machine)
    assert {"path": "engine.version", "reason": "podman info failed with 125: Error: database is locked"} in document[
        "unread"
    ]


def test_unreadable_files_are_named() -> None:
    path = "/boot/config-6.12.117+deb13-amd64"
    document, _ = observe(host({path: None, "/etc/subuid": None}, unreadable=[path, "/etc/subuid"]))
    assert document["unread"] == [
        {"path": "kernel.config_digest", "reason": f"{path} can't be read; run as root"},
        {"path": "kernel.config_options", "reason": f"{path} can't be read; run as root"},
        {"path": "userns.engine_subordinate_uids", "reason": "/etc/subuid can't be read; run as root"},
    ]
    assert document["hashed"]["kernel"]["config_digest"] is None


def test_selinux() -> None:
    found = values(selinux_host())
    wanted = {
        "architecture.machine": "x86_64",
        "lsm.container_policy": "selinux",
        "lsm.selinux_mode": "enforcing",
        "lsm.selinux_policy": "targeted",
        "lsm.selinux_container_domain": "container_t",
        "lsm.selinux_container_booleans": {"container_use_devices": False, "virt_use_nfs": True},
        "lsm.apparmor_container_profiles": None,
        "userns.unprivileged_clone": None,
        "time.service": "chronyd.service",
        "secure_boot.enabled": False,
        "secure_boot.firmware": "bios",
    }
    assert {path: found[path] for path in wanted} == wanted
    assert found["kernel.config_digest"] is not None


TEST_CGROUPS: list[tuple[str, t.Optional[str]]] = [
    ("1 1 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "v2"),
    ("1 1 0:1 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", "v1"),
    (
        "1 1 0:1 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n2 1 0:2 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
        "hybrid",
    ),
    ("", None),
]


@pytest.mark.parametrize(("mounts", "version"), TEST_CGROUPS)
def test_cgroup_version(mounts: str, version: t.Optional[str]) -> None:
    machine = host(
        {
            "/proc/self/mountinfo": mounts,
            "/proc/cgroups": "#subsys_name\thierarchy\tnum\tenabled\ncpu\t1\t2\t1\nio\t1\t2\t0\n",
        }
    )
    found = values(machine)
    assert found["cgroup.version"] == version
    if version != "v2":
        assert found["cgroup.controllers"] == ["cpu"]


# What differs between two hosts of one standard, at two providers.
OTHER_IDENTITY = {
    "/proc/sys/kernel/hostname": "beta\n",
    "/proc/sys/kernel/random/boot_id": "00000000-0000-0000-0000-000000000000\n",
    "/proc/sys/kernel/threads-max": "126331\n",
    "/proc/sys/fs/inotify/max_user_watches": "117000\n",
    "/proc/sys/user/max_user_namespaces": "63000\n",
    "/proc/sys/kernel/tainted": "512\n",
    "/proc/meminfo": "MemTotal: 16000000 kB\nSwapTotal: 4000000 kB\n",
    "/proc/cmdline": "root=UUID=1234 console=hvc0 quiet apparmor=1 systemd.unified_cgroup_hierarchy=1\n",
    "/proc/net/route": "Iface\tx\neth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
    "/sys/class/net/eth0/mtu": "1460\n",
    "/sys/class/dmi/id/sys_vendor": "Other\n",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "/etc/machine-id": "0\n",
    "/etc/subuid": "ubuntu:100000:65536\ncontainers:1000000:65536\n",
    "/etc/resolv.conf": "nameserver 10.9.9.9\n",
    "/sys/kernel/security/apparmor/profiles": "containers-default-0.62.2 (enforce)\n",
}


@pytest.mark.parametrize("build", [podman_host, docker_host], ids=["podman", "docker"])
def test_identity_and_size_never_change_the_id(build: t.Callable[..., FakeHostIO]) -> None:
    one, _ = observe(build(), given={"provider": "north"})
    other, _ = observe(build(OTHER_IDENTITY), given={"provider": "south"})
    assert one["identity"] != other["identity"]
    assert one["contract_id"] == other["contract_id"] is not None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/proc/sys/vm/swappiness", "10\n"),
        ("/proc/sys/kernel/tainted", "1\n"),
        ("/etc/sysctl.d/99-inotify.conf", "fs.inotify.max_user_watches = 14619\n"),
        ("/proc/cmdline", "mitigations=off\n"),
        ("/boot/config-6.12.117+deb13-amd64", "CONFIG_USER_NS=y\n"),
        ("/etc/subuid", "containers:9:65536\n"),
        ("/usr/share/containers/seccomp.json", "{}"),
        ("/etc/containers/containers.conf.d/10.conf", "[containers]\npids_limit = 1\n"),
    ],
)
def test_what_a_container_notices_changes_the_id(path: str, content: str) -> None:
    assert observe(podman_host())[0]["contract_id"] != observe(podman_host({path: content}))[0]["contract_id"]


TEST_FAILING: list[tuple[tuple[str, ...], list[str]]] = [
    (("/usr/bin/runc", "--version"), ["oci_runtime.features", "oci_runtime.version"]),
    (("iptables", "--version"), ["engine_network.iptables_backend"]),
    (("ip", "-json", "address"), ["identity.addresses"]),
    (("systemctl",), ["time.service", "time.service_active"]),
]


@pytest.mark.parametrize(("argv", "fields"), TEST_FAILING)
def test_a_command_that_fails_is_no_absence(argv: tuple[str, ...], fields: list[str]) -> None:
    machine = podman_host()
    machine.commands = {key: answer for key, answer in machine.commands.items() if key[0] != argv[0]}
    machine.commands[argv[:1]] = (124, "", "no answer within 120 s")
    unread = {entry["path"]: entry["reason"] for entry in observe(machine)[0]["unread"]}
    assert sorted(unread) == fields
    assert unread[fields[0]].endswith("failed with 124: no answer within 120 s")
