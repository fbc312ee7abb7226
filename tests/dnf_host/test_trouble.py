# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Others who change packages meanwhile, and runs that are cut off."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest
from dnf_host.machine import SYSCONFIG, Machine
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


@pytest.mark.parametrize("work", WORK, ids=lambda work: work[0])
def test_another_package_manager_that_does_not_finish(
    machine: Machine, other: subprocess.Popen[str], repositories: dict[str, Path], work: Work
) -> None:
    machine.add(repositories["later"], "later")
    name, options = work
    failed = machine.module(name, patience_seconds=4, fails=True, **options)
    assert "has held its lock for more than 4 s; wait for it or stop it, then run again" in failed["msg"]
    assert other.poll() is None
    assert (machine.kernels(), machine.locks, machine.default) == ([OLD], [], f"{OLD}.{ARCH}")
    assert machine.read("/etc/sysconfig/kernel") == SYSCONFIG
    assert machine.read("/var/lib/container-host/kernel.json") == ""


@pytest.mark.parametrize("work", WORK, ids=lambda work: work[0])
def test_another_package_manager_that_finishes(
    machine: Machine, other: subprocess.Popen[str], repositories: dict[str, Path], work: Work
) -> None:
    machine.add(repositories["later"], "later")
    name, options = work
    process = machine.start_module(name, options)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(6)
    machine.path("/run/slow").unlink()
    other.communicate(timeout=60)
    output, errors = process.communicate(timeout=300)
    assert '"changed": true' in output, errors
    assert len(machine.kernels()) == 2
