# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module kernel_pin with the real dnf: installed, held, kept, changed, released."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from dnf_host.machine import SYSCONFIG, Machine
from dnf_host.packages import ARCH, EXTRAS, KERNELS, NEW, NEWEST, OLD, OLDEST, PARTS

# The program dnf-automatic, which Debian has without a command.
UNATTENDED = "import sys; from dnf.automatic.main import main; sys.exit(main(sys.argv[1:]))"
AUTOMATIC = """\
[commands]
upgrade_type = default
apply_updates = yes
random_sleep = 0
[emitters]
emit_via = stdio
"""


def release(version: str) -> str:
    """What ``uname -r`` says of a kernel."""
    return f"{version}.{ARCH}"


def locks(version: str, names: tuple[str, ...] = PARTS) -> list[str]:
    """The locks on a kernel's packages, in versionlock's words."""
    return sorted(f"{name}-0:{version}.*" for name in names)


def test_an_exact_version_is_installed_and_held(machine: Machine) -> None:
    foretold = machine.module("kernel_pin", check=True, release=release(NEW))
    assert (machine.kernels(), machine.locks, machine.default) == ([OLD], [], release(OLD))
    assert machine.read("/etc/sysconfig/kernel") == SYSCONFIG

    done = machine.module("kernel_pin", release=release(NEW))
    assert done["changed"]
    assert (done["diff"], done["actions"]) == (foretold["diff"], foretold["actions"])
    for part in PARTS:
        assert machine.kernels(part) == sorted([OLD, NEW])
    assert machine.locks == locks(NEW)
    assert machine.default == release(NEW)
    assert "UPDATEDEFAULT=no\n" in machine.read("/etc/sysconfig/kernel")
    assert done["packages"] == dict.fromkeys(PARTS, NEW)
    assert done["reboot_required"]

    again = machine.module("kernel_pin", release=release(NEW))
    assert (again["changed"], again["actions"]) == (False, [])
    assert machine.module("kernel_pin_info")["kernel"]["held"] == sorted(f"{part}-{NEW}" for part in PARTS)
    machine.boot(NEW)
    assert not machine.module("kernel_pin", release=release(NEW))["reboot_required"]


@pytest.mark.parametrize(("pattern", "expected"), [(None, NEWEST), ("5.14.0-4*", NEW), ("5.14.0-?[0-9].*", OLDEST)])
def test_the_newest_that_matches_is_chosen(
    machine: Machine, repositories: dict[str, Path], pattern: str | None, expected: str
) -> None:
    machine.add(repositories["later"], "later")
    available = machine.module("kernel_pin_info", available=True)["kernel"]["available"]
    assert available == [release(version) for version in reversed(KERNELS)]
    assert machine.module("kernel_pin", pattern=pattern)["pinned"] == release(expected)
    for part in PARTS:
        assert machine.kernels(part) == sorted([OLD, expected])
    assert machine.locks == locks(expected)
    assert machine.default == release(expected)


def test_updates_and_cleanups_leave_a_held_kernel_alone(machine: Machine, repositories: dict[str, Path]) -> None:
    machine.module("kernel_pin", release=release(NEW))
    machine.boot(NEW)
    machine.add(repositories["later"], "later")
    for command in (["upgrade"], ["install", "kernel"], ["autoremove"], ["distro-sync"]):
        machine.dnf(*command)
        assert machine.kernels() == sorted([OLD, NEW]), command
    assert "Unable to find a match" in machine.dnf("install", f"kernel-core-{NEWEST}", fails=True)
    assert machine.default == release(NEW)
    assert not machine.module("kernel_pin", release=release(NEW))["changed"]


def test_unattended_updates_leave_a_held_kernel_alone(machine: Machine, repositories: dict[str, Path]) -> None:
    machine.module("kernel_pin", release=release(NEW))
    machine.add(repositories["later"], "later")
    machine.write("/etc/dnf/automatic.conf", AUTOMATIC)
    machine.run("/usr/bin/python3", "-c", UNATTENDED, "/etc/dnf/automatic.conf")
    assert machine.kernels("tool") == ["1.10-1.el9"]
    for part in PARTS:
        assert machine.kernels(part) == sorted([OLD, NEW])
    assert machine.default == release(NEW)


