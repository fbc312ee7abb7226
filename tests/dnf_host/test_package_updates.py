# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module package_updates with the real dnf, on a host whose repositories get newer packages."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from dnf_host.machine import Machine
from dnf_host.packages import ARCH, NEW, NEWEST, OLD, OLDEST, PARTS, SECURE
from rpm_versions import ORDERED

BEFORE = {"tool": "1.9-1.el9", "library": "1:1.0-1.el9", "glibc": "2.34-1.el9"}
AFTER = {"tool": "1.10-1.el9", "library": "1:1.1-1.el9", "glibc": "2.35-1.el9"}


@pytest.fixture
def outdated(machine: Machine, repositories: dict[str, Path]) -> Machine:
    """A machine there are updates for."""
    machine.add(repositories["later"], "later")
    return machine


def updates(result: dict[str, t.Any]) -> dict[str, tuple[str | None, str, bool]]:
    """The updates of a result: before, after, whether for security."""
    return {
        one["name"].removesuffix(f".{ARCH}"): (one["before"], one["after"], one["security"])
        for one in result["updates"]
    }


def versions(machine: Machine) -> dict[str, str]:
    """What is installed of the packages that are no kernels."""
    rows = machine.run("rpm", "-q", "--qf", "%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n", *BEFORE).splitlines()
    words = (row.split() for row in rows if row.partition(" ")[0] in BEFORE)
    return {name: version.removeprefix("0:") for name, version in words}


def test_all_updates(outdated: Machine) -> None:
    expected: dict[str, tuple[str | None, str, bool]] = {
        name: (BEFORE[name], AFTER[name], name in SECURE) for name in BEFORE
    }
    expected |= dict.fromkeys(PARTS, (None, NEWEST, False))
    foretold = outdated.module("package_updates", check=True)
    assert updates(foretold) == expected
    assert f"updates will ask for it: glibc.{ARCH}, kernel-core.{ARCH}, kernel.{ARCH}" in foretold["reboot_reasons"]
    assert versions(outdated) == BEFORE

    done = outdated.module("package_updates")
    assert (updates(done), done["diff"]) == (expected, foretold["diff"])
    assert versions(outdated) == AFTER
    assert outdated.kernels() == sorted([OLD, NEWEST])
    reason = f"kernel {OLD}.{ARCH} runs, and {NEWEST}.{ARCH} is installed"
    assert [reason, "updated since the last boot: glibc"] == done["reboot_reasons"]

    again = outdated.module("package_updates")
    assert (again["changed"], again["updates"]) == (False, [])


def test_updates_for_security_alone(outdated: Machine) -> None:
    done = outdated.module("package_updates", state="security")
    assert updates(done) == {name: (BEFORE[name], AFTER[name], True) for name in SECURE}
    assert versions(outdated) == {**AFTER, "tool": BEFORE["tool"]}
    assert outdated.kernels() == [OLD]
    assert not outdated.module("package_updates", state="security")["changed"]


def test_what_is_held_is_left_alone_and_told(outdated: Machine) -> None:
    outdated.module("kernel_pin", release="running")
    outdated.dnf("versionlock", "add", "tool")
    done = outdated.module("package_updates")
    assert set(updates(done)) == {"library", "glibc"}
    assert versions(outdated) == {**AFTER, "tool": BEFORE["tool"]}
    assert outdated.kernels() == [OLD]
    kernels = [{"name": name, "version": OLD, "offered": NEWEST} for name in sorted(PARTS)]
    assert done["held"] == [*kernels, {"name": "tool", "version": BEFORE["tool"], "offered": AFTER["tool"]}]


def test_the_oldest_kernel_that_has_to_go_is_told(outdated: Machine) -> None:
    outdated.dnf("install", f"kernel-{OLDEST}", f"kernel-{NEW}")
    done = outdated.module("package_updates")
    assert [line for line in done["actions"] if line.startswith("remove")] == [
        f"remove {name}-{OLDEST}" for name in sorted(PARTS)
    ]
    assert outdated.kernels() == sorted([OLD, NEW, NEWEST])


def test_versions_are_ordered_as_rpm_orders_them(machine: Machine) -> None:
    calls = "; ".join(f'print(rpm.vercmp("{older}", "{newer}"))' for older, newer in ORDERED)
    # What it prints is on one line.
    assert machine.run("rpm", "--eval", f"%{{lua: {calls}}}").strip() == "-1" * len(ORDERED)
