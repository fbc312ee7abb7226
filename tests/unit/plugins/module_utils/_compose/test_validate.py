# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, where, and with which remedy."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys import SECTIONS, Support
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Port
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ports import ports_overlap
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem


def problems(document: object) -> list[Problem]:
    """What is wrong with a document; none when it loads."""
    try:
        load(document, project_name="p")
    except InputError as error:
        return list(error.problems)
    return []


# A service's keys in YAML, the path within services.web, and a part of message or remedy.
SERVICE: list[tuple[str, str, str]] = [
    ("prots: ['80:80']", "prots", "did you mean ports?"),
    ("enviroment: {}", "enviroment", "did you mean environment?"),
    ("depends-on: []", "depends-on", "did you mean depends_on?"),
    ("restart_policy_of_mine: x", "restart_policy_of_mine", "begin it with x-"),
    ("build: .", "build", "there is no directory to read it from"),
    ("profiles: [-dev]", "profiles", "isn't a profile's name"),
    ("secrets: [a]", "secrets[0]", "define a under secrets"),
    ("configs: [{source: a}]", "configs[0]", "define a under configs"),
    ("configs: [{target: /a}]", "configs[0]", "has no source"),
    ("configs: [{source: there, mode: rw}]", "configs[0].mode", "in octal"),
    ("configs: [{source: there, uid: root}]", "configs[0].uid", "whole number"),
    ("configs: [there, {source: there}]", "volumes", "/there is mounted 2 times"),
    ("configs: there", "configs", "must be a list"),
    ("configs: [{source: there, target: 'c:/x'}]", "configs[0].target", "a path without one"),
    ("extends: {service: x}", "extends", "define the service there"),
    ("extends: {service: web}", "extends", "remove one of these extends"),
    ("extends: {file: gone.yml, service: web}", "extends", "gone.yml isn't there"),
    ("extends: {file: gone.yml}", "extends", "names no service"),
    ("extends: [db]", "extends", "write a service's name"),
    ("links: [nope]", "links[0]", "define nope under services"),
    ("volumes_from: [nope]", "volumes_from[0]", "define nope under services"),
    ("gpus: all", "gpus", "name the devices"),
    ("post_start: []", "post_start", "entrypoint"),
    ("pre_stop: []", "pre_stop", "stop signal"),
    ("image: UPPER/case", "image", "write upper/case"),
    ("image: ''", "image", "image reference"),
    ("image: [a]", "image", "must be text"),
    ("command: echo 'open", "command", "close the quote"),
    ("command: {a: b}", "command", "must be text"),
    ("command: [true]", "command[0]", 'put it in quotes, "true"'),
    ("environment: [=x]", "environment[0]", "write KEY=value"),
    ("environment: [A=1, A=2]", "environment[1]", "given twice"),
    ("environment: {A: [1]}", "environment.A", "must be text"),
    ("environment: {A: }", "environment.A", "variable A is not set"),
    ("environment: [A]", "environment[0]", "variable A is not set"),
    ("environment: 3", "environment", "must be a mapping"),
    ("env_file: gone.env", "env_file", "isn't there"),
    ("env_file: [{path: gone.env}]", "env_file[0]", "isn't there"),
    ("env_file: [{path: a, format: xml, required: false}]", "env_file[0].format", "use raw"),
    ("ports: '80:80'", "ports", "must be a list"),
    ("ports: ['70000:80']", "ports[0]", "isn't a port"),
    ("ports: ['80:http']", "ports[0]", "isn't a port"),
    ("ports: ['1:2:3:4']", "ports[0]", "port mapping"),
    ("ports: ['999.1.1.1:80:80']", "ports[0]", "IP address"),
    ("ports: ['80:80/icmp']", "ports[0]", "tcp, udp or sctp"),
    ("ports: ['8000-8001:80']", "ports[0]", "same length"),
    ("ports: ['80:80', '80:81']", "ports", "also published by web"),
    ("ports: ['80:80', '127.0.0.1:80:81']", "ports", "also published by web"),
    ("ports: [{published: 80}]", "ports[0]", "has no target"),
    ("ports: [{target: 80, publish: 80}]", "ports[0].publish", "did you mean published?"),
    ("ports: [true]", "ports[0]", "is a boolean"),
    ("volumes: ['nope:/d']", "volumes[0]", "define nope under volumes"),
    ("volumes: ['sub/dir:/d']", "volumes[0]", "write ./sub/dir for a path"),
    ("volumes: ['/d']", "volumes[0]", "lost with its container"),
    ("volumes: ['./x:/d']", "volumes[0]", "project_directory"),
    ("volumes: ['~/x:/d']", "volumes[0]", "absolute path"),
    ("volumes: ['/x:d']", "volumes[0]", "isn't absolute"),
    ("volumes: ['/x:/d:rx']", "volumes[0]", "mount option"),
    ("volumes: ['/x:/d', '/y:/d/']", "volumes", "mounted 2 times"),
    ("volumes: [{type: npipe, source: a, target: /d}]", "volumes[0].type", "volume, bind or tmpfs"),
    ("volumes: [{source: a, target: /d}]", "volumes[0].type", "is missing"),
    ("volumes: [{type: bind, source: /a}]", "volumes[0]", "has no target"),
    ("volumes: [{type: bind, target: /a}]", "volumes[0]", "without a source"),
    ("volumes: [{type: bind, source: /a, target: /d, tmpfs: {size: 1}}]", "volumes[0].tmpfs", "no effect"),
    ("tmpfs: run", "tmpfs", "absolute path"),
    ("tmpfs: ['/run:exec']", "tmpfs[0]", "use size=, mode=, uid= and gid="),
    ("tmpfs: ['/run:uid=me']", "tmpfs[0]", "whole number"),
    ("networks: [nope]", "networks[0]", "define nope under networks"),
    ("networks: {nope: }", "networks.nope", "define nope under networks"),
    ("networks: {default: {ipv4_address: 10.1.2.3}}", "networks", "needs a subnet"),
    ("networks: {default: {mac_address: x}}", "networks.default.mac_address", "engine chooses it"),
    ("network_mode: bridge", "network_mode", "host or none"),
    ("{network_mode: host, networks: [default]}", "networks", "keep networks, or network_mode"),
    ("{network_mode: host, ports: ['80:80']}", "ports", "network_mode: host"),
    ("labels: {com.docker.compose.project: x}", "labels.com.docker.compose.project", "written by the collection"),
    ("labels: {io.anycloud.container-host.move.x: x}", "labels.io.anycloud.container-host.move.x", "written by the"),
    ("restart: sometimes", "restart", "unless-stopped"),
    ("restart: always:3", "restart", "restart policy"),
    ("healthcheck: {test: [curl, x]}", "healthcheck.test", "begin with CMD"),
    ("healthcheck: {test: [CMD]}", "healthcheck.test", "has no command"),
    ("healthcheck: {test: [CMD-SHELL, a, b]}", "healthcheck.test", "one text"),
    ("healthcheck: {interval: 10}", "healthcheck.interval", "write 10s"),
    ("healthcheck: {interval: soon}", "healthcheck.interval", "duration"),
    ("healthcheck: {interval: 1us}", "healthcheck.interval", "too short"),
    ("healthcheck: {retries: 0}", "healthcheck.retries", "at least 1"),
    ("healthcheck: {start_interval: 1us}", "healthcheck.start_interval", "too short"),
    ("healthcheck: curl x", "healthcheck", "must be a mapping"),
    ("depends_on: [nope]", "depends_on.nope", "define nope under services"),
    ("depends_on: [web]", "depends_on", "web -> web"),
    ("depends_on: {db: {condition: service_fine}}", "depends_on.db.condition", "service_healthy"),
    ("depends_on: {db: {condition: service_healthy}}", "depends_on.db", "give db a healthcheck"),
    ("depends_on: {mute: {condition: service_healthy}}", "depends_on.mute", "disabled"),
    ("depends_on: {db: {condition: service_completed_successfully}}", "depends_on.db", "never completes"),
    ("depends_on: {db: {restart: perhaps}}", "depends_on.db.restart", "write true or false"),
    ("mem_limit: 12 apples", "mem_limit", "size"),
    ("mem_limit: 1m", "", "at least 6m"),
    ("{mem_limit: 64m, mem_reservation: 128m}", "", "lower the reservation"),
    ("memswap_limit: 64m", "memswap_limit", "set mem_limit"),
    ("{mem_limit: 64m, deploy: {resources: {limits: {memory: 128m}}}}", "mem_limit", "contradicts deploy.resources"),
    ("cpus: none", "cpus", "number of CPUs"),
    ("cpuset: all", "cpuset", "0-3"),
    ("pids_limit: many", "pids_limit", "whole number"),
    ("scale: 1000", "scale", "at most 100"),
    ("{scale: 3, deploy: {replicas: 2}}", "scale", "keep one of them"),
    ("{scale: 2, container_name: x1}", "container_name", "can't all be called x1"),
    ("{scale: 2, ports: ['80', '80:80']}", "ports[1]", "publish port 80"),
    ("{scale: 2, networks: {fixed: {ipv4_address: 10.9.0.5}}}", "networks", "the same address"),
    ("deploy: {replicas: some}", "deploy.replicas", "whole number"),
    ("deploy: {mode: replicated-job}", "deploy.mode", "use replicated"),
    ("deploy: {mode: global, replicas: 2}", "deploy.replicas", "mode: global"),
    ("deploy: {restart_policy: {condition: sometimes}}", "deploy.restart_policy.condition", "on-failure"),
    ("deploy: {restart_policy: {delay: 5s}}", "deploy.restart_policy.delay", "waits a little longer"),
    ("deploy: {restart_policy: {max_attempts: 5}}", "deploy.restart_policy.max_attempts", "use on-failure"),
    ("{restart: always, deploy: {restart_policy: {condition: none}}}", "restart", "contradicts"),
    ("deploy: {update_config: {parallelism: 2}}", "deploy.update_config.parallelism", "one by one"),
    ("deploy: {update_config: {order: start-first}}", "deploy.update_config.order", "use stop-first"),
    ("deploy: {update_config: {delay: 5s}}", "deploy.update_config.delay", "healthcheck"),
    ("depends_on: {none: {condition: service_started}}", "depends_on.none", "has 0 replicas"),
    ("network_mode: 'service:nope'", "depends_on.nope", "define nope under services"),
    ("network_mode: 'service:many'", "network_mode", "use one replica of many"),
    ("{network_mode: 'service:db', hostname: h}", "hostname", "give it to service db"),
    ("{network_mode: 'service:db', ports: ['80:80']}", "ports", "can't be published"),
    ("ipc: 'service:db'", "ipc", "ipc: shareable"),
    ("pid: 'service:web'", "depends_on", "web -> web"),
    ("pid: 'container:x'", "pid", "service:name"),
    ("uts: private", "uts", "use host"),
    ("userns_mode: keep-id", "userns_mode", "use host"),
    ("cgroup: mine", "cgroup", "private or host"),
    ("device_cgroup_rules: ['c 1 rw']", "device_cgroup_rules[0]", "c 1:3 mr"),
    ("{cpus: 1, cpu_quota: 50000}", "cpus", "keep one of them"),
    ("cpu_period: soon", "cpu_period", "duration"),
    ("blkio_config: {weight: 5}", "blkio_config.weight", "at least 10"),
    ("blkio_config: {weight: 5000}", "blkio_config.weight", "10 to 1000"),
    ("blkio_config: {device_read_bps: [{path: sda, rate: 1m}]}", "blkio_config.device_read_bps[0]", "/dev/sda"),
    ("blkio_config: {device_read_iops: [{path: /dev/sda}]}", "blkio_config.device_read_iops[0]", "has no rate"),
    ("label_file: gone", "label_file", "isn't there"),
    (
        "volumes: [{type: volume, source: data, target: /d, volume: {subpath: ../x}}]",
        "volumes[0].volume.subpath",
        "inside it",
    ),
    ("deploy: {placement: {}}", "deploy.placement", "in the playbook"),
    ("deploy: {resources: {reservations: {cpus: 1}}}", "deploy.resources.reservations.cpus", "cpu_shares"),
    ("deploy: {resources: {limits: {disk: 1}}}", "deploy.resources.limits.disk", "remove it"),
    ("ulimits: {files: 1}", "ulimits.files", "nofile"),
    ("ulimits: {nofile: {soft: 1}}", "ulimits.nofile", "has no hard limit"),
    ("ulimits: {nofile: {soft: 3, hard: 2}}", "ulimits.nofile", "above hard limit"),
    ("cap_add: [FLY]", "cap_add[0]", "capabilities(7)"),
    ("{cap_add: [KILL], cap_drop: [KILL]}", "cap_add", "also in cap_drop"),
    ("devices: [ttyUSB0]", "devices[0]", "isn't a device"),
    ("devices: ['/dev/a:/dev/b:rwx']", "devices[0]", "use r, w and m"),
    ("security_opt: ['seccomp:profile.json']", "security_opt[0]", "seccomp=unconfined"),
    ("security_opt: [systempaths=unconfined]", "security_opt[0]", "all engines"),
    ("privileged: 1", "privileged", "must be true or false"),
    ("privileged: perhaps", "privileged", "write true or false"),
    ("working_dir: app", "working_dir", "isn't absolute"),
    ("hostname: a_b", "hostname", "host name"),
    ("dns: resolver", "dns", "IP address"),
    ("extra_hosts: [db]", "extra_hosts[0]", "name=address"),
    ("extra_hosts: {a: [10.0.0.1, 10.0.0.2]}", "extra_hosts.a", "one address"),
    ("stop_signal: SIGSTOPPING", "stop_signal", "signal(7)"),
    ("stop_grace_period: 10", "stop_grace_period", "write 10s"),
    ("logging: {driver: syslog}", "logging.driver", "journald"),
    ("pull_policy: daily", "pull_policy", "always"),
    ("ipc: container:x", "ipc", "shareable"),
    ("container_name: '-x'", "container_name", "use letters"),
]

