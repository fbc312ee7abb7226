# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configs and secrets: what is read, as whom they are delivered, and that nothing tells their content."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import (
    deliver,
    secret_texts,
    source_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import service_digest
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import FILES, container_labels
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Grant, Mount, Project
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

KEY = b"k" * 32
TOP = """
configs:
  site: {content: "port ${PORT}"}
  page: {file: page.html}
  unused: {file: gone}
secrets:
  password: {environment: PASSWORD}
  cert: {file: cert.p12}
"""
FILES_THERE = {"page.html": b"<p>", "cert.p12": b"\x00\xff"}


def project(service: str, password: str = "hunter2") -> Project:
    """The project with the keys of one service in YAML."""
    document = yaml.safe_load(TOP)
    document["services"] = {"web": {"image": "a", **yaml.safe_load(service)}, "other": {"image": "b"}}
    variables = {"PORT": "80", "PASSWORD": password}
    return load(document, project_name="p", variables=variables, read_bytes=FILES_THERE.get)


GRANTS: list[tuple[str, Grant]] = [
    ("configs: [site]", Grant("config", "site", "/site")),
    ("configs: [{source: site, target: /etc/x.conf, uid: '103', gid: 5, mode: 0440}]", Grant("config", "site", "/etc/x.conf", 103, 5, 0o440)),
    ("configs: [{source: site, target: etc/x}]", Grant("config", "site", "/etc/x")),
    ("secrets: [password]", Grant("secret", "password", "/run/secrets/password")),
    ("secrets: [{source: password, target: db, mode: '0400'}]", Grant("secret", "password", "/run/secrets/db", mode=0o400)),
    ("secrets: [{source: password, target: /etc/pw}]", Grant("secret", "password", "/etc/pw")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GRANTS)
def test_grants(text: str, expected: Grant) -> None:
    assert project(text).services["web"].grants == (expected,)


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({"x-note": 1}, ["has no content"]),
        ({"name": "page"}, ["has no content"]),
        ({}, ["has no content"]),
        ({"fiel": "a"}, ["unknown key"]),
        ({"x-note": 1, "fiel": "a"}, ["unknown key"]),
        ({"content": "a", "environment": "A"}, ["has content and environment"]),
    ],
)
def test_a_config_has_one_content(definition: dict[str, t.Any], told: list[str]) -> None:
    document = {"services": {"web": {"image": "a", "configs": ["page"]}}, "configs": {"page": definition}}
    with pytest.raises(InputError) as caught:
        load(document, project_name="p")
    assert [problem.message for problem in caught.value.problems] == told


def test_only_what_is_used_is_read() -> None:
    contents = project("{configs: [site, page], secrets: [cert, password]}").contents
    assert {key: base64.b64decode(content) for key, content in contents.items()} == {
        "config/site": b"port 80",
        "config/page": b"<p>",
        "secret/cert": b"\x00\xff",
        "secret/password": b"hunter2",
    }
    assert project("{}").contents == {}


def test_delivery_mounts_files_that_hold_the_content() -> None:
    delivered, files = deliver(project("secrets: [{source: password, uid: 7, gid: 8, mode: 0400}]"), KEY)
    (path,) = files
    assert path.startswith("p/web!password.")
    assert source_of(path) == "password"
    assert (files[path].content, files[path].uid, files[path].gid, files[path].mode) == (b"hunter2", 7, 8, 0o400)
    assert delivered.services["web"].mounts == (
        Mount("bind", "/run/secrets/password", f"/run/container-host/files/{path}", read_only=True, selinux="z"),
    )
    assert delivered.services["web"].files == (path,)
    assert delivered.services["other"] == project("{}").services["other"]


def test_nothing_but_the_files_holds_the_content() -> None:
    delivered, _files = deliver(project("secrets: [password]"), KEY)
    shown = json.dumps(delivered.to_plain()) + repr(delivered) + str(container_labels("p", delivered.services["web"]))
    assert "hunter2" not in shown
    assert base64.b64encode(b"hunter2").decode() not in shown
    assert "hunter2" not in repr(project("secrets: [password]"))


def _digests(made: Project, key: bytes = KEY) -> dict[str, str]:
    return {name: service_digest(service) for name, service in deliver(made, key)[0].services.items()}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (project("secrets: [password]"), set()),
        (project("secrets: [password]", password="rotated"), {"web"}),
        (project("secrets: [{source: password, mode: 0440}]"), {"web"}),
        (project("secrets: [cert]"), {"web"}),
        (project("{}"), {"web"}),
    ],
)
def test_a_rotation_changes_the_digest_of_what_uses_it_alone(other: Project, expected: set[str]) -> None:
    before, after = _digests(project("secrets: [password]")), _digests(other)
    assert {name for name in before if before[name] != after[name]} == expected


def test_the_digest_of_a_content_needs_the_hosts_key() -> None:
    made = project("secrets: [password]")
    assert _digests(made, KEY)["web"] != _digests(made, b"x" * 32)["web"]


def test_the_label_names_the_files() -> None:
    delivered, files = deliver(project("{secrets: [password], configs: [site]}"), KEY)
    labels: dict[str, t.Any] = container_labels("p", delivered.services["web"])
    assert labels[FILES].split(",") == sorted(files)
    assert FILES not in container_labels("p", delivered.services["other"])


def test_what_of_secrets_nobody_is_shown() -> None:
    texts = {"secret/key": "-- begin\nabc\n  line of it\n", "secret/bin": "hunter2\udcff", "config/c": "of no secrecy"}
    contents = {
        name: base64.b64encode(text.encode("utf-8", "surrogateescape")).decode() for name, text in texts.items()
    }
    assert secret_texts(Project("p", contents=contents)) == {"-- begin", "line of it", "hunter2"}
