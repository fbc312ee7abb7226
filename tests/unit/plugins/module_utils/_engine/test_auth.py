# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.auth import (
    Credentials,
    credentials_for,
    registry_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError


@pytest.mark.parametrize(
    ("reference", "registry"),
    [
        ("docker.io/library/nginx:1", "docker.io"),
        ("nginx", "docker.io"),
        ("library/nginx", "docker.io"),
        ("localhost/x", "localhost"),
        ("10.0.0.1:5000/team/x@sha256:00", "10.0.0.1:5000"),
        ("registry.example.com/x", "registry.example.com"),
    ],
)
def test_registry_of(reference, registry):
    assert registry_of(reference) == registry


def test_credentials_reach_their_own_registry_only():
    credentials = Credentials("r.example", "u", "p")
    assert credentials.for_image("r.example/x:1") == {"username": "u", "password": "p", "serveraddress": "r.example"}
    assert credentials.for_image("docker.io/library/x:1") is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((None, None, None, ["r/x"]), None),
        (("u", "p", "r.example", ["a.b/x", "c.d/x"]), Credentials("r.example", "u", "p")),
        (("u", "p", None, ["a.b/x", "a.b/y"]), Credentials("a.b", "u", "p")),
        (("u", "p", None, []), None),
    ],
)
def test_credentials_for(arguments, expected):
    assert credentials_for(*arguments) == expected


def test_credentials_for_several_registries_are_refused():
    with pytest.raises(InputError, match=r"registry: the images come from several registries \(a.b, c.d\); say which"):
        credentials_for("u", "p", None, ["c.d/x", "a.b/x"])
