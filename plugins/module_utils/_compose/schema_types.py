# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What each supported key of a Compose file holds, as JSON Schema; a variable may stand wherever a scalar can."""

from __future__ import annotations

import typing as t

Schema = dict[str, t.Any]


def _ref(section: str) -> Schema:
    return {"$ref": f"#/$defs/{section}"}


def _any_of(*choices: Schema) -> Schema:
    return {"anyOf": [*choices, _NULL]}


def _list(item: Schema) -> Schema:
    return {"type": ["array", "null"], "items": item}


def _map(entry: Schema) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": entry}


def _by_name(section: str) -> Schema:
    """A mapping of names to a section; extensions may stand among them."""
    entry = _ref(section)
    return {"type": ["object", "null"], "patternProperties": {"^x-": {}}, "additionalProperties": entry}


def _choice(*words: str) -> Schema:
    return {"anyOf": [{"enum": [*words, None]}, {"type": "string", "pattern": _VARIABLE}]}


_VARIABLE = "\\$"
_NULL: Schema = {"type": "null"}
_TEXT: Schema = {"type": ["string", "number", "null"]}
_WORD: Schema = {"type": ["string", "number"]}
_NUMBER: Schema = {"type": ["number", "string", "null"]}
_BOOLEAN: Schema = {"type": ["boolean", "string", "null"]}
_DURATION: Schema = {"anyOf": [{"type": ["string", "null"]}, {"const": 0}]}
_SIZE: Schema = {"type": ["string", "number", "null"]}
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_TEXTS = _any_of({"type": "string"}, {"type": "array", "items": _WORD})
_WORDS = _any_of(_WORD, {"type": "array", "items": _WORD})
_PAIRS = _any_of(_map(_SCALAR), {"type": "array", "items": {"type": "string"}})
_FILES = _any_of({"type": "string"}, {"type": "array", "items": {"type": "string"}})
_OPTIONS = _map(_SCALAR)
_GRANTS = _list({"anyOf": [{"type": "string"}, _ref("service.grant")]})
_EXTERNAL = {"anyOf": [_BOOLEAN, _ref("external")]}

# Sections that may be left empty (``default:``), which YAML reads as null.
EMPTY_ALLOWED = {
    "network", "network.ipam", "volume", "service.depends_on", "service.networks", "service.deploy",
    "service.deploy.resources", "service.deploy.resources.limits", "service.deploy.resources.reservations",
    "service.deploy.restart_policy", "service.deploy.update_config", "service.healthcheck", "service.logging",
    "service.blkio_config", "service.volumes.bind", "service.volumes.volume", "service.volumes.tmpfs",
}  # fmt: skip

