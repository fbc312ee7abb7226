# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.distribution import Repository
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.repository import (
    APT_KEY,
    APT_SOURCE,
    legacy_sources,
    render_repository,
    source_urls,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nxxx\n-----END PGP PUBLIC KEY BLOCK-----"
REPOSITORY = Repository("https://vendor.example/linux/x", suite="trixie", components=("stable",))


def test_deb822() -> None:
    key, source = render_repository("apt", REPOSITORY, KEY)
    assert (key.path, key.content) == (APT_KEY, KEY + "\n")
    assert source.path == APT_SOURCE
    assert source.content.splitlines()[1:] == [
        "Types: deb",
        "URIs: https://vendor.example/linux/x",
        "Suites: trixie",
        "Components: stable",
        f"Signed-By: {APT_KEY}",
    ]


def test_a_flat_repository_has_no_components() -> None:
    _key, source = render_repository("apt", Repository("file:/srv/repo", suite="./"), KEY)
    assert "Components" not in source.content


def test_dnf() -> None:
    _key, source = render_repository("dnf", REPOSITORY, KEY)
    assert "baseurl=https://vendor.example/linux/x\n" in source.content
    assert "gpgcheck=1\n" in source.content


@pytest.mark.parametrize(("manager", "key", "path"), [("apt", "", "vendor_key"), ("zypper", KEY, "package_source")])
def test_what_is_missing(manager: str, key: str, path: str) -> None:
    with pytest.raises(InputError, match=path):
        render_repository(manager, REPOSITORY, key)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "a.list",
            "deb [arch=amd64 signed-by=/k] https://v.example/x trixie stable\n#deb https://no y z\n",
            ["https://v.example/x"],
        ),
        ("a.list", "deb-src https://v.example/x trixie stable", ["https://v.example/x"]),
        (
            "a.sources",
            "Types: deb\nURIs: https://v.example/x https://w.example\nSuites: y\n\n# URIs: https://no\n",
            ["https://v.example/x", "https://w.example"],
        ),
        ("a.repo", "[x]\nname = https://no.example\nbaseurl=https://v.example/x\n", ["https://v.example/x"]),
    ],
)
def test_source_urls(path: str, text: str, expected: list[str]) -> None:
    assert source_urls(path, text) == expected


def test_sources_of_the_same_repository_make_way() -> None:
    files = {
        "/etc/apt/sources.list": "deb http://deb.example trixie main\n",
        "/etc/apt/sources.list.d/docker.list": "deb [signed-by=/x] https://vendor.example/linux/x trixie stable\n",
        "/etc/apt/sources.list.d/docker.sources": "Types: deb\nURIs: http://vendor.example/linux/x/\nSuites: trixie\n",
        "/etc/apt/sources.list.d/other.list": "deb https://vendor.example/linux/y trixie stable\n",
        APT_SOURCE: "Types: deb\nURIs: https://vendor.example/linux/x\n",
    }
    assert legacy_sources(files, REPOSITORY, (APT_SOURCE,)) == [
        "/etc/apt/sources.list.d/docker.list",
        "/etc/apt/sources.list.d/docker.sources",
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/apt/sources.list", "deb https://vendor.example/linux/x trixie stable\n"),
        ("/etc/apt/sources.list.d/all.list", "deb https://vendor.example/linux/x a b\ndeb http://deb.example c d\n"),
    ],
)
def test_sources_that_name_others_too_are_for_their_owner(path: str, text: str) -> None:
    with pytest.raises(InputError, match="beside other repositories; remove that entry"):
        legacy_sources({path: text}, REPOSITORY, ())