def test_a_pin_is_changed_by_letting_go_and_holding_again(machine: Machine, repositories: dict[str, Path]) -> None:
    machine.module("kernel_pin", release=release(NEW))
    machine.add(repositories["later"], "later")
    up = machine.module("kernel_pin", pattern="5.14.*")
    words = [action.partition(" ")[0] for action in up["actions"]]
    assert words == ["let"] * 4 + ["install"] * 4 + ["hold"] * 4 + ["start"]
    assert machine.locks == locks(NEWEST)
    assert machine.default == release(NEWEST)
    # dnf keeps three, and the one that runs is never the one to go.
    down = machine.module("kernel_pin", release=release(OLDEST), fallbacks=2)
    assert down["pinned"] == release(OLDEST)
    assert machine.locks == locks(OLDEST)
    assert machine.kernels() == sorted([OLDEST, OLD, NEWEST])
    assert machine.default == release(OLDEST)
    assert not machine.module("kernel_pin", release=release(OLDEST), fallbacks=2)["changed"]


def test_what_is_released_follows_updates_again(machine: Machine, repositories: dict[str, Path]) -> None:
    machine.module("kernel_pin", release=release(NEW))
    released = machine.module("kernel_pin", state="absent")
    assert released["changed"]
    assert machine.locks == []
    assert machine.read("/etc/sysconfig/kernel") == SYSCONFIG
    assert not machine.module("kernel_pin", state="absent")["changed"]
    machine.add(repositories["later"], "later")
    machine.dnf("upgrade")
    assert machine.kernels() == sorted([OLD, NEW, NEWEST])
    assert machine.default == release(NEWEST)  # UPDATEDEFAULT counts again


def test_what_has_not_been_asked_for_is_not_made_the_default(machine: Machine, repositories: dict[str, Path]) -> None:
    """Somebody goes round the locks: what starts by default stays all the same, by UPDATEDEFAULT alone."""
    machine.module("kernel_pin", release=release(NEW))
    machine.add(repositories["later"], "later")
    machine.dnf("install", "--disableplugin=versionlock", f"kernel-{NEWEST}")
    assert NEWEST in machine.kernels()
    assert machine.default == release(NEW)


def test_headers_and_extra_modules_are_installed_and_held(machine: Machine) -> None:
    machine.module("kernel_pin", release=release(NEW), headers=True, extra_modules=True)
    for name in EXTRAS:
        assert machine.kernels(name) == [NEW]
    assert machine.locks == locks(NEW, (*PARTS, *EXTRAS))
    # They are followed from now on.
    machine.module("kernel_pin", release=release(OLDEST))
    assert machine.locks == locks(OLDEST, (*PARTS, *EXTRAS))


def test_updates_go_on_with_headers_that_match_the_kernel(machine: Machine, repositories: dict[str, Path]) -> None:
    machine.dnf("install", f"kernel-devel-matched-{OLD}")
    machine.module("kernel_pin", release="running")
    machine.add(repositories["later"], "later")
    machine.dnf("upgrade")  # fails as a whole when one package can't follow: best=True
    assert machine.kernels("kernel-devel-matched") == [OLD]
    assert machine.kernels() == [OLD]
    machine.module("kernel_pin", release=release(NEWEST))
    assert machine.kernels("kernel-devel-matched") == [NEWEST]
    machine.module("kernel_pin", release=release(OLDEST))
    assert machine.kernels("kernel-devel-matched") == [OLDEST]
    assert machine.locks == locks(OLDEST, (*PARTS, "kernel-devel", "kernel-devel-matched"))


