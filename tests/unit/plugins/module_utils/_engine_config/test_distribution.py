# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.distribution import (
    parse_os_release,
    select_packages,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    ContainerHostError,
    HostError,
    InputError,
)

VARS = pathlib.Path(__file__).resolve().parents[5] / "roles" / "engine" / "vars"
TABLES = [table for file in sorted(VARS.glob("*.yml")) for table in yaml.safe_load(file.read_text()).values()]


def release(name: str, version: str, like: str = "") -> dict[str, str]:
    return {"ID": name, "VERSION_ID": version, "ID_LIKE": like, "PRETTY_NAME": f"{name} {version}"}


@pytest.mark.parametrize(
    ("os_release", "provider", "source", "engine"),
    [
        (release("debian", "12"), "docker", "distribution", ("docker.io",)),
        (release("debian", "13"), "docker", "distribution", ("docker.io", "docker-cli")),
        (release("debian", "13"), "docker", "vendor", ("docker-ce", "docker-ce-cli")),
        (release("debian", "12"), "podman", "distribution", ("podman",)),
        (release("raspbian", "12", "debian"), "podman", "distribution", ("podman",)),
        (release("ubuntu", "24.04", "debian"), "docker", "distribution", ("docker.io",)),
        (release("ubuntu", "24.04", "debian"), "podman", "distribution", ("podman",)),
        (release("rhel", "9.6", "fedora"), "podman", "distribution", ("podman",)),
        (release("ol", "9.4", "fedora rhel"), "docker", "vendor", ("docker-ce", "docker-ce-cli")),
    ],
)
def test_selection(os_release: dict[str, str], provider: str, source: str, engine: tuple[str, ...]) -> None:
    selection = select_packages(TABLES, os_release, provider, source, "runc")
    assert selection.engine == engine
    assert (selection.repository is not None) == (source == "vendor")
    assert len(set(selection.packages)) == len(selection.packages)


def test_the_oci_runtime_brings_its_package() -> None:
    runc = select_packages(TABLES, release("debian", "13"), "podman", "distribution", "runc")
    crun = select_packages(TABLES, release("debian", "13"), "podman", "distribution", "crun")
    assert ("runc" in runc.holdable, "crun" in runc.packages) == (True, False)
    assert ("crun" in crun.holdable, "runc" in crun.packages) == (True, False)
    assert "runc" not in runc.removable


@pytest.mark.parametrize(
    ("os_release", "arguments", "error", "words"),
    [
        (
            release("gentoo", "2.17"),
            ("docker", "distribution", "runc"),
            HostError,
            "gentoo 2.17: unsupported.*debian 12, 13",
        ),
        (release("debian", "11"), ("docker", "distribution", "runc"), HostError, "debian 11: unsupported distribution"),
        ({}, ("docker", "distribution", "runc"), HostError, "this system: unsupported"),
        (
            release("rhel", "9.6"),
            ("docker", "distribution", "runc"),
            InputError,
            "no docker from the distribution; use .*vendor",
        ),
        (release("ubuntu", "22.04"), ("podman", "distribution", "runc"), InputError, "no podman from the distribution"),
        (release("rhel", "10.1"), ("podman", "distribution", "runc"), InputError, "oci_runtime: .*use one of: crun"),
    ],
)
def test_what_is_not_there(
    os_release: dict[str, str], arguments: tuple[str, str, str], error: type[ContainerHostError], words: str
) -> None:
    with pytest.raises(error, match=words):
        select_packages(TABLES, os_release, *arguments)


def test_every_table_is_whole() -> None:
    required, known = {"engine", "oci_runtimes"}, {"runtime", "shared", "tools", "replaces", "repository"}
    for table in TABLES:
        for engines in table["releases"].values():
            for sources in engines.values():
                for source, entry in sources.items():
                    assert required <= set(entry) <= required | known
                    assert ("repository" in entry) == (source == "vendor")
                    if source == "vendor":
                        assert {"url", "key"} <= set(entry["repository"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'ID=debian\nVERSION_ID="13"\n# ID=no\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
            {"ID": "debian", "VERSION_ID": "13", "PRETTY_NAME": "Debian GNU/Linux 13 (trixie)"},
        ),
        ("ID='rocky'\nID_LIKE=\"rhel centos fedora\"\n\n", {"ID": "rocky", "ID_LIKE": "rhel centos fedora"}),
        ("", {}),
    ],
)
def test_os_release(text: str, expected: dict[str, t.Any]) -> None:
    assert parse_os_release(text) == expected