_SERVICE: dict[str, Schema] = {
    "annotations": _PAIRS,
    "blkio_config": _ref("service.blkio_config"),
    "build": _any_of({"type": "string"}, _ref("service.build")),
    "cap_add": _TEXTS,
    "cap_drop": _TEXTS,
    "cgroup": _choice("private", "host"),
    "cgroup_parent": _TEXT,
    "command": _WORDS,
    "configs": _GRANTS,
    "container_name": _TEXT,
    "cpu_period": _NUMBER,
    "cpu_quota": _NUMBER,
    "cpu_shares": _NUMBER,
    "cpus": _NUMBER,
    "cpuset": _TEXT,
    "depends_on": _any_of({"type": "array", "items": _WORD}, _map(_ref("service.depends_on"))),
    "deploy": _ref("service.deploy"),
    "device_cgroup_rules": _TEXTS,
    "devices": _list({"anyOf": [{"type": "string"}, _ref("service.devices")]}),
    "dns": _TEXTS,
    "dns_opt": _TEXTS,
    "dns_search": _TEXTS,
    "domainname": _TEXT,
    "entrypoint": _WORDS,
    "env_file": _any_of(
        {"type": "string"},
        _ref("service.env_file"),
        {"type": "array", "items": {"anyOf": [{"type": "string"}, _ref("service.env_file")]}},
    ),
    "environment": _PAIRS,
    "expose": _TEXTS,
    "extends": _any_of(
        {"type": "string"},
        {
            "type": "object",
            "properties": {"service": {"type": "string"}, "file": {"type": "string"}},
            "required": ["service"],
            "additionalProperties": False,
        },
    ),
    "extra_hosts": _any_of(
        {"type": "array", "items": {"type": "string"}},
        _map({"anyOf": [_TEXT, {"type": "array", "items": _WORD}]}),
    ),
    "group_add": _TEXTS,
    "healthcheck": _ref("service.healthcheck"),
    "hostname": _TEXT,
    "image": {"type": "string"},
    "init": _BOOLEAN,
    "ipc": _TEXT,
    "label_file": _FILES,
    "labels": _PAIRS,
    "links": _TEXTS,
    "logging": _ref("service.logging"),
    "mem_limit": _SIZE,
    "mem_reservation": _SIZE,
    "memswap_limit": _SIZE,
    "network_mode": _TEXT,
    "networks": _any_of({"type": "array", "items": _WORD}, _map(_ref("service.networks"))),
    "oom_score_adj": _NUMBER,
    "pid": _TEXT,
    "pids_limit": _NUMBER,
    "platform": _TEXT,
    "ports": _list({"anyOf": [_WORD, _ref("service.ports")]}),
    "privileged": _BOOLEAN,
    "profiles": _TEXTS,
    "pull_policy": _choice("always", "missing", "if_not_present", "never", "build"),
    "read_only": _BOOLEAN,
    "restart": {"anyOf": [{"type": ["string", "null"]}, {"const": False}]},
    "scale": _NUMBER,
    "secrets": _GRANTS,
    "security_opt": _TEXTS,
    "shm_size": _SIZE,
    "stdin_open": _BOOLEAN,
    "stop_grace_period": _DURATION,
    "stop_signal": _TEXT,
    "sysctls": _PAIRS,
    "tmpfs": _TEXTS,
    "tty": _BOOLEAN,
    "ulimits": _map({"anyOf": [{"type": ["number", "string"]}, _ref("service.ulimits")]}),
    "user": _TEXT,
    "userns_mode": _choice("host"),
    "uts": _choice("host"),
    "volumes": _list({"anyOf": [{"type": "string"}, _ref("service.volumes")]}),
    "volumes_from": _TEXTS,
    "working_dir": _TEXT,
}

_RATES = _list(_ref("service.blkio_config.rate"))

