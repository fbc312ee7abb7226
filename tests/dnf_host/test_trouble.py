# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Others who change packages meanwhile, and runs that are cut off."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
from dnf_host.machine import PROGRAMS, SYSCONFIG, Machine
from dnf_host.packages import ARCH, NEW, OLD

Work = tuple[str, dict[str, t.Any]]
WORK: list[Work] = [("kernel_pin", {"release": f"{NEW}.{ARCH}"}), ("package_updates", {"state": "all"})]
RPM_IN_THE_MIDDLE = """\
import fcntl, sys
handle = open("/var/lib/rpm/.rpm.lock", "r+")
fcntl.lockf(handle, fcntl.LOCK_EX)
open("/run/slow", "w").close()
sys.stdin.read()
"""


@pytest.fixture(params=["dnf", "rpm"])
def other(machine: Machine, request: pytest.FixtureRequest) -> t.Iterator[subprocess.Popen[str]]:
    """Another package manager in the middle of its work, which goes on once /run/slow is gone or its input ends."""
    argv = {"dnf": ["dnf", "-y", "install", "slow"], "rpm": ["python3", "-c", RPM_IN_THE_MIDDLE]}[request.param]
    process = machine.start(*argv)
    machine.until("/run/slow")
    yield process
    machine.path("/run/slow").unlink(missing_ok=True)
    process.communicate(timeout=60)


@pytest.fixture(params=WORK, ids=[name for name, _options in WORK])
def work(machine: Machine, repositories: dict[str, Path], request: pytest.FixtureRequest) -> Work:
    """What a module has to do on the machine, now that there are later packages."""
    machine.add(repositories["later"], "later")
    return t.cast(Work, request.param)


def test_another_package_manager_that_does_not_finish(
    machine: Machine, other: subprocess.Popen[str], work: Work
) -> None:
    name, options = work
    failed = machine.module(name, patience_seconds=4, fails=True, **options)
    assert "has held its lock for more than 4 s; wait for it or stop it, then run again" in failed["msg"]
    assert other.poll() is None
    assert (machine.kernels(), machine.locks, machine.default) == ([OLD], [], f"{OLD}.{ARCH}")
    assert machine.read("/etc/sysconfig/kernel") == SYSCONFIG
    assert machine.read("/var/lib/container-host/kernel.json") == ""


def test_another_package_manager_that_finishes(machine: Machine, other: subprocess.Popen[str], work: Work) -> None:
    name, options = work
    process = machine.start_module(name, options)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(8)
    assert machine.kernels() == [OLD]
    machine.path("/run/slow").unlink()
    other.communicate(timeout=60)
    output, errors = process.communicate(timeout=300)
    assert '"changed": true' in output, errors
    assert len(machine.kernels()) == 2


def test_the_power_fails_while_a_kernel_is_installed(machine: Machine) -> None:
    """Its packages are there, and what they run afterwards has not made the RAM disk and the entry."""
    machine.write("/usr/local/sbin/kernel-install", "#!/bin/sh\ntouch /run/slow\nsleep 600\n", 0o755)
    process = machine.start_module("kernel_pin", {"release": f"{NEW}.{ARCH}"})
    machine.until("/run/slow")
    machine.run("sh", "-c", "kill -9 -1")
    process.communicate(timeout=60)
    machine.write("/usr/local/sbin/kernel-install", f"#!/bin/sh\n{PROGRAMS['kernel-install']}\n", 0o755)
    assert machine.kernels() == sorted([OLD, NEW])
    assert machine.default == f"{OLD}.{ARCH}"

    foretold = machine.module("kernel_pin", check=True, release=f"{NEW}.{ARCH}")
    assert f"install kernel-core {NEW}" in foretold["actions"]
    assert foretold["diff"]["before"][f"kernel {NEW}.{ARCH}"] == "not installed to its end"
    machine.module("kernel_pin", release=f"{NEW}.{ARCH}")
    assert machine.default == f"{NEW}.{ARCH}"
    assert len(machine.locks) == 4
    assert f"initramfs-{NEW}.{ARCH}.img" in machine.run("ls", "/boot")
    assert not machine.module("kernel_pin", release=f"{NEW}.{ARCH}")["changed"]
    # What was before the first run is known.
    machine.module("kernel_pin", state="absent")
    assert machine.read("/etc/sysconfig/kernel") == SYSCONFIG


def test_the_power_fails_while_packages_are_updated(machine: Machine, repositories: dict[str, Path]) -> None:
    """What is newer is there already, and what is older still."""
    machine.add(repositories["later"], "later")
    machine.dnf("install", "tool-1.10")
    older = f"/var/lib/repositories/first/{ARCH}/tool-1.9-1.el9.{ARCH}.rpm"
    machine.run("rpm", "--install", "--justdb", "--force", older)
    done = machine.module("package_updates")
    assert done["interrupted"] == [f"tool.{ARCH}"]
    assert machine.run("rpm", "-q", "tool").splitlines()[0] == f"tool-1.10-1.el9.{ARCH}"
    assert f"tool-1.9-1.el9.{ARCH}" not in machine.run("rpm", "-q", "tool")
    assert not machine.module("package_updates")["changed"]
