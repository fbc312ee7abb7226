# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observing the hosts for the conformance cases, and writing what was shown to docs/proof (--proof)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from conformance.table import ENGINES, ESSENTIAL, GROUP_STAGES, RESTARTS, load, script
from proof import write_proof

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PLAYBOOKS = {ESSENTIAL: "collect.yml", RESTARTS: "collect_restarts.yml"}
# What has to come first at a stage.
BEFORE = {"up": "begin.sh", "ends": "settle.sh", "rebooted": "come_back.sh"}
PROOFS = {
    ESSENTIAL: (
        "conformance",
        "The same Compose project behaves the same on Docker and on Podman, or as documented",
        "bash tests/run_vm_tests.sh test conformance",
    ),
    RESTARTS: (
        "conformance_restarts",
        "Workloads outlive a restart of the engine, and come back after one of the host, the same on Docker and on Podman",
        'bash tests/run_vm_tests.sh all "conformance"',
    ),
}

Hosts = dict[str, dict[str, t.Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proof", action="store_true", help="write what was shown to docs/proof")


class Outcomes:
    """What came of each test, by group, and which engines were there."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.by_group: dict[str, dict[str, str]] = {ESSENTIAL: {}, RESTARTS: {}}
        self.engines: dict[str, dict[str, str]] = {}
        self.seconds: dict[str, float] = {}
        self.seconds_after_boot: dict[str, int] = {}

    def write(self) -> None:
        for group, outcomes in self.by_group.items():
            if group in self.engines:
                name, claim, command = PROOFS[group]
                failed = sum(outcome != "passed" for outcome in outcomes.values())
                write_proof(
                    name=name,
                    claim=claim,
                    where="real VM",
                    command=command,
                    seconds=self.seconds[group],
                    passed=len(outcomes) - failed,
                    failed=failed,
                    results={"engines": self.engines[group], **self.measured(group), "cases": outcomes},
                )

    def measured(self, group: str) -> dict[str, dict[str, int]]:
        """When all that comes back was there and healthy, by engine."""
        return {"seconds_after_boot": self.seconds_after_boot} if group == RESTARTS else {}


OUTCOMES = pytest.StashKey[Outcomes]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = Outcomes()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> t.Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or report.failed:
        group = RESTARTS if item.get_closest_marker(RESTARTS) else ESSENTIAL
        name = item.name.partition("[")[2].rstrip("]")
        name = f"workload_info/{name}" if item.name.startswith("test_info") else name
        item.config.stash[OUTCOMES].by_group[group][name] = report.outcome
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--proof"):
        session.config.stash[OUTCOMES].write()


@pytest.fixture(scope="session")
def hosts(pytestconfig: pytest.Config) -> Hosts:
    """Host name -> what was observed there."""
    return observe(ESSENTIAL, pytestconfig.stash[OUTCOMES])


@pytest.fixture(scope="session")
def restarted_hosts(pytestconfig: pytest.Config) -> Hosts:
    """The same of hosts whose engine was restarted, and that were rebooted."""
    return observe(RESTARTS, pytestconfig.stash[OUTCOMES])


def observe(group: str, outcomes: Outcomes) -> Hosts:
    """Run the group's playbook, unless former observations are given, and read what it has written."""
    former = os.environ.get("CONFORMANCE_OBSERVED")
    folder = (Path(former) if former else ROOT / ".artifacts" / "conformance") / (group or "essential")
    if not former:
        started = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        write_scripts(group, folder / "scripts")
        command = shutil.which("ansible-playbook") or str(ROOT / ".venv" / "bin" / "ansible-playbook")
        done = subprocess.run(
            [command, str(HERE / PLAYBOOKS[group]), "-e", f"conformance_output={folder}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=5400,
        )
        (folder / "playbook.log").write_text(done.stdout, encoding="utf-8")
        if done.returncode:
            # once, not for every case: none of them can be judged
            pytest.exit(f"{PLAYBOOKS[group]} ended with {done.returncode}:\n{what_failed(done.stdout)}", returncode=1)
        outcomes.seconds[group] = time.monotonic() - started
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    engines = {observed["engine"]["name"]: observed["engine"]["version"] for observed in found.values()}
    assert sorted(engines) == sorted(ENGINES), f"hosts with both engines are needed, found {sorted(engines)}"
    if not former:
        # Former observations are of a commit that is not known: they prove nothing.
        outcomes.engines[group] = engines
        outcomes.seconds_after_boot |= back_after_seconds(found)
    return found


def back_after_seconds(found: Hosts) -> dict[str, int]:
    """What come_back.sh has said, by engine."""
    pattern = re.compile(r"^all is back (\d+) s after the boot$", re.MULTILINE)
    said = {one["engine"]["name"]: pattern.search(one["said"].get("rebooted", "")) for one in found.values()}
    return {engine: int(match[1]) for engine, match in said.items() if match}


def what_failed(log: str, most: int = 8000) -> str:
    """Of what a playbook printed, no more than so many characters: from the task that failed first, or else the end."""
    failed = log.find("\nfatal: ")
    if failed < 0:
        return log[-most:].strip()
    return log[max(log.rfind("\nTASK ", 0, failed), 0) :][:most].strip()


def write_scripts(group: str, folder: Path) -> None:
    """One script for each stage of the group."""
    folder.mkdir(parents=True)
    cases = load()
    for stage in GROUP_STAGES[group]:
        before = (HERE / BEFORE[stage]).read_text(encoding="utf-8") if stage in BEFORE else ""
        (folder / f"{stage}.sh").write_text(script(cases, stage, before), encoding="utf-8")