def test_updates_go_on_with_parts_of_other_kernels(machine: Machine, repositories: dict[str, Path]) -> None:
    """Of the pinned kernel there is no meta package: neither installed nor in the repositories."""
    machine.dnf("install", f"kernel-core-{NEW}", f"kernel-modules-{NEW}")
    machine.run("sh", "-c", f"rm /var/lib/repositories/first/{ARCH}/kernel-5.14.0-427*")
    machine.run("createrepo_c", "--quiet", "--no-database", "/var/lib/repositories/first")
    machine.module("kernel_pin", release=release(NEW))
    machine.add(repositories["later"], "later")
    machine.dnf("upgrade")
    assert machine.kernels() == sorted([OLD, NEW])
    assert machine.kernels("kernel") == [OLD]
    assert not machine.module("kernel_pin", release=release(NEW))["changed"]
    machine.module("kernel_pin", state="absent")
    assert machine.locks == []


def test_a_version_that_is_not_available(machine: Machine) -> None:
    failed = machine.module("kernel_pin", release=release(NEWEST), fails=True)
    there = ", ".join(release(version) for version in (NEW, OLD, OLDEST))
    assert failed["msg"] == (
        f"release: kernel {release(NEWEST)} is neither installed nor available; there are {there}"
    ), failed["msg"]
    assert (machine.kernels(), machine.locks) == ([OLD], [])
    assert machine.read("/var/lib/container-host/kernel.json") == ""


def test_a_kernel_somebody_else_holds(machine: Machine) -> None:
    machine.dnf("versionlock", "add", f"kernel-core-{OLD}")
    failed = machine.module("kernel_pin", release=release(NEW), fails=True)
    assert f"kernel-core-{OLD} is held by somebody else" in failed["msg"]
    assert machine.kernels() == [OLD]
    assert machine.locks == locks(OLD, ("kernel-core",))
    # What he holds stays held, also after a pin that agrees with it was released.
    machine.module("kernel_pin", release="running")
    assert machine.locks == locks(OLD)
    machine.module("kernel_pin", state="absent")
    assert machine.locks == locks(OLD, ("kernel-core",))


def test_a_kernel_somebody_else_keeps_off(machine: Machine) -> None:
    machine.dnf("versionlock", "exclude", f"kernel-core-{NEW}")
    failed = machine.module("kernel_pin", release=release(NEW), fails=True)
    assert f"!kernel-core-{NEW} is held by somebody else" in failed["msg"]
    assert (machine.kernels(), machine.default) == ([OLD], release(OLD))
    assert machine.read("/etc/sysconfig/kernel") == SYSCONFIG
    assert machine.read("/var/lib/container-host/kernel.json") == ""


def test_lists_of_another_hour_are_fetched_anew(machine: Machine, repositories: dict[str, Path]) -> None:
    """Whatever the repository itself says of how long its lists are good."""
    path = "/etc/yum.repos.d/first.repo"
    machine.write(path, machine.path(path).read_text().replace("metadata_expire=1\n", "metadata_expire=1000000\n"))
    machine.dnf("makecache")
    machine.run("rm", "-r", "/var/lib/repositories/first")
    shutil.copytree(repositories["later"], machine.path("/var/lib/repositories/first"))
    machine.run("sh", "-c", "find /var/cache/dnf -exec touch -d '90 minutes ago' {} +")
    # Lists that are older than the configuration are fetched anyway.
    machine.run("touch", "-d", "2 days ago", path, "/etc/dnf/dnf.conf")
    assert machine.module("kernel_pin", check=True)["pinned"] == release(NEW)  # check mode fetches nothing
    assert machine.module("kernel_pin")["pinned"] == release(NEWEST)


def test_no_room_in_boot(machine: Machine) -> None:
    machine.run("mount", "-o", "remount,size=300k", "/boot")
    machine.run("sh", "-c", "head -c 150000 /dev/zero > /boot/other")
    failed = machine.module("kernel_pin", release=release(NEW), fails=True)
    assert "/boot has 0 MiB left" in failed["msg"]
    assert (machine.kernels(), machine.locks) == ([OLD], [])


def test_more_fallbacks_than_dnf_keeps(machine: Machine) -> None:
    failed = machine.module("kernel_pin", release=release(NEW), fallbacks=3, fails=True)
    assert "dnf keeps 3 kernels in all" in failed["msg"]
    machine.limit(4)
    assert machine.module("kernel_pin", release=release(NEW), fallbacks=3)["changed"]
