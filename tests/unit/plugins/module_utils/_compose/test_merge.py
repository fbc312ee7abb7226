# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specification's merge rules: two services in YAML and what comes out."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.merge import merge
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Report
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import fell, grow
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_yaml import parse_yaml

CASES: list[tuple[str, str, str]] = [
    ("image: a", "image: b", "image: b"),
    ("image: a", "image: ~", "image: a"),
    ("image: ~", "image: b", "image: b"),
    ("image: a", "user: me", "{image: a, user: me}"),
    ("command: [a, b]", "command: [c]", "command: [c]"),
    ("command: [a, b]", "command: c", "command: c"),
    ("entrypoint: [a]", "entrypoint: [b]", "entrypoint: [b]"),
    ("healthcheck: {test: [CMD, a], retries: 3}", "healthcheck: {test: [CMD, b]}", "healthcheck: {test: [CMD, b], retries: 3}"),
    ("cap_add: [KILL]", "cap_add: [CHOWN, KILL]", "cap_add: [KILL, CHOWN]"),
    ("expose: ['80']", "expose: ['81']", "expose: ['80', '81']"),
    ("environment: [A=1, B=2]", "environment: {B: 3, C: }", "environment: {A: '1', B: 3, C: }"),
    ("environment: {A: 1}", "environment: [A=2, B]", "environment: {A: '2', B: }"),
    ("labels: [a=1]", "labels: [b=2]", "labels: {a: '1', b: '2'}"),
    ("labels: {'a': '1'}", "labels: ['u=http://x:1']", "labels: {a: '1', u: 'http://x:1'}"),
    ("extra_hosts: ['a:10.0.0.1']", "extra_hosts: {a: 10.0.0.2}", "extra_hosts: {a: 10.0.0.2}"),
    ("depends_on: [a]", "depends_on: {b: {condition: service_healthy}}", "depends_on: {a: , b: {condition: service_healthy}}"),
    ("networks: [a]", "networks: {a: {aliases: [x]}}", "networks: {a: {aliases: [x]}}"),
    ("dns: 1.1.1.1", "dns: [9.9.9.9]", "dns: [1.1.1.1, 9.9.9.9]"),
    ("env_file: a.env", "env_file: [b.env]", "env_file: [a.env, b.env]"),
    ("tmpfs: /a", "tmpfs: /b", "tmpfs: [/a, /b]"),
    ("ports: ['80:80']", "ports: ['80:80', '81:80']", "ports: ['80:80', '81:80']"),
    ("ports: ['80:80']", "ports: [{target: 80, published: '80', name: web}]", "ports: [{target: 80, published: '80', name: web}]"),
    ("ports: ['80:80']", "ports: ['80:80/udp']", "ports: ['80:80', '80:80/udp']"),
    ("ports: ['80:80']", "ports: ['127.0.0.1:80:80']", "ports: ['80:80', '127.0.0.1:80:80']"),
    ("volumes: ['a:/d', 'b:/e']", "volumes: ['c:/d/']", "volumes: ['c:/d/', 'b:/e']"),
    (
        "volumes: [{type: volume, source: a, target: /d}]",
        "volumes: [{target: /d, read_only: true}]",
        "volumes: [{type: volume, source: a, target: /d, read_only: true}]",
    ),
    ("secrets: [a, b]", "secrets: [{source: a, mode: 0400}]", "secrets: [{source: a, mode: 0400}, b]"),
    ("configs: [{source: a, target: /x}]", "configs: [{source: b, target: /x}]", "configs: [{source: b, target: /x}]"),
    ("devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x:r']", "devices: ['/dev/b:/dev/x:r']"),
    ("logging: {driver: journald, options: {a: b}}", "logging: {driver: json-file}", "logging: {driver: json-file}"),
    ("logging: {driver: x, options: {a: b}}", "logging: {options: {c: d}}", "logging: {driver: x, options: {a: b, c: d}}"),
    ("deploy: {resources: {limits: {cpus: 1}}}", "deploy: {resources: {limits: {memory: 1g}}}", "deploy: {resources: {limits: {cpus: 1, memory: 1g}}}"),
    ("{image: a, ports: ['80:80']}", "ports: !reset []", "image: a"),
    ("ports: ['80:80']", "ports: !override ['81:81']", "ports: ['81:81']"),
    ("environment: {A: 1, B: 2}", "environment: {A: !reset }", "environment: {B: 2}"),
    ("user: a", "user: !override 5", "user: 5"),
    ("{image: a, deploy: {replicas: 2}}", "deploy: !override {mode: global}", "{image: a, deploy: {mode: global}}"),
    ("image: a", "{ports: !reset [], image: b}", "image: b"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "over", "expected"), CASES)
def test_services(base: str, over: str, expected: str) -> None:
    trees = []
    for text in (base, over):
        report, tags = Report(), {}
        value, lines = parse_yaml(f"services: {{web: {text if text[0] == '{' else '{' + text + '}'}}}", report, tags)
        assert report.problems == []
        trees.append(grow(value, lines, tags))
    merged = fell(merge(*trees))[0]["services"]["web"]
    wanted = yaml.safe_load(expected)
    assert merged == wanted
    assert list(merged) == list(wanted)


def test_top_level_sections_are_merged_by_name() -> None:
    first = grow({"networks": {"a": {"ipam": {"config": [{"subnet": "10.0.0.0/24"}]}}}, "volumes": {"v": None}})
    second = grow(
        {
            "networks": {"a": {"ipam": {"config": [{"subnet": "10.0.0.0/24", "gateway": "10.0.0.1"}]}}},
            "volumes": {"v": {"name": "x"}},
        }
    )
    assert fell(merge(first, second))[0] == {
        "networks": {"a": {"ipam": {"config": [{"subnet": "10.0.0.0/24", "gateway": "10.0.0.1"}]}}},
        "volumes": {"v": {"name": "x"}},
    }
