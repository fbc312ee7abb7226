# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels of dnf."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel, Wanted
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_dnf import (
    DNF_CONF,
    SYSCONFIG,
    DnfKernels,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

DNF = DnfKernels("x86_64")
NEW = Kernel("5.14.0-427.el9.x86_64", "", "kernel-core", "5.14.0-427.el9")
REALTIME = Kernel("5.14.0-427.el9.x86_64+rt", "rt", "kernel-rt-core", "5.14.0-427.el9")


@pytest.mark.parametrize(
    ("release", "flavour"),
    [
        (NEW.release, ""),
        (REALTIME.release, "rt"),
        ("6.10.3-200.fc40.aarch64", ""),
        ("5.14.0-427.el9.aarch64+64k", "64k"),
    ],
)
def test_flavour(release: str, flavour: t.Optional[str]) -> None:
    assert DNF.flavour_of(release) == flavour


def test_kernels() -> None:
    packages = [
        ("kernel-core", "5.14.0-427.el9"),
        ("kernel-rt-core", "0:5.14.0-427.el9"),
        ("kernel-modules-core", "5"),
        ("kernel", "5"),
    ]
    assert DNF.kernels(packages) == [NEW, Kernel(REALTIME.release, "rt", "kernel-rt-core", "0:5.14.0-427.el9")]
    assert DNF.candidates((), "rt") == ["kernel-rt-core"]
    assert DNF.candidates((), "") == ["kernel-core"]


NAMES = ["kernel", "kernel-core", "kernel-modules", "kernel-modules-core", "kernel-modules-extra", "kernel-devel"]


@pytest.mark.parametrize(
    ("there", "wanted", "left_out"),
    [
        ([], Wanted(), {"kernel-modules-extra", "kernel-devel"}),
        (["kernel-devel"], Wanted(), {"kernel-modules-extra"}),
        ([], Wanted(headers=True, extra_modules=True), set()),
    ],
)
def test_what_belongs_to_a_kernel(there: list[str], wanted: Wanted, left_out: set[str]) -> None:
    installed = [PackageStatus(name, "5.14.0-362.el9") for name in there]
    chosen = DNF.choose(NEW, installed, {name: [NEW.version, "5.14.0-362.el9"] for name in NAMES}, wanted)
    assert chosen == dict.fromkeys((name for name in NAMES if name not in left_out), NEW.version)
    assert DNF.holds(chosen, installed) == {f"{name}-{NEW.version}" for name in chosen}


def test_what_only_other_kernels_have_is_held_as_it_is() -> None:
    installed = [
        PackageStatus("kernel", "5.14.0-362.el9"),
        PackageStatus("kernel", "5.14.0-70.el9"),
        PackageStatus("kernel-tools", "5.14.0-362.el9"),
        PackageStatus("kernel-rt-core", "5.14.0-362.el9"),
    ]
    chosen = DNF.choose(NEW, installed, {NEW.package: [NEW.version]}, Wanted())
    assert chosen == {NEW.package: NEW.version}
    assert DNF.holds(chosen, installed) == {
        f"kernel-core-{NEW.version}",
        "kernel-5.14.0-362.el9",
        "kernel-5.14.0-70.el9",
    }


def test_matched_headers_go_with_a_kernel_when_they_are_there() -> None:
    available = {name: [NEW.version] for name in (NEW.package, "kernel-devel", "kernel-devel-matched")}
    matched = [PackageStatus(name, "5.14.0-362.el9") for name in ("kernel-devel", "kernel-devel-matched")]
    assert "kernel-devel-matched" in DNF.choose(NEW, matched, available, Wanted())
    assert "kernel-devel-matched" not in DNF.choose(NEW, [], available, Wanted(headers=True))


def test_what_is_asked_for_and_not_available() -> None:
    with pytest.raises(InputError, match=r"extra_modules: kernel-rt-modules-extra-5.14.0-427.el9 is not available"):
        DNF.choose(REALTIME, [], {"kernel-rt-core": [REALTIME.version]}, Wanted(extra_modules=True))


@pytest.mark.parametrize(
    ("locks", "in_the_way"),
    [
        (["kernel-core-5.14.0-362.el9"], ["kernel-core-5.14.0-362.el9"]),
        (["kernel-core"], ["kernel-core"]),
        (["kernel-core-5.14.0-427.el9"], []),
        (["kernel-core-5.14.0-427*"], []),
        (["kernel-core-5.14.0-3*"], ["kernel-core-5.14.0-3*"]),
        (["kernel-core-5.14.0-362.el9", "kernel-core-5.14.0-427.el9"], []),
        (["kernel-rt-core-5.14.0-362.el9"], []),
        (["!kernel-core-5.14.0-362.el9"], []),
        (["podman-5.0-1"], []),
    ],
)
def test_locks_in_the_way(locks: list[str], in_the_way: list[str]) -> None:
    assert DNF.in_the_way({"kernel-core": NEW.version}, locks, []) == in_the_way
    assert DNF.in_the_way({"kernel-core": NEW.version}, locks, [PackageStatus("kernel-core", NEW.version)]) == []


@pytest.mark.parametrize("lock", ["!kernel-core-5.14.0-427.el9", "!kernel-core-*"])
def test_what_is_kept_off_can_not_be_held_even_when_it_is_there(lock: str) -> None:
    assert DNF.in_the_way({"kernel-core": NEW.version}, [lock], [PackageStatus("kernel-core", NEW.version)]) == [lock]


def test_new_kernels_do_not_become_the_default() -> None:
    found: dict[str, t.Optional[str]] = {SYSCONFIG: "UPDATEDEFAULT=yes\nDEFAULTKERNEL=kernel-core\n"}
    kept = DNF.keep({}, [], found)
    assert kept == {SYSCONFIG: "UPDATEDEFAULT=no\nDEFAULTKERNEL=kernel-core\n"}
    assert DNF.release_files(kept, DNF.noted(found)) == found
    assert DNF.release_files(kept, {}) == {}


@pytest.mark.parametrize(
    ("text", "fallbacks", "problems"),
    [
        (None, 2, 0),
        (None, 3, 1),
        ("installonly_limit=5\n", 3, 0),
        ("installonly_limit=0\n", 9, 0),
        ("installonly_limit=2\n", 2, 1),
    ],
)
def test_as_many_fallbacks_as_dnf_keeps(text: t.Optional[str], fallbacks: int, problems: int) -> None:
    assert len(DNF.check(fallbacks, {DNF_CONF: text})) == problems
