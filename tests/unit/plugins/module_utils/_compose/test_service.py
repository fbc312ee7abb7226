# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short and long forms come out the same: each case is a service's keys in YAML and one field of the model."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Blkio,
    Device,
    DeviceRate,
    Healthcheck,
    Limits,
    Logging,
    Mount,
    Port,
    Service,
    Ulimit,
)

MIB = 1024 * 1024
SECOND = 1_000_000_000
REST = """
  db: {image: postgres, healthcheck: {test: pg_isready}}
  job: {image: job}
  shared: {image: shared, ipc: shareable}
networks:
  front: {}
  back: {name: shared, external: true}
  fixed: {ipam: {config: [{subnet: 172.28.0.0/24}]}}
volumes:
  data: {}
  other: {name: elsewhere}
"""


def service(text: str) -> Service:
    """The service ``web`` with the keys in ``text`` beside others to refer to."""
    document = yaml.safe_load("services:\n  web:\n    image: nginx" + REST)
    document["services"]["web"].update(yaml.safe_load(text))
    variables = {"FROM_OUTSIDE": "given"}
    files = {"a.env": "A=file\nB=file\n"}
    return load(
        document, project_name="p", variables=variables, project_directory="/srv/p", read_text=files.get
    ).services["web"]


CASES: list[tuple[str, str, t.Any]] = [
    ("image: redis:7", "image", "docker.io/library/redis:7"),
    ("{}", "container_name", "p-web-1"),
    ("container_name: my_web.1", "container_name", "my_web.1"),
    ("{}", "command", None),
    ("command: sh -c 'sleep 1'", "command", ("sh", "-c", "sleep 1")),
    ("command: [sh, -c, sleep 1]", "command", ("sh", "-c", "sleep 1")),
    ('command: ""', "command", ()),
    ("command: []", "command", ()),
    ("command: [sleep, 5]", "command", ("sleep", "5")),
    ("entrypoint: /bin/run me", "entrypoint", ("/bin/run", "me")),
    ("environment: {A: 1, B: true, C: 1.5, D: ''}", "environment", {"A": "1", "B": "true", "C": "1.5", "D": ""}),
    ("environment: [A=1, B=a=b, C=]", "environment", {"A": "1", "B": "a=b", "C": ""}),
    ("environment: [FROM_OUTSIDE]", "environment", {"FROM_OUTSIDE": "given"}),
    ("environment: {FROM_OUTSIDE: }", "environment", {"FROM_OUTSIDE": "given"}),
    ("env_file: a.env", "environment", {"A": "file", "B": "file"}),
    ("{env_file: [a.env], environment: {B: own}}", "environment", {"A": "file", "B": "own"}),
    ("env_file: [{path: gone.env, required: false}]", "environment", {}),
    ("ports: ['80']", "ports", (Port(80),)),
    ("ports: [80]", "ports", (Port(80),)),
    ("ports: ['8080:80']", "ports", (Port(80, 8080),)),
    ("ports: ['8080:80/udp']", "ports", (Port(80, 8080, "udp"),)),
    ("ports: ['127.0.0.1:8080:80']", "ports", (Port(80, 8080, "tcp", "127.0.0.1"),)),
    ("ports: ['127.0.0.1::80']", "ports", (Port(80, None, "tcp", "127.0.0.1"),)),
    ("ports: ['0.0.0.0:8080:80']", "ports", (Port(80, 8080),)),
    ("ports: ['[::1]:8080:80']", "ports", (Port(80, 8080, "tcp", "::1"),)),
    ("ports: ['8000-8001:80-81']", "ports", (Port(80, 8000), Port(81, 8001))),
    ("ports: [{target: 80, published: '8080', protocol: udp}]", "ports", (Port(80, 8080, "udp"),)),
    ("ports: [{target: 80, host_ip: 127.0.0.1, mode: host}]", "ports", (Port(80, None, "tcp", "127.0.0.1"),)),
    ("expose: [80, '90-91/udp']", "expose", ("80/tcp", "90/udp", "91/udp")),
    ("volumes: ['data:/d']", "mounts", (Mount("volume", "/d", "p_data"),)),
    ("volumes: ['other:/d:ro']", "mounts", (Mount("volume", "/d", "elsewhere", read_only=True),)),
    ("volumes: ['data:/d:nocopy']", "mounts", (Mount("volume", "/d", "p_data", copy_content=False),)),
    (
        "volumes: ['/etc/x:/d/:ro,Z']",
        "mounts",
        (Mount("bind", "/d", "/etc/x", read_only=True, selinux="Z", create_source=True),),
    ),
    ("volumes: ['./x/../y:/d']", "mounts", (Mount("bind", "/d", "/srv/p/y", create_source=True),)),
    ("volumes: ['.:/d:rw,cached']", "mounts", (Mount("bind", "/d", "/srv/p", create_source=True),)),
    (
        "volumes: ['/a:/d:rslave']",
        "mounts",
        (Mount("bind", "/d", "/a", propagation="rslave", create_source=True),),
    ),
    ("volumes: [{type: volume, source: data, target: /d}]", "mounts", (Mount("volume", "/d", "p_data"),)),
    (
        "volumes: [{type: bind, source: /a, target: /d, bind: {create_host_path: false, selinux: z}}]",
        "mounts",
        (Mount("bind", "/d", "/a", selinux="z"),),
    ),
    (
        "volumes: [{type: tmpfs, target: /d, tmpfs: {size: 64m, mode: '1777'}}]",
        "mounts",
        (Mount("tmpfs", "/d", tmpfs_size_bytes=64 * MIB, tmpfs_mode=0o1777),),
    ),
    ("tmpfs: /run", "mounts", (Mount("tmpfs", "/run"),)),
    (
        "tmpfs: ['/run:size=1m,mode=755,noexec']",
        "mounts",
        (Mount("tmpfs", "/run", tmpfs_size_bytes=MIB, tmpfs_mode=0o755),),
    ),
    ("{}", "networks", {"p_default": Attachment(("web",))}),
    ("networks: [front, back]", "networks", {"p_front": Attachment(("web",)), "shared": Attachment(("web",))}),
    ("networks: {front: {aliases: [www, web]}}", "networks", {"p_front": Attachment(("web", "www"))}),
    ("networks: {front: }", "networks", {"p_front": Attachment(("web",))}),
    (
        "networks: {fixed: {ipv4_address: 172.28.0.5}}",
        "networks",
        {"p_fixed": Attachment(("web",), ipv4_address="172.28.0.5")},
    ),
    ("networks: {}", "networks", {"p_default": Attachment(("web",))}),
    ("network_mode: host", "networks", {}),
    ("network_mode: none", "network_mode", "none"),
    ("labels: {a: 1, b: }", "labels", {"a": "1", "b": ""}),
    ("labels: [a=1, b]", "labels", {"a": "1", "b": ""}),
    ("restart: always", "restart", "always"),
    ("restart: 'no'", "restart", "no"),
    ("restart: no", "restart", "no"),
    ("restart: on-failure:3", "restart_max_retries", 3),
    ("deploy: {restart_policy: {condition: any}}", "restart", "always"),
    ("deploy: {restart_policy: {condition: none}}", "restart", "no"),
    ("deploy: {restart_policy: {condition: on-failure, max_attempts: 4}}", "restart_max_retries", 4),
    ("{restart: always, deploy: {restart_policy: {condition: any}}}", "restart", "always"),
    ("deploy: {update_config: {parallelism: 1, order: stop-first, failure_action: pause}}", "restart", "no"),
    ("deploy: {update_config: {failure_action: rollback}}", "restart", "no"),
    ("deploy: {mode: global}", "container_name", "p-web-1"),
    ("network_mode: 'service:job'", "network_mode", "container:p-job-1"),
    ("network_mode: 'service:job'", "joins", ("job",)),
    ("network_mode: 'service:job'", "depends_on", {"job": "service_started"}),
    ("pid: 'service:job'", "pid", "container:p-job-1"),
    ("ipc: 'service:shared'", "ipc", "container:p-shared-1"),
    ("uts: host", "uts", "host"),
    ("userns_mode: host", "userns_mode", "host"),
    ("cgroup: private", "cgroup", "private"),
    ("cgroup_parent: /x.slice", "cgroup_parent", "/x.slice"),
    ("device_cgroup_rules: ['c 1:3 mr', 'a 7:* rmw']", "device_cgroup_rules", ("c 1:3 mr", "a 7:* rmw")),
    ("annotations: [a=b]", "annotations", {"a": "b"}),
    ("{label_file: a.env, labels: {B: own}}", "labels", {"A": "file", "B": "own"}),
    ("tmpfs: '/run:uid=5,gid=6'", "mounts", (Mount("tmpfs", "/run", tmpfs_uid=5, tmpfs_gid=6),)),
    (
        "volumes: [{type: volume, source: data, target: /d, volume: {subpath: a/b}}]",
        "mounts",
        (Mount("volume", "/d", "p_data", subpath="a/b"),),
    ),
    ("{cpu_period: 50ms, cpu_quota: 25000}", "limits", Limits(cpu_period_us=50000, cpu_quota_us=25000)),
    (
        "blkio_config: {weight: 300, device_write_bps: [{path: /dev/sda, rate: 1m}]}",
        "limits",
        Limits(blkio=Blkio(300, device_write_bps=(DeviceRate("/dev/sda", MIB),))),
    ),
    ("logging: {driver: local}", "logging", Logging("local")),
    ("healthcheck: {start_interval: 1s}", "healthcheck", Healthcheck(start_interval_ns=SECOND)),
    ("healthcheck: {test: curl x, interval: 5s}", "healthcheck", Healthcheck(("CMD-SHELL", "curl x"), 5 * SECOND)),
    ("healthcheck: {test: [CMD, curl, x]}", "healthcheck", Healthcheck(("CMD", "curl", "x"))),
    (
        "healthcheck: {test: [CMD-SHELL, curl x], retries: '3'}",
        "healthcheck",
        Healthcheck(("CMD-SHELL", "curl x"), retries=3),
    ),
    ("healthcheck: {test: [NONE]}", "healthcheck", Healthcheck(disable=True)),
    ("healthcheck: {disable: true}", "healthcheck", Healthcheck(disable=True)),
    (
        "healthcheck: {timeout: 1s, start_period: 1m}",
        "healthcheck",
        Healthcheck(timeout_ns=SECOND, start_period_ns=60 * SECOND),
    ),
    ("depends_on: [db, job]", "depends_on", {"db": "service_started", "job": "service_started"}),
    ("depends_on: {db: {condition: service_healthy}}", "depends_on", {"db": "service_healthy"}),
    ("cap_add: [cap_net_admin, NET_RAW]", "cap_add", ("NET_ADMIN", "NET_RAW")),
    ("cap_drop: [ALL]", "cap_drop", ("ALL",)),
    ("devices: [/dev/ttyUSB0]", "devices", (Device("/dev/ttyUSB0", "/dev/ttyUSB0"),)),
    ("devices: ['/dev/a:/dev/b:rw']", "devices", (Device("/dev/a", "/dev/b", "rw"),)),
    ("devices: [{source: /dev/a, permissions: r}]", "devices", (Device("/dev/a", "/dev/a", "r"),)),
    ("privileged: true", "privileged", True),
    ("read_only: 'true'", "read_only", True),
    (
        "security_opt: ['no-new-privileges:true', 'seccomp:unconfined']",
        "security_opt",
        ("no-new-privileges", "seccomp=unconfined"),
    ),
    ("security_opt: ['no-new-privileges:false']", "security_opt", ()),
    ("security_opt: ['label:type:x_t']", "security_opt", ("label=type:x_t",)),
    ("sysctls: {net.core.somaxconn: 1024}", "sysctls", {"net.core.somaxconn": "1024"}),
    ("sysctls: [net.core.somaxconn=1024]", "sysctls", {"net.core.somaxconn": "1024"}),
    ("user: 1000", "user", "1000"),
    ("group_add: [mail, 12]", "group_add", ("mail", "12")),
    ("dns: 9.9.9.9", "dns", ("9.9.9.9",)),
    ("dns: [9.9.9.9, '2620:fe::fe']", "dns", ("9.9.9.9", "2620:fe::fe")),
    ("extra_hosts: ['a:10.0.0.1', 'b=::1']", "extra_hosts", {"a": "10.0.0.1", "b": "::1"}),
    ("extra_hosts: {a: [10.0.0.1], h: host-gateway}", "extra_hosts", {"a": "10.0.0.1", "h": "host-gateway"}),
    ("stop_signal: usr1", "stop_signal", "SIGUSR1"),
    ("stop_signal: SIGRTMIN+3", "stop_signal", "SIGRTMIN+3"),
    ("stop_grace_period: 1m30s", "stop_grace_period_seconds", 90),
    ("stop_grace_period: 1500ms", "stop_grace_period_seconds", 2),
    ("init: true", "init", True),
    ("{}", "init", None),
    ("logging: {driver: journald, options: {tag: x}}", "logging", Logging("journald", {"tag": "x"})),
    ("pull_policy: if_not_present", "pull_policy", "missing"),
    ("ipc: host", "ipc", "host"),
    ("hostname: web-1.example", "hostname", "web-1.example"),
]