# A whole document in YAML, the path, and a part of message or remedy.
DOCUMENTS: list[tuple[str, str, str]] = [
    ("[]", "the file", "begin with services"),
    ("null", "the file", "begin with services"),
    ("just text", "the file", "begin with services"),
    ("services: {}", "services", "define at least one"),
    ("services: [a]", "services", "must be a mapping"),
    ("services: {web: }", "services.web", "is empty"),
    ("services: {web: nginx}", "services.web", "must be a mapping"),
    ("services: {web: {}}", "services.web", "has no image"),
    ("services: {'we b': {image: a}}", "services.we b", "service's name"),
    ("services: {1: {image: a}}", "services", "put it in quotes"),
    ("sevices: {web: {image: a}}", "sevices", "did you mean services?"),
    ("{services: {web: {image: a, secrets: [a]}}, secrets: {a: {file: b}}}", "secrets.a.file", "file b isn't there"),
    ("{services: {web: {image: a, secrets: [a]}}, secrets: {a: {file: ''}}}", "secrets.a.file", "give a path"),
    (
        "{services: {web: {image: a, secrets: [a]}}, secrets: {a: {environment: B}}}",
        "secrets.a.environment",
        "give B in the option environment",
    ),
    ("{services: {web: {image: a}}, secrets: {a: {content: b}}}", "secrets.a.content", "remove it"),
    ("{services: {web: {image: a}}, secrets: {a: {}}}", "secrets.a", "give one of file, environment"),
    ("{services: {web: {image: a}}, secrets: {a: {external: true}}}", "secrets.a.external", "has no store"),
    ("{services: {web: {image: a}}, configs: {a: {file: b, content: c}}}", "configs.a", "has file and content"),
    ("{services: {web: {image: a}}, configs: {'a b': {content: c}}}", "configs.a b", "use letters"),
    ("{services: {web: {image: a}}, configs: {a: {content: [c]}}}", "configs.a.content", "must be text"),
    ("{services: {web: {image: a}}, include: [b.yml]}", "include[0]", "b.yml isn't there"),
    ("{services: {web: {image: a}}, include: b.yml}", "include", "isn't a list"),
    ("{services: {web: {image: a}}, include: [{path: []}]}", "include[0]", "has no path"),
    ("{services: {web: {image: a}}, include: [{file: b.yml}]}", "include[0]", "use path"),
    ("{services: {web: {image: a}}, include: [3]}", "include[0]", "write a path"),
    ("{services: {web: {image: a}}, include: ['https://h.example/c.yml']}", "include[0]", "fetch it first"),
    ("services: {web: {image: a, profiles: [dev]}}", "services", "activate a profile"),
    (
        "services: {web: {image: a, depends_on: [db]}, db: {image: b, profiles: [dev]}}",
        "services.web.depends_on.db",
        "activate a profile of db",
    ),
    (
        "services: {a: {image: x, extends: b}, b: {extends: c}, c: {extends: a}}",
        "services.a.extends",
        "extend each other: b -> c -> a -> b",
    ),
    ("{services: {web: {image: a}}, networks: {n: {driver: overlay}}}", "networks.n.driver", "bridge"),
    (
        "{services: {web: {image: a}}, networks: {n: {ipam: {config: [{subnet: 10.0.0.1/8}]}}}}",
        "networks.n.ipam.config[0].subnet",
        "isn't a subnet",
    ),
    (
        "{services: {web: {image: a}}, networks: {n: {ipam: {config: [{subnet: 10.0.0.0/8, gateway: 11.0.0.1}]}}}}",
        "networks.n.ipam.config[0].gateway",
        "isn't in 10.0.0.0/8",
    ),
    (
        "{services: {web: {image: a}}, networks: {n: {ipam: {config: [{gateway: 11.0.0.1}]}}}}",
        "networks.n.ipam.config[0]",
        "has no subnet",
    ),
    (
        "{services: {web: {image: a}}, networks: {n: {external: true, driver: bridge}}}",
        "networks.n.driver",
        "no effect",
    ),
    ("{services: {web: {image: a}}, volumes: {v: {external: true, labels: {}}}}", "volumes.v.labels", "no effect"),
    ("{services: {web: {image: a}}, volumes: {a: {name: x}, b: {name: x}}}", "volumes.b.name", "also the name of a"),
    ("{services: {web: {image: a}}, volumes: {a: {drive: x}}}", "volumes.a.drive", "did you mean driver?"),
    (
        "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [c]}, c: {image: x, depends_on: [a]}}",
        "services.a.depends_on",
        "a -> b -> c -> a",
    ),
    (
        "services: {a: {image: x, container_name: c1}, b: {image: x, container_name: c1}}",
        "services.b.container_name",
        "also the container of a",
    ),
    ("{services: {web: {image: a}}, volumes: {'a b': {}}}", "volumes.a b", "use letters"),
    ("{services: {web: {image: a}}, networks: {a: {name: ../x}}}", "networks.a.name", "use letters"),
    (
        "services: {a: {image: x, ports: ['80:1']}, b: {image: x, ports: ['80:2']}}",
        "services.b.ports",
        "published by a",
    ),
]


