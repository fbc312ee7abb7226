# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one tier of tests (check, test, test-all), show what each step took, end with "N passed, N failed".

A step is one command. Quick steps run side by side and show their output only when they fail; slow ones follow and show
it as it comes. Those that may run beside the slow ones do so at the lowest priority: emulated machines leave a part of
the processors idle. A step passes when its command exits with 0. A step that writes JUnit files into the folder
named by the environment variable STEP_JUNIT_DIR is counted by its test cases, any other step counts as one.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from proof import write_proof

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "tests" / "output"
IN_COLLECTIONS = ".cache/collections/ansible_collections/anycloud/container_host"
TYPED = [
    "docs/generate.py",
    "tests/faults/run.py",
    "tests/fuzz/compose.py",
    "tests/proof.py",
    "tests/run_tier.py",
    "tools/demo.py",
]
# The sessions of the steps that run beside, by their first process.
BESIDE: set[int] = set()
PYTEST = ["python", "-m", "pytest", "-q", "-o", "junit_family=xunit1", "--junitxml={junit}/pytest.xml"]


@dataclass(frozen=True)
class Step:
    """One command of a tier; ``{junit}`` in it stands for the folder for its JUnit files."""

    name: str
    argv: list[str]
    slow: bool = False
    beside: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a step did: whether it passed, how many test cases did, and how long it took."""

    step: Step
    ok: bool
    passed: int
    failed: int
    skipped: int
    seconds: float


CHECK = [
    Step("ruff check", ["ruff", "check", "--quiet", "."]),
    Step("ruff format", ["ruff", "format", "--check", "--quiet", "."]),
    Step("mypy", ["mypy", f"{IN_COLLECTIONS}/plugins", *TYPED]),
    Step("yamllint", ["yamllint", "--strict", "."]),
    Step("ansible-lint", ["ansible-lint", "--offline", "-q"]),
    Step("antsibull-changelog", ["antsibull-changelog", "lint"]),
    Step("antsibull-docs", ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "."]),
    Step("generated documentation", ["python", "docs/generate.py", "--check"]),
    Step("unit tests", [*PYTEST, "-n", "2", "-m", "not slow", "tests/unit"]),
]
TEST = [
    *CHECK,
    Step("build and install", [*PYTEST, "-m", "build", "tests/build"], beside=True),
    Step("ansible-test sanity", ["bash", "tests/sanity.sh"], beside=True),
    Step("slow unit tests", [*PYTEST, "-m", "slow and not walk", "tests/unit"], beside=True),
    Step("virtual machines", ["bash", "tests/run_vm_tests.sh", "test"], slow=True),
]
TEST_ALL = [
    *TEST[:-1],
    Step("walks through whole runs", [*PYTEST, "-m", "walk", "tests/unit"], beside=True),
    Step("fuzzing of Compose files", ["bash", "tests/fuzz/run.sh", "--seconds", "600"], beside=True),
    Step("dnf on synthetic packages", ["bash", "tests/dnf_host/run.sh", "--proof"], beside=True),
    Step("supported ansible-core versions", ["bash", "tests/check_core.sh"], slow=True),
    Step("drift of the baseline", ["python", "bench/drift.py", "--no-proof"], slow=True),
    Step("virtual machines", ["bash", "tests/run_vm_tests.sh", "all"], slow=True),
]
TIERS = {"check": CHECK, "test": TEST, "test-all": TEST_ALL}


def environment(junit: Path) -> dict[str, str]:
    """The environment of a step: our tools first, the collection importable, no colours, nobody asked."""
    return {
        **os.environ,
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "VIRTUAL_ENV": str(ROOT / ".venv"),
        "PYTHONPATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "STEP_JUNIT_DIR": str(junit),
    }


def count_cases(junit: Path) -> tuple[int, int, int] | None:
    """Passed, failed and skipped test cases of all JUnit files of a folder; None when there are none."""
    files = sorted(junit.glob("**/*.xml"))
    if not files:
        return None
    total = failed = skipped = 0
    for file in files:
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            kinds = {child.tag for child in case}
            total += 1
            failed += bool(kinds & {"failure", "error"})
            skipped += "skipped" in kinds and not kinds & {"failure", "error"}
    return total - failed - skipped, failed, skipped


def run(step: Step) -> Outcome:
    """Run a step; quick ones are silent unless they fail."""
    junit = OUTPUT / "junit" / step.name.replace(" ", "_")
    shutil.rmtree(junit, ignore_errors=True)
    junit.mkdir(parents=True)
    argv = [word.replace("{junit}", str(junit)) for word in step.argv]
    if step.slow:
        print(f"\n=== {step.name}: {' '.join(argv)}", flush=True)
    started = time.monotonic()
    with subprocess.Popen(
        ["nice", "-n", "19", *argv] if step.beside else argv,
        cwd=ROOT,
        env=environment(junit),
        stdin=subprocess.DEVNULL,
        stdout=None if step.slow else subprocess.PIPE,
        stderr=None if step.slow else subprocess.STDOUT,
        text=True,
        start_new_session=step.beside,
    ) as process:
        if step.beside:
            give_way(process.pid)
            BESIDE.add(process.pid)
        said, _none = process.communicate()
        BESIDE.discard(process.pid)
    seconds = time.monotonic() - started
    cases = count_cases(junit)
    # 5 is pytest's "no tests collected": nothing to run is no failure.
    ok = process.returncode == 0 or (process.returncode == 5 and "pytest" in argv)
    passed, failed, skipped = cases or (int(ok), int(not ok), 0)
    if not ok and not failed:
        failed = 1
    print(f"{'ok    ' if ok else 'FAILED'} {step.name} ({seconds:.1f} s)", flush=True)
    if not ok and not step.slow:
        print(f"--- {' '.join(argv)}\n{said.rstrip()}\n---", flush=True)
    return Outcome(step, ok, passed, failed, skipped, seconds)


def give_way(session: int) -> None:
    """Let a session have what processor time the others leave.

    Between sessions, and each virtual machine is one, a process's nice value counts for nothing where the kernel groups
    processes by session: there the session has one of its own (sched(7), "The autogroup feature").
    """
    with contextlib.suppress(OSError):  # a kernel that doesn't group them, or a /proc that can't be written
        Path(f"/proc/{session}/autogroup").write_text("19", encoding="ascii")


def end_sessions() -> None:
    """End what runs beside: the terminal's interrupt doesn't reach it."""
    for session in tuple(BESIDE):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(session, signal.SIGTERM)


def run_tier(steps: t.Sequence[Step], jobs: int) -> list[Outcome]:
    """Run the quick steps side by side, the longest ones first; then the slow ones, and what may run beside them."""
    quick = [step for step in steps if not step.slow and not step.beside]
    quick.sort(key=lambda step: step.name != "unit tests")
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        outcomes = list(pool.map(run, quick))
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        beside = pool.map(run, [step for step in steps if step.beside])
        try:
            slow = [run(step) for step in steps if step.slow]
            return [*outcomes, *beside, *slow]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            end_sessions()
            raise


def main() -> int:
    """Run the tier named on the command line; the exit status is 1 when anything failed."""
    parser = argparse.ArgumentParser(description="Run one tier of tests.")
    parser.add_argument("tier", choices=sorted(TIERS))
    parser.add_argument("--jobs", type=int, default=2, help="how many quick steps run side by side (default: 2)")
    parser.add_argument("--only", metavar="NAME", help="run only the steps whose name contains NAME")
    arguments = parser.parse_args()
    steps = [step for step in TIERS[arguments.tier] if not arguments.only or arguments.only in step.name]
    if not steps:
        parser.error(f"no step of {arguments.tier} has {arguments.only!r} in its name")

    started = time.monotonic()
    outcomes = run_tier(steps, arguments.jobs)
    seconds = time.monotonic() - started
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)

    print(f"\nmake {arguments.tier}: {seconds:.0f} s")
    for outcome in outcomes:
        words = f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
        print(f"  {outcome.step.name:<34}{outcome.seconds:>8.1f} s  {words}")
    if arguments.tier != "check" and not arguments.only:
        write_proof(
            name=f"make_{arguments.tier.replace('-', '_')}",
            command=f"make {arguments.tier}",
            seconds=seconds,
            where="real VM",
            claim=f"`make {arguments.tier}` passes on a fresh checkout",
            passed=passed,
            failed=failed,
            results=[
                {"step": o.step.name, "passed": o.passed, "failed": o.failed, "skipped": o.skipped,
                 "seconds": round(o.seconds, 1)}
                for o in outcomes
            ],
        )  # fmt: skip
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