LIMITS: list[tuple[str, str, t.Any]] = [
    ("mem_limit: 128m", "memory_bytes", 128 * MIB),
    ("deploy: {resources: {limits: {memory: 1G}}}", "memory_bytes", 1024 * MIB),
    ("{mem_limit: 1g, deploy: {resources: {limits: {memory: 1024m}}}}", "memory_bytes", 1024 * MIB),
    ("{mem_limit: 128m, mem_reservation: 64m}", "memory_reservation_bytes", 64 * MIB),
    ("deploy: {resources: {reservations: {memory: 64m}}}", "memory_reservation_bytes", 64 * MIB),
    ("{mem_limit: 1g, memswap_limit: -1}", "memory_swap_bytes", -1),
    ("cpus: 0.5", "cpus", 0.5),
    ("deploy: {resources: {limits: {cpus: '1.5'}}}", "cpus", 1.5),
    ("cpu_shares: 512", "cpu_shares", 512),
    ("cpuset: 0,2-3", "cpuset", "0,2-3"),
    ("pids_limit: 100", "pids", 100),
    ("pids_limit: -1", "pids", -1),
    ("deploy: {replicas: 1, resources: {limits: {pids: 100}}}", "pids", 100),
    ("shm_size: 1gb", "shm_size_bytes", 1024 * MIB),
    ("oom_score_adj: -500", "oom_score_adj", -500),
    ("ulimits: {nofile: 1024}", "ulimits", {"nofile": Ulimit(1024, 1024)}),
    ("ulimits: {nofile: {soft: 1, hard: 2}, core: -1}", "ulimits", {"nofile": Ulimit(1, 2), "core": Ulimit(-1, -1)}),
]


@pytest.mark.parametrize(("text", "attribute", "expected"), CASES)
def test_service(text: str, attribute: str, expected: t.Any) -> None:
    assert getattr(service(text), attribute) == expected


@pytest.mark.parametrize(("text", "attribute", "expected"), LIMITS)
def test_limits(text: str, attribute: str, expected: t.Any) -> None:
    assert getattr(service(text).limits, attribute) == expected
