# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._registry import images
from ansible_collections.anycloud.container_host.plugins.module_utils._registry.images import (
    Registry,
    RegistryImage,
    UnreachableError,
)

MANIFEST = '{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(MANIFEST.encode()).hexdigest()}"
WEB = RegistryImage("web", "1", "/cache/web", DIGEST)
DB = RegistryImage("db", "2", "/cache/db", "sha256:other")
REGISTRY = Registry("registry:5000", "/trust")
ABSENT = (1, "", 'level=fatal msg="reading manifest 2 in registry:5000/db: name unknown: repository name not known"')


def asking(web: tuple[int, str, str], db: tuple[int, str, str] = ABSENT) -> FakeHostIO:
    commands = {tuple(REGISTRY.inspect_argv(WEB)): web, tuple(REGISTRY.inspect_argv(DB)): db}
    return FakeHostIO(commands=t.cast("t.Any", commands))


def test_commands() -> None:
    assert REGISTRY.inspect_argv(WEB) == [
        "skopeo", "inspect", "--raw", "--cert-dir", "/trust", "docker://registry:5000/web:1",
    ]  # fmt: skip
    assert REGISTRY.copy_argv(WEB) == [
        "skopeo", "--insecure-policy", "copy", "--preserve-digests", "--dest-cert-dir", "/trust",
        "oci:/cache/web", "docker://registry:5000/web:1",
    ]  # fmt: skip
    assert Registry("r:1").delete_argv(WEB) == ["skopeo", "delete", "docker://r:1/web:1"]


def test_what_is_there_is_left_and_the_rest_is_copied() -> None:
    observed = images.observe(asking((0, MANIFEST, "")), REGISTRY, [WEB, DB])
    assert observed == {"web:1": DIGEST, "db:2": None}
    difference, todo = images.compare([WEB, DB], observed, present=True)
    assert todo == [DB]
    assert difference.before_after() == {"before": {"db:2": None}, "after": {"db:2": "sha256:other"}}
    difference, todo = images.compare([WEB, DB], observed, present=False)
    assert (difference.names, todo) == (["web:1"], [WEB])


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ((1, "", "dial tcp 127.0.0.1:5000: connect: connection refused"), UnreachableError, "no registry answers at"),
        ((1, "", "x509: certificate signed by unknown authority"), HostError, "could not be asked for web:1: x509"),
        ((127, "", "skopeo: command not found"), HostError, "install the package skopeo"),
    ],
)
def test_failures(answer: tuple[int, str, str], kind: type[HostError], says: str) -> None:
    with pytest.raises(kind, match=says):
        images.observe(asking(answer), REGISTRY, [WEB])


def test_an_unreachable_registry_counts_as_empty_when_asked_to() -> None:
    io = asking((1, "", "connection refused"))
    assert images.observe(io, REGISTRY, [WEB, DB], empty_when_unreachable=True) == {"web:1": None, "db:2": None}


def test_a_digest_that_changed_on_the_way_is_told() -> None:
    io = asking((0, MANIFEST, ""), (0, MANIFEST, ""))
    io.commands[("skopeo",)] = (0, "", "")
    images.apply(io, REGISTRY, [WEB], present=True)
    with pytest.raises(HostError, match=r"db:2 has the digest .* and sha256:other was copied"):
        images.apply(io, REGISTRY, [DB], present=True)
