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
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm_output import (
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
    output = "podman\t5:5.10.0-1.el9\n\npodman\t5:5.2.2-1.el9\n\npodman\t5:5.4.0-1.el9\npodman\t5:5.4.0-1.el9\nrunc\t0:1.1.12-4.el9\n"
    host = FakeHostIO(commands={("dnf",): (0, output, "")})
    assert Dnf(host).versions(["podman", "runc", "criu"]) == {
        "podman": ["5:5.10.0-1.el9", "5:5.4.0-1.el9", "5:5.2.2-1.el9"],
        "runc": ["1.1.12-4.el9"],
        "criu": [],
    }


def test_dnf_goes_back_to_an_older_version() -> None:
    host = FakeHostIO(commands={("dnf",): (0, "", ""), ("rpm",): (0, "podman\t5:5.4.0-1.el9\n", "")})
    Dnf(host).install([PackageRequest("podman", "5:5.2.2-1.el9"), PackageRequest("criu")])
    assert host.ran[1][-2:] == ("podman-5:5.2.2-1.el9", "criu")
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


def test_kernels_are_installed_several_times() -> None:
    output = "kernel-core\t0:5.14.0-362.el9\nkernel-core\t0:5.14.0-427.el9\n"
    host = FakeHostIO(commands={("rpm",): (0, output, ""), ("dnf",): (0, "", "")})
    versions = ["5.14.0-362.el9", "5.14.0-427.el9"]
    assert Dnf(host).installed(["kernel*"]) == [PackageStatus("kernel-core", version) for version in versions]
    Dnf(host).install([PackageRequest("kernel-core", "5.14.0-362.el9"), PackageRequest("criu")])
    assert [argv[4:] for argv in host.ran if argv[0] == "dnf"] == [
        ("reinstall", "kernel-core-5.14.0-362.el9"),
        ("install", "criu"),
    ]


@pytest.mark.parametrize(
    ("text", "locks"),
    [
        (
            "# x\nkernel-core-0:5.14.0-427.el9.*\npodman-5:5.4.0-1.el9.*\n!runc-0:1-1.*\n",
            {"kernel-core-5.14.0-427.el9", "podman-5:5.4.0-1.el9", "!runc-1-1"},
        ),
        ("kernel*\n", {"kernel*"}),
        (
            'version = "1.0"\n[[packages]]\nname = "kernel"\n[[packages.conditions]]\nkey = "evr"\ncomparator = "="\nvalue = "0:6-1"\n',
            {"kernel-6-1"},
        ),
        ("", set()),
    ],
)
def test_exact_locks(text: str, locks: set[str]) -> None:
    assert Dnf(FakeHostIO(files={DNF4_LOCKS: text})).holds() == locks


def test_dnf_names_and_ready() -> None:
    host = FakeHostIO(commands={("dnf",): (0, "kernel\nkernel-core\nkernel\n", "")})
    assert Dnf(host).names("kernel") == ["kernel", "kernel-core"]
    Dnf(host).ready()
    host.commands[("dnf",)] = (1, "", "No such command: versionlock.")
    with pytest.raises(HostError, match="python3-dnf-plugin-versionlock"):
        Dnf(host).ready()


def test_zypper_names_and_holds() -> None:
    locks = "type: package\nsolvable_name: kernel-default\n\ntype: package\nsolvable_name: podman\n"
    table = "v | kernel-default | package | 6.4-1 | x86_64 | Main\n"
    host = FakeHostIO(files={ZYPP_LOCKS: locks}, commands={("zypper",): (0, table, "")})
    assert Zypper(host).holds() == {"kernel-default", "podman"}
    assert Zypper(host).names("kernel") == ["kernel-default"]


TOML = 'version = "1.0"\n'
LOCK = '[[packages]]\nname = "{}"\n[[packages.conditions]]\nkey = "evr"\ncomparator = "{}"\nvalue = "{}"\n'


def test_dnf5_lets_go_by_name_and_what_others_hold_is_held_again() -> None:
    texts = [LOCK.format("kernel-core", "=", version) for version in ("5.14.0-362.el9", "5.14.0-427.el9")]
    host = FakeHostIO(
        files={DNF5_LOCKS: TOML + "".join(texts) + LOCK.format("runc", "=", "1-1")}, commands={("dnf",): (0, "", "")}
    )
    Dnf(host).unhold(["kernel-core-5.14.0-427.el9"])
    assert [argv[5:] for argv in host.ran] == [
        ("delete", "kernel-core-5.14.0-427.el9"),
        ("delete", "kernel-core"),
        ("add", "kernel-core-5.14.0-362.el9"),
    ]
    host.ran.clear()
    Dnf(host).unhold(["kernel-core-9-9"])
    assert len(host.ran) == 1


def test_dnf5_excludes_are_told_apart() -> None:
    text = TOML + LOCK.format("kernel", "!=", "6-1") + LOCK.format("runc", "=", "0:1-1")
    assert Dnf(FakeHostIO(files={DNF5_LOCKS: text})).holds() == {"!kernel-6-1", "runc-1-1"}
