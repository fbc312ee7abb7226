# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of the test tiers counts what passed and what failed, and never calls a failure a success."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest
import run_tier

CASES = (
    "<testsuites><testsuite><testcase/><testcase>{}</testcase><testcase><skipped/></testcase></testsuite></testsuites>"
)
WRITE = 'printf "%s" "$0" > "$STEP_JUNIT_DIR/cases.xml"; exit '


@pytest.fixture(autouse=True)
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run_tier, "OUTPUT", tmp_path)
    return tmp_path


TEST_RUN: list[tuple[list[str], tuple[bool, int, int, int]]] = [
    (["true"], (True, 1, 0, 0)),
    (["false"], (False, 0, 1, 0)),
    (["bash", "-c", WRITE + "0", CASES.format("")], (True, 2, 0, 1)),
    (["bash", "-c", WRITE + "1", CASES.format("<failure/>")], (False, 1, 1, 1)),
    (["bash", "-c", WRITE + "1", CASES.format("<error/>")], (False, 1, 1, 1)),
    # a step that fails without saying which case did
    (["bash", "-c", WRITE + "1", CASES.format("")], (False, 2, 1, 1)),
    # an exit status that is success for pytest alone
    (["bash", "-c", "exit 5"], (False, 0, 1, 0)),
]


@pytest.mark.parametrize(("argv", "counted"), TEST_RUN)
def test_run(argv: list[str], counted: tuple[bool, int, int, int]) -> None:
    outcome = run_tier.run(run_tier.Step("a step", argv))
    assert (outcome.ok, outcome.passed, outcome.failed, outcome.skipped) == counted


def test_results_of_an_earlier_run_do_not_count(output: Path) -> None:
    folder = output / "junit" / "a_step"
    folder.mkdir(parents=True)
    (folder / "cases.xml").write_text(CASES.format("<failure/>"), encoding="utf-8")
    assert run_tier.run(run_tier.Step("a step", ["true"])).failed == 0


@pytest.mark.parametrize(
    ("argv", "status", "last"), [(["true"], 0, "1 passed, 0 failed"), (["false"], 1, "0 passed, 1 failed")]
)
def test_main_ends_with_the_summary(
    argv: list[str], status: int, last: str, monkeypatch: pytest.MonkeyPatch, capsys: t.Any
) -> None:
    monkeypatch.setattr(run_tier, "TIERS", {"check": [run_tier.Step("a step", argv)]})
    monkeypatch.setattr("sys.argv", ["run_tier.py", "check"])
    assert run_tier.main() == status
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_every_tier_holds_the_one_before() -> None:
    names = {tier: {step.name for step in steps} for tier, steps in run_tier.TIERS.items()}
    assert names["check"] < names["test"] < names["test-all"]


def test_what_runs_beside_is_counted_as_well() -> None:
    steps = [
        run_tier.Step("slow", ["true"], slow=True),
        run_tier.Step("beside", ["false"], beside=True),
        run_tier.Step("polite", ["bash", "-c", 'test "$(nice)" -eq 19'], beside=True),
    ]
    outcomes = {outcome.step.name: outcome.ok for outcome in run_tier.run_tier(steps, jobs=2)}
    assert outcomes == {"slow": True, "beside": False, "polite": True}


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this kernel doesn't group processes by session")
def test_what_runs_beside_gives_way_to_other_sessions() -> None:
    own = Path("/proc/self/autogroup").read_text(encoding="ascii")
    command = [
        "bash",
        "-c",
        "for _ in 1 2 3 4 5; do grep -q 'nice 19' /proc/self/autogroup && exit; sleep 0.2; done; exit 1",
    ]
    (outcome,) = run_tier.run_tier([run_tier.Step("beside", command, beside=True)], jobs=1)
    assert outcome.ok
    assert Path("/proc/self/autogroup").read_text(encoding="ascii") == own


def test_an_interrupt_ends_what_runs_beside(monkeypatch: pytest.MonkeyPatch, output: Path) -> None:
    run = run_tier.run

    def interrupted(step: run_tier.Step) -> run_tier.Outcome:
        if not step.slow:
            return run(step)
        while not (output / "junit" / "begun").exists():
            time.sleep(0.1)
        raise KeyboardInterrupt

    monkeypatch.setattr(run_tier, "run", interrupted)
    steps = [
        run_tier.Step("beside", ["bash", "-c", "touch {junit}/../begun; sleep 60"], beside=True),
        run_tier.Step("beside as well", ["touch", "{junit}/../begun_as_well"], beside=True),
        run_tier.Step("slow", ["true"], slow=True),
    ]
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_tier.run_tier(steps, jobs=1)
    assert time.monotonic() - started < 30
    assert not run_tier.BESIDE
    assert not (output / "junit" / "begun_as_well").exists()