@pytest.mark.parametrize(("text", "path", "part"), SERVICE)
def test_service_is_refused(text: str, path: str, part: str) -> None:
    services = {
        "web": {"image": "nginx", **yaml.safe_load(text)},
        "db": {"image": "postgres", "restart": "always"},
        "mute": {"image": "x", "healthcheck": {"disable": True}},
        "none": {"image": "x", "scale": 0},
        "many": {"image": "x", "scale": 2},
    }
    networks = {"fixed": {"ipam": {"config": [{"subnet": "10.9.0.0/24"}]}}}
    found = problems(
        {"volumes": {"data": {}}, "networks": networks, "services": services, "configs": {"there": {"content": "x"}}}
    )
    assert [problem.path for problem in found] == [f"services.web.{path}".rstrip(".")]
    assert part in f"{found[0].message}; {found[0].remedy}"
    assert found[0].remedy


@pytest.mark.parametrize(("text", "path", "part"), DOCUMENTS)
def test_document_is_refused(text: str, path: str, part: str) -> None:
    found = problems(yaml.safe_load(text))
    assert [problem.path for problem in found] == [path]
    assert part in f"{found[0].message}; {found[0].remedy}"


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (section, key.name)
        for section in ("service", "project")
        for key in SECTIONS[section].keys.values()
        if key.support is Support.REFUSED
    ],
)
def test_every_refused_key_says_what_to_do_instead(section: str, key: str) -> None:
    document: dict[str, dict[str, dict[str, object]]] = {"services": {"web": {"image": "nginx"}}}
    holder = document if section == "project" else document["services"]["web"]
    holder[key] = {}
    found = problems(document)
    assert [problem.path for problem in found] == [key if section == "project" else f"services.web.{key}"]
    assert found[0].remedy == SECTIONS[section].keys[key].text != ""


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    document = {
        "services": {
            "web": {"image": "nginx", "ports": ["99999:80"], "depends_on": ["cache"], "prots": []},
            "db": {"image": "${NOPE}", "mem_limit": "lots"},
        }
    }
    lines = {("services", "web", "ports", 0): 5, ("services", "web"): 2, ("services", "db"): 8}
    with pytest.raises(InputError) as caught:
        load(document, lines, project_name="p")
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [
        ("services.web.prots", 2),
        ("services.web.depends_on.cache", 2),
        ("services.web.ports[0]", 5),
        ("services.db.image", 8),
        ("services.db.mem_limit", 8),
    ]


