# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Blkio,
    Device,
    DeviceRate,
    Healthcheck,
    Limits,
    Logging,
    Mount,
    Network,
    Port,
    Service,
    Subnet,
    Ulimit,
    Volume,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model_build import Build
from ansible_collections.anycloud.container_host.plugins.module_utils._engine import arguments

MIB = 1024 * 1024


def service(**changes):
    values = {"name": "web", "container_name": "shop-web-1", "image": "docker.io/library/x:1"}
    return Service(**{**values, "networks": {"shop_default": Attachment()}, **changes})


def payload(engine="docker", kept=None, **changes):
    return arguments.container_payload("shop", service(**changes), engine, kept)


# What a field of the service becomes, by a dotted path into the body; the same on both engines.
CASES = [
    ({"command": ("a", "b")}, "Cmd", ["a", "b"]),
    ({"command": ()}, "Cmd", []),
    ({"entrypoint": ()}, "Entrypoint", [""]),
    ({"environment": {"B": "2", "A": "1=1"}}, "Env", ["A=1=1", "B=2"]),
    ({"user": "1000:1000"}, "User", "1000:1000"),
    ({"working_dir": "/srv"}, "WorkingDir", "/srv"),
    ({"hostname": "h"}, "Hostname", "h"),
    ({"stop_signal": "SIGINT"}, "StopSignal", "SIGINT"),
    ({}, "StopTimeout", 10),
    ({"stop_grace_period_seconds": 0}, "StopTimeout", 0),
    ({"expose": ("9000", "53/udp")}, "ExposedPorts", {"9000/tcp": {}, "53/udp": {}}),
    (
        {"ports": (Port(80, 8080), Port(80, 8081, host_ip="127.0.0.1"), Port(53, None, "udp"))},
        "HostConfig.PortBindings",
        {
            "80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "127.0.0.1", "HostPort": "8081"}],
            "53/udp": [{"HostIp": "", "HostPort": ""}],
        },
    ),
    ({"healthcheck": Healthcheck(disable=True)}, "Healthcheck", {"Test": ["NONE"]}),
    (
        {"healthcheck": Healthcheck(("CMD-SHELL", "true"), retries=7)},
        "Healthcheck",
        {
            "Test": ["CMD-SHELL", "true"],
            "Interval": 30_000_000_000,
            "Timeout": 30_000_000_000,
            "StartPeriod": 0,
            "Retries": 7,
        },
    ),
    ({"restart": "on-failure", "restart_max_retries": 4}, "HostConfig.RestartPolicy.MaximumRetryCount", 4),
    ({"healthcheck": Healthcheck(start_interval_ns=5)}, "Healthcheck.StartInterval", 5),
    ({"network_mode": "container:x"}, "HostConfig.NetworkMode", "container:x"),
    ({"ipc": "container:x"}, "HostConfig.IpcMode", "container:x"),
    ({"uts": "host"}, "HostConfig.UTSMode", "host"),
    ({"userns_mode": "host"}, "HostConfig.UsernsMode", "host"),
    ({"cgroup": "host"}, "HostConfig.CgroupnsMode", "host"),
    ({"cgroup_parent": "a.slice"}, "HostConfig.CgroupParent", "a.slice"),
    ({"device_cgroup_rules": ("c 1:3 r",)}, "HostConfig.DeviceCgroupRules", ["c 1:3 r"]),
    ({"annotations": {"a": "b"}}, "HostConfig.Annotations", {"a": "b"}),
    ({"limits": Limits(cpu_period_us=50000)}, "HostConfig.CpuPeriod", 50000),
    ({"limits": Limits(cpu_quota_us=25000)}, "HostConfig.CpuQuota", 25000),
    ({"limits": Limits(blkio=Blkio(weight=20))}, "HostConfig.BlkioWeight", 20),
    (
        {"limits": Limits(blkio=Blkio(weight_device=(DeviceRate("/dev/a", 30),)))},
        "HostConfig.BlkioWeightDevice",
        [{"Path": "/dev/a", "Weight": 30}],
    ),
    (
        {"limits": Limits(blkio=Blkio(device_read_iops=(DeviceRate("/dev/a", 30),)))},
        "HostConfig.BlkioDeviceReadIOps",
        [{"Path": "/dev/a", "Rate": 30}],
    ),
    (
        {"mounts": (Mount("volume", "/d", "v", subpath="a", copy_content=False),)},
        "HostConfig.Mounts",
        [
            {
                "Type": "volume",
                "Source": "v",
                "Target": "/d",
                "ReadOnly": False,
                "VolumeOptions": {"Subpath": "a", "NoCopy": True},
            }
        ],
    ),
    ({"limits": Limits(cpus=0.3)}, "HostConfig.NanoCpus", 300_000_000),
    ({"limits": Limits(memory_bytes=32 * MIB)}, "HostConfig.Memory", 32 * MIB),
    ({"limits": Limits(memory_bytes=32 * MIB)}, "HostConfig.MemorySwap", 64 * MIB),
    ({"limits": Limits(memory_bytes=32 * MIB, memory_swap_bytes=-1)}, "HostConfig.MemorySwap", -1),
    ({"limits": Limits(memory_reservation_bytes=MIB)}, "HostConfig.MemoryReservation", MIB),
    ({"limits": Limits(pids=0)}, "HostConfig.PidsLimit", -1),
    ({"limits": Limits(pids=50)}, "HostConfig.PidsLimit", 50),
    ({}, "HostConfig.ShmSize", 64 * MIB),
    (
        {"limits": Limits(ulimits={"nofile": Ulimit(10, 20)})},
        "HostConfig.Ulimits",
        [{"Name": "nofile", "Soft": 10, "Hard": 20}],
    ),
    ({"cap_add": ("CAP_NET_ADMIN", "sys_time")}, "HostConfig.CapAdd", ["NET_ADMIN", "SYS_TIME"]),
    ({"cap_drop": ("ALL",)}, "HostConfig.CapDrop", ["ALL"]),
    ({"read_only": True}, "HostConfig.ReadonlyRootfs", True),
    ({"init": True}, "HostConfig.Init", True),
    ({"extra_hosts": {"b": "10.0.0.2", "a": "10.0.0.1"}}, "HostConfig.ExtraHosts", ["a:10.0.0.1", "b:10.0.0.2"]),
    (
        {"devices": (Device("/dev/a", "/dev/b", "r"),)},
        "HostConfig.Devices",
        [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"}],
    ),
    (
        {"mounts": (Mount("volume", "/data", "shop_data"), Mount("bind", "/etc/x", "/srv/x", read_only=True))},
        "HostConfig.Mounts",
        [
            {"Type": "volume", "Source": "shop_data", "Target": "/data", "ReadOnly": False},
            {"Type": "bind", "Source": "/srv/x", "Target": "/etc/x", "ReadOnly": True},
        ],
    ),
    (
        {"mounts": (Mount("bind", "/d", "/s", selinux="Z"), Mount("volume", "/e", "v", copy_content=False))},
        "HostConfig.Binds",
        ["/s:/d:Z", "v:/e:nocopy"],
    ),
    ({"mounts": (Mount("volume", "/anonymous"),)}, "Volumes", {"/anonymous": {}}),
    ({"network_mode": "host", "networks": {}}, "HostConfig.NetworkMode", "host"),
    ({}, "HostConfig.NetworkMode", "shop_default"),
    ({}, "HostConfig.IpcMode", "private"),
    ({"ipc": "host"}, "HostConfig.IpcMode", "host"),
    (
        {"networks": {"shop_default": Attachment(("api", "web"), ipv4_address="10.1.0.5")}},
        "NetworkingConfig.EndpointsConfig",
        {
            "shop_default": {
                "Aliases": ["web", "shop-web-1", "api"],
                "IPAMConfig": {"IPv4Address": "10.1.0.5"},
            }
        },
    ),
    (
        {"logging": Logging("journald", {"tag": "x"})},
        "HostConfig.LogConfig",
        {"Type": "journald", "Config": {"tag": "x"}},
    ),
]


@pytest.mark.parametrize("engine", ["docker", "podman"])
@pytest.mark.parametrize(("changes", "path", "expected"), CASES)
def test_container_payload(engine, changes, path, expected):
    found = payload(engine, **changes)
    for key in path.split("."):
        found = found[key]
    assert found == expected


def test_what_is_not_said_is_left_to_image_and_engine():
    body = payload()
    assert {"Cmd", "Entrypoint", "User", "WorkingDir", "Hostname", "StopSignal", "Healthcheck"}.isdisjoint(body)
    assert {"PidsLimit", "Memory", "NanoCpus", "Init", "LogConfig", "PidMode"}.isdisjoint(body["HostConfig"])


def test_labels_say_whose_it_is_and_what_it_was_made_from():
    labels = payload(labels={"mine": "1"})["Labels"]
    assert labels["mine"] == "1"
    assert labels["com.docker.compose.project"] == "shop"
    assert labels["com.docker.compose.service"] == "web"
    assert len(labels["io.anycloud.container-host.spec-sha256"]) == 64


def test_a_kept_anonymous_volume_is_mounted_by_its_name():
    body = payload(kept={"/var/data": "a" * 64}, mounts=(Mount("volume", "/var/data"),))
    assert body["Volumes"] == {}
    assert body["HostConfig"]["Mounts"] == [
        {"Type": "volume", "Source": "a" * 64, "Target": "/var/data", "ReadOnly": False}
    ]
    assert body["Labels"]["io.anycloud.container-host.kept-volumes"] == "a" * 64


def test_only_the_first_network_is_part_of_the_body():
    two = service(networks={"n1": Attachment(), "n2": Attachment(("db",), ipv6_address="fd00::5")})
    assert list(arguments.container_payload("shop", two, "docker")["NetworkingConfig"]["EndpointsConfig"]) == ["n1"]
    assert arguments.further_networks(two) == {
        "n2": {"aliases": ["web", "shop-web-1", "db"], "ipv4_address": None, "ipv6_address": "fd00::5"}
    }


def test_network_arguments():
    network = Network("shop_n", internal=True, subnets=(Subnet("10.1.0.0/24", "10.1.0.1"),), labels={"a": "b"})
    made = arguments.network_arguments("shop", "n", network, "docker")
    assert made["ipam"] == {"Driver": "default", "Config": [{"Subnet": "10.1.0.0/24", "Gateway": "10.1.0.1"}]}
    assert made["internal"] is True
    assert made["labels"]["a"] == "b"
    assert made["labels"]["com.docker.compose.network"] == "n"
    assert arguments.network_arguments("shop", "n", Network("shop_n"), "docker")["ipam"] is None
    assert arguments.network_arguments("shop", "n", Network("shop_n"), "docker")["options"] is None
    assert arguments.network_arguments("shop", "n", Network("shop_n"), "podman")["options"] == {"isolate": "true"}


def test_volume_arguments():
    made = arguments.volume_arguments("shop", "data", Volume("shop_data", driver_opts={"type": "tmpfs"}))
    assert made["driver"] == "local"
    assert made["driver_opts"] == {"type": "tmpfs"}
    assert made["labels"]["com.docker.compose.volume"] == "data"


def test_a_shared_network_gets_no_settings_of_its_own():
    assert payload("podman", network_mode="container:x", networks={})["HostConfig"]["Sysctls"] == {}
    assert "NetworkingConfig" not in payload("podman", network_mode="container:x", networks={})


def test_the_owner_of_a_tmpfs():
    made = payload("docker", mounts=(Mount("tmpfs", "/t", tmpfs_uid=5, tmpfs_gid=0),))
    assert made["HostConfig"]["Tmpfs"]["/t"].endswith(",uid=5,gid=0")


def test_a_build():
    plain = arguments.build_arguments(Build("c", "d"), "")
    assert plain == {
        "dockerfile": "Dockerfile",
        "buildargs": {},
        "labels": {"io.anycloud.container-host.build-sha256": "d"},
        "target": None,
        "network_mode": None,
        "platform": None,
        "pull": False,
        "nocache": False,
        "rm": True,
        "forcerm": True,
    }
    build = Build("c", "d", "x", {"A": "1"}, {"l": "m"}, "run", "none", pull=True, no_cache=True)
    assert arguments.build_arguments(build, "linux/arm64") == {
        **plain,
        "dockerfile": "x",
        "buildargs": {"A": "1"},
        "labels": {"l": "m", "io.anycloud.container-host.build-sha256": "d"},
        "target": "run",
        "network_mode": "none",
        "platform": "linux/arm64",
        "pull": True,
        "nocache": True,
    }
