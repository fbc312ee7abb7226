# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repositories, built once, and a fresh machine for each test; what was shown goes to docs/proof (--proof)."""

from __future__ import annotations

import os
import shutil
import time
import typing as t
from pathlib import Path

import pytest
from dnf_host import packages
from dnf_host.machine import TOOLS, VERSIONLOCK, Machine
from proof import write_proof

CLAIM = (
    "With dnf 4 and rpm, a kernel is installed, held, changed and released by `kernel_pin`, and updates, all or those for "
    "security, leave it alone (entries by grubby, dnf 5 and zypper: unit tests)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proof", action="store_true", help="write what was shown to docs/proof")


class Outcomes:
    """What came of each test."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.by_test: dict[str, str] = {}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.by_test[report.nodeid.rpartition("::")[2]] = report.outcome

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        failed = sum(outcome != "passed" for outcome in self.by_test.values())
        write_proof(
            name="dnf_kernel_and_updates",
            claim=CLAIM,
            where="real tool on synthetic data",
            command="bash tests/dnf_host/run.sh --proof",
            seconds=time.monotonic() - self.started,
            passed=len(self.by_test) - failed,
            failed=failed,
            results=self.by_test,
        )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--proof"):
        config.pluginmanager.register(Outcomes())


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The repositories, by name."""
    missing = {package for program, package in TOOLS.items() if shutil.which(program) is None}
    if not VERSIONLOCK.exists():
        missing.add("dnf-plugins-core")
    if missing:
        pytest.fail(f"install {', '.join(sorted(missing))} (tests/dnf_host/run.sh does), and run again", pytrace=False)
    if os.geteuid() != 0:
        pytest.fail("namespaces with mounts of their own take root: tests/dnf_host/run.sh asks sudo", pytrace=False)
    return packages.build(tmp_path_factory.mktemp("repositories"))


@pytest.fixture
def machine(repositories: dict[str, Path], tmp_path: Path) -> t.Iterator[Machine]:
    """A machine that runs the kernel OLD, and whose repository has an older and a newer one."""
    with Machine(tmp_path, repositories["first"]) as machine:
        machine.dnf("install", f"kernel-{packages.OLD}", "tool", "library", "glibc")
        machine.boot(packages.OLD)
        yield machine