@pytest.mark.parametrize("name", ["", "Upper", "-a", "a b", "ä"])
def test_bad_project_names(name: str) -> None:
    with pytest.raises(InputError) as caught:
        load({"name": name, "services": {"web": {"image": "a"}}})
    assert [problem.path for problem in caught.value.problems] == ["name"]


def test_extensions_and_what_means_nothing_are_accepted_anywhere() -> None:
    document = {
        "version": "3.8",
        "x-top": {"anything": "$UNSET"},
        "services": {
            "x-not-a-service": {"image": "$UNSET"},
            "web": {
                "image": "nginx",
                "attach": False,
                "develop": {"watch": []},
                "x-a": 1,
                "healthcheck": {"test": "true", "x-b": 1},
                "ports": [{"target": 80, "name": "http", "app_protocol": "http", "x-c": 1}],
            },
        },
        "networks": {"default": {"x-d": 1}},
    }
    assert problems(document) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Port(80, 80), Port(81, 80), True),
        (Port(80, 80), Port(80, 80, "udp"), False),
        (Port(80, 80), Port(80, 81), False),
        (Port(80), Port(80), False),
        (Port(80, 80, "tcp", "10.0.0.1"), Port(80, 80, "tcp", "10.0.0.2"), False),
        (Port(80, 80, "tcp", "10.0.0.1"), Port(80, 80, "tcp", "10.0.0.1"), True),
        (Port(80, 80, "tcp", "10.0.0.1"), Port(80, 80, "tcp", ""), True),
        (Port(80, 80, "tcp", "::"), Port(80, 80, "tcp", "10.0.0.1"), True),
    ],
)
def test_ports_overlap(first: Port, second: Port, expected: bool) -> None:
    assert ports_overlap(first, second) is expected
    assert ports_overlap(second, first) is expected
