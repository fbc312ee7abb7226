# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    PackageRequest,
    PackageStatus,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm import (
    DNF4_LOCKS,
    DNF5_LOCKS,
    ZYPP_LOCKS,
    Dnf,
    Zypper,
    parse_locks,
    parse_zypper_search,
)

RPM = "podman\t5:5.4.0-1.el9\nrunc\t0:1.1.12-4.el9\npackage criu is not installed\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (DNF4_LOCKS, "# Added lock on Mon Nov 2 2026\npodman-5:5.4.0-1.el9.*\n!runc-0:1.1.12-4.el9.*\n"),
        (DNF5_LOCKS, 'version = "1.0"\n[[packages]]\nname = "podman"\n[[packages.conditions]]\nkey = "evr"\n'),
    ],
)
def test_dnf_query(path: str, text: str) -> None:
    host = FakeHostIO(files={path: text}, commands={("rpm",): (1, RPM, "")})
    assert Dnf(host).query(["podman", "runc", "criu"]) == {
        "podman": PackageStatus("podman", "5:5.4.0-1.el9", True),
        "runc": PackageStatus("runc", "1.1.12-4.el9", False),
        "criu": PackageStatus("criu", None, False),
    }


def test_a_lock_on_one_package_does_not_hold_another_with_a_longer_name() -> None:
    assert parse_locks("podman-5:5.4.0-1.el9.*\n", ["podman", "podman-docker"]) == {"podman"}
    assert parse_locks("podman-docker-5:5.4.0-1.el9.*\n", ["podman", "podman-docker"]) == {"podman-docker"}


def test_dnf_versions_are_newest_first() -> None:
    output = "podman\t5:5.2.2-1.el9\npodman\t5:5.4.0-1.el9\npodman\t5:5.4.0-1.el9\nrunc\t0:1.1.12-4.el9\n"
    host = FakeHostIO(commands={("dnf",): (0, output, "")})
    assert Dnf(host).versions(["podman", "runc", "criu"]) == {
        "podman": ["5:5.4.0-1.el9", "5:5.2.2-1.el9"],
        "runc": ["1.1.12-4.el9"],
        "criu": [],
    }


def test_dnf_goes_back_to_an_older_version() -> None:
    host = FakeHostIO(commands={("dnf",): (0, "", ""), ("rpm",): (0, "podman\t5:5.4.0-1.el9\n", "")})
    Dnf(host).install([PackageRequest("podman", "5:5.2.2-1.el9"), PackageRequest("criu")])
    assert host.ran[0][-2:] == ("podman-5:5.2.2-1.el9", "criu")
    assert host.ran[-1][-2:] == ("downgrade", "podman-5:5.2.2-1.el9")


def test_dnf_without_versionlock_says_so() -> None:
    host = FakeHostIO(commands={("dnf",): (1, "", "No such command: versionlock. Please use /usr/bin/dnf --help\n")})
    with pytest.raises(HostError, match=r"holding packages by versionlock.*No such command"):
        Dnf(host).hold(["podman"])


def test_zypper() -> None:
    table = (
        "S | Name | Type | Version | Arch | Repository\n--+--\n"
        "v | podman | package | 5.4.2-1 | x86_64 | Main\ni | podman | package | 5.2.0-1 | x86_64 | Main\n"
    )
    assert parse_zypper_search(table) == {"podman": ["5.4.2-1", "5.2.0-1"]}
    locks = "type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: podman\n"
    host = FakeHostIO(files={ZYPP_LOCKS: locks}, commands={("rpm",): (0, "podman\t0:5.4.2-1\n", "")})
    assert Zypper(host).query(["podman"])["podman"] == PackageStatus("podman", "5.4.2-1", True)
