# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that tries a host's features judges what the probes print."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from features import probe

ENGINE = {"ENGINE": "docker", "IMAGE": "image", "WORK": "/nowhere"}


@pytest.mark.parametrize(
    ("expect", "ok", "output", "passed"),
    [
        (None, True, "", True),
        (None, False, "", False),
        ("^alive$", True, "noise\nalive", True),
        ("^alive$", True, "not alive", False),
        ("^alive$", False, "alive", False),
    ],
)
def test_judge(expect: str | None, ok: bool, output: str, passed: bool) -> None:
    judged = probe.judge({"name": "run", "expect": expect}, probe.Outcome(ok, output, 1.0))
    assert judged == {"passed": passed, "seconds": 1.0, "output": output}


def test_probes_in_one_container_are_told_apart() -> None:
    probes = [
        {"name": "good", "run": "echo fine"},
        {"name": "bad", "run": "echo half; exit 3"},
        {"name": "silent", "run": "printf ''"},
    ]
    printed = probe.shell(probe.together(probes, "docker"), {})
    outcomes = probe.apart(printed.output)
    assert {name: (outcome.ok, outcome.output) for name, outcome in outcomes.items()} == {
        "good": (True, "fine"),
        "bad": (False, "half"),
        "silent": (True, ""),
    }


def test_a_container_that_ended_early_fails_what_it_did_not_reach() -> None:
    outcomes = probe.apart("=== probe first\nfine\n\n=== status 0\n=== probe second\nhal")
    assert outcomes["first"].ok
    assert not outcomes["second"].ok


def test_without_the_container_every_probe_in_it_fails_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "shell", lambda script, environment: probe.Outcome(False, "no such network", 1.0))
    outcomes = probe.run_inside({"client": ""}, [{"name": "egress", "run": "true"}], ENGINE)
    assert outcomes["egress"] == probe.Outcome(False, "no such network", 1.0)


def test_run_probes_runs_the_engines_own_script(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts: list[str] = []

    def note(script: str, environment: t.Mapping[str, str]) -> probe.Outcome:
        scripts.append(script)
        return probe.Outcome(True, "said", 0.0)

    monkeypatch.setattr(probe, "shell", note)
    table = {
        "begin": "begin",
        "end": "end",
        "probes": [{"name": "one", "docker": "with docker", "podman": "with podman"}, {"name": "two", "run": "all"}],
    }
    result = probe.run_probes(table, ENGINE, ["one"])
    assert scripts == ["end", "begin", "with docker", "end", '"$ENGINE" --version']
    assert set(result["probes"]) == {"one"}


def test_shell_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "TIMEOUT_SECONDS", 0.2)
    outcome = probe.shell("echo begun; sleep 5", {})
    assert not outcome.ok
    assert "no end after" in outcome.output


@pytest.mark.parametrize(("uid_base", "namespaces"), [(None, ["pid"]), (100000, ["pid", "user"])])
def test_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid_base: int | None, namespaces: list[str]) -> None:
    spec = {"process": {"terminal": True, "args": ["sh"]}, "root": {}, "linux": {"namespaces": [{"type": "pid"}]}}
    monkeypatch.setattr(
        probe.subprocess, "run", lambda argv, cwd, check: (cwd / "config.json").write_text(json.dumps(spec))
    )
    probe.write_bundle(tmp_path / "b", Path("/root"), ["echo"], uid_base, rootless=False)
    config = json.loads((tmp_path / "b" / "config.json").read_text())
    assert [one["type"] for one in config["linux"]["namespaces"]] == namespaces
    assert config["process"] == {"terminal": False, "args": ["echo"]}
    assert config["root"] == {"path": "/root", "readonly": False}
