# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels of apt."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel, Wanted
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_apt import (
    CONFIGURATION,
    PREFERENCES,
    AptKernels,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

APT = AptKernels("x86_64")


@pytest.mark.parametrize(
    ("release", "flavour"),
    [
        ("6.1.0-50-amd64", "amd64"),
        ("6.1.0-50-cloud-amd64", "cloud-amd64"),
        ("6.12.48+deb13-rt-amd64", "rt-amd64"),
        ("5.10.0-0.deb10.16-amd64", "amd64"),
        ("6.12.9+bpo-cloud-arm64", "cloud-arm64"),
        ("6.13-rc7-amd64", "amd64"),
        ("6.8.0-45-generic", "generic"),
        ("6.8.0-1021-oem", "oem"),
        ("6.18.0", None),
    ],
)
def test_flavour(release: str, flavour: t.Optional[str]) -> None:
    assert APT.flavour_of(release) == flavour


def test_kernels_are_images_alone() -> None:
    names = ["6.1.0-50-amd64", "6.1.0-50-amd64-dbg", "6.1.0-50-amd64-unsigned", "amd64", "amd64-dbg"]
    packages = [*((f"linux-image-{name}", "6.1-1") for name in names), ("linux-headers-6.1.0-50-amd64", "6.1-1")]
    assert APT.kernels(packages) == [Kernel("6.1.0-50-amd64", "amd64", "linux-image-6.1.0-50-amd64", "6.1-1")]
    found = APT.candidates(["linux-image-6.1.0-50-amd64", "linux-image-6.1.0-50-rt-amd64"], "rt-amd64")
    assert found == ["linux-image-6.1.0-50-rt-amd64"]


OLD, NEW = "6.8.0-45-generic", "6.8.0-50-generic"
KERNEL = Kernel(NEW, "generic", f"linux-image-{NEW}", "6.8.0-50.51")


def installed(*names: str, version: str = "6.8.0-45.45") -> list[PackageStatus]:
    return [PackageStatus(name, version) for name in names]


@pytest.mark.parametrize(
    ("there", "offered", "wanted", "kinds"),
    [
        ([f"linux-image-{OLD}"], ["image"], Wanted(), ["image"]),
        ([f"linux-image-{OLD}"], ["image", "modules", "headers"], Wanted(), ["image", "modules"]),
        ([f"linux-headers-{OLD}"], ["image", "modules", "headers"], Wanted(), ["image", "modules", "headers"]),
        ([f"linux-modules-extra-{OLD}"], ["image", "modules-extra"], Wanted(), ["image", "modules-extra"]),
        ([], ["image", "headers", "modules-extra"], Wanted(True, True), ["image", "headers", "modules-extra"]),
        ([f"linux-headers-{OLD}"], ["image"], Wanted(), ["image"]),
    ],
)
def test_what_belongs_to_a_kernel(there: list[str], offered: list[str], wanted: Wanted, kinds: list[str]) -> None:
    available = {f"linux-{kind}-{NEW}": [KERNEL.version] for kind in offered}
    chosen = APT.choose(KERNEL, installed(*there), available, wanted)
    assert chosen == dict.fromkeys((f"linux-{kind}-{NEW}" for kind in kinds), KERNEL.version)


def test_what_is_asked_for_and_not_available() -> None:
    with pytest.raises(InputError) as error:
        APT.choose(KERNEL, [], {}, Wanted(True, True))
    assert [problem.path for problem in error.value.problems] == ["headers", "extra_modules"]


def test_metas_are_held_and_other_packages_are_not() -> None:
    metas = [
        "linux-generic",
        "linux-image-generic",
        "linux-headers-generic",
        "linux-generic-hwe-24.04",
        "linux-image-virtual",
    ]
    others = [
        "linux-base",
        "linux-libc-dev",
        "linux-firmware",
        "linux-tools-common",
        f"linux-image-{OLD}",
        "linux-sound-base",
    ]
    assert APT.holds({KERNEL.package: KERNEL.version}, installed(*metas, *others)) == {KERNEL.package, *metas}


@pytest.mark.parametrize(
    ("held", "found"), [([KERNEL.package], [KERNEL.package]), (["bash", f"linux-image-{OLD}"], [])]
)
def test_holds_in_the_way(held: list[str], found: list[str]) -> None:
    chosen = {KERNEL.package: KERNEL.version}
    assert APT.in_the_way(chosen, held, installed(KERNEL.package)) == found
    assert APT.in_the_way(chosen, held, installed(KERNEL.package, version=KERNEL.version)) == []


def test_files() -> None:
    files = APT.keep({KERNEL.package: "6.8.0-50.51", f"linux-headers-{NEW}": "6.8.0-50.51"}, [KERNEL], {})
    assert (files[PREFERENCES] or "").partition("\n")[2] == (
        f"\nPackage: linux-image-{NEW}\nPin: version 6.8.0-50.51\nPin-Priority: 1001\n\n"
        f"Package: linux-headers-{NEW}\nPin: version 6.8.0-50.51\nPin-Priority: 1001\n\n"
        "Package: linux-image-[0-9]*\nPin: release *\nPin-Priority: -1\n"
    )
    assert '  "^linux-(image|modules|modules-extra)-6[.]8[.]0-50-generic$";\n' in (files[CONFIGURATION] or "")
    assert APT.release_files(files, {}) == {PREFERENCES: None, CONFIGURATION: None}