# Section -> key -> what it holds.
TYPES: dict[str, dict[str, Schema]] = {
    "project": {
        "name": {"type": "string"},
        "services": _by_name("service"),
        "networks": _by_name("network"),
        "volumes": _by_name("volume"),
        "configs": _by_name("config"),
        "secrets": _by_name("secret"),
        "include": {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "object",
                        "properties": {"path": _FILES, "project_directory": {"type": "string"}, "env_file": _FILES},
                        "required": ["path"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
    },
    "service": _SERVICE,
    "service.blkio_config": {
        "device_read_bps": _RATES,
        "device_read_iops": _RATES,
        "device_write_bps": _RATES,
        "device_write_iops": _RATES,
        "weight": _NUMBER,
        "weight_device": _list(_ref("service.blkio_config.weight")),
    },
    "service.blkio_config.rate": {"path": _TEXT, "rate": _SIZE},
    "service.blkio_config.weight": {"path": _TEXT, "weight": _NUMBER},
    "service.build": {
        "args": _PAIRS,
        "context": _TEXT,
        "dockerfile": _TEXT,
        "dockerfile_inline": _TEXT,
        "labels": _PAIRS,
        "network": _choice("host", "none"),
        "no_cache": _BOOLEAN,
        "pull": _BOOLEAN,
        "target": _TEXT,
    },
    "service.healthcheck": {
        "disable": _BOOLEAN,
        "interval": _DURATION,
        "retries": _NUMBER,
        "start_interval": _DURATION,
        "start_period": _DURATION,
        "test": _TEXTS,
        "timeout": _DURATION,
    },
    "service.depends_on": {
        "condition": _choice("service_started", "service_healthy", "service_completed_successfully"),
        "required": _BOOLEAN,
        "restart": _BOOLEAN,
    },
    "service.deploy": {
        "mode": _choice("replicated", "global"),
        "replicas": _NUMBER,
        "resources": _ref("service.deploy.resources"),
        "restart_policy": _ref("service.deploy.restart_policy"),
        "update_config": _ref("service.deploy.update_config"),
    },
    "service.deploy.resources": {
        "limits": _ref("service.deploy.resources.limits"),
        "reservations": _ref("service.deploy.resources.reservations"),
    },
    "service.deploy.resources.limits": {"cpus": _NUMBER, "memory": _SIZE, "pids": _NUMBER},
    "service.deploy.resources.reservations": {"memory": _SIZE},
    "service.deploy.restart_policy": {"condition": _choice("none", "on-failure", "any"), "max_attempts": _NUMBER},
    "service.deploy.update_config": {
        "failure_action": _choice("pause", "rollback"),
        "order": _choice("stop-first"),
        "parallelism": _NUMBER,
    },
    "service.logging": {"driver": _choice("json-file", "local", "journald", "none"), "options": _OPTIONS},
    "service.networks": {"aliases": _TEXTS, "ipv4_address": _TEXT, "ipv6_address": _TEXT},
    "service.ports": {
        "host_ip": _TEXT,
        "mode": _choice("host", "ingress"),
        "protocol": _TEXT,
        "published": _NUMBER,
        "target": _NUMBER,
    },
    "service.volumes": {
        "bind": _ref("service.volumes.bind"),
        "read_only": _BOOLEAN,
        "source": _TEXT,
        "target": _TEXT,
        "tmpfs": _ref("service.volumes.tmpfs"),
        "type": _choice("volume", "bind", "tmpfs"),
        "volume": _ref("service.volumes.volume"),
    },
    "service.volumes.bind": {"create_host_path": _BOOLEAN, "propagation": _TEXT, "selinux": _choice("z", "Z")},
    "service.volumes.volume": {"nocopy": _BOOLEAN, "subpath": _TEXT},
    "service.volumes.tmpfs": {"mode": _NUMBER, "size": _SIZE},
    "service.grant": {"source": _TEXT, "target": _TEXT, "uid": _NUMBER, "gid": _NUMBER, "mode": _NUMBER},
    "service.devices": {"permissions": _TEXT, "source": _TEXT, "target": _TEXT},
    "service.ulimits": {"hard": _NUMBER, "soft": _NUMBER},
    "service.env_file": {"format": _choice("raw"), "path": {"type": "string"}, "required": _BOOLEAN},
    "network": {
        "attachable": _BOOLEAN,
        "driver": _choice("bridge", "macvlan", "ipvlan"),
        "driver_opts": _PAIRS,
        "enable_ipv6": _BOOLEAN,
        "external": _EXTERNAL,
        "internal": _BOOLEAN,
        "ipam": _ref("network.ipam"),
        "labels": _PAIRS,
        "name": _TEXT,
    },
    "network.ipam": {"config": _list(_ref("network.ipam.config")), "driver": _TEXT},
    "network.ipam.config": {"gateway": _TEXT, "ip_range": _TEXT, "subnet": _TEXT},
    "volume": {
        "driver": _TEXT,
        "driver_opts": _PAIRS,
        "external": _EXTERNAL,
        "labels": _PAIRS,
        "name": _TEXT,
    },
    "external": {"name": _TEXT},
    "config": {"content": _TEXT, "environment": _TEXT, "file": _TEXT},
    "secret": {"environment": _TEXT, "file": _TEXT},
}
