# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same Compose project behaves the same on every host of the inventory, whatever the engine.

Runs collect.yml against the inventory in ANSIBLE_INVENTORY (default: the one of ansible.cfg), then compares host by host.
With CONFORMANCE_OBSERVED naming a directory of former observations, those are compared instead.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import typing as t

import pytest
import yaml

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
CASES = yaml.safe_load((HERE / "cases.yml").read_text(encoding="utf-8"))
PROBES = [(service, name) for service, case in CASES["up"].items() for name in case["probes"]]
# What means the same on both engines; ids and image ids can't be equal.
INFO_FIELDS = ("service", "container", "state", "health", "exit_code", "image", "ports", "networks", "spec_sha256")

Observed = dict[str, t.Any]


@pytest.fixture(scope="session")
def hosts() -> dict[str, Observed]:
    """Host name -> what was observed there."""
    former = os.environ.get("CONFORMANCE_OBSERVED")
    folder = pathlib.Path(former) if former else ROOT / ".artifacts" / "conformance"
    if not former:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        command = shutil.which("ansible-playbook") or str(ROOT / ".venv" / "bin" / "ansible-playbook")
        subprocess.run(
            [command, str(HERE / "collect.yml"), "-e", f"conformance_output={folder}"],
            cwd=ROOT,
            check=True,
            timeout=5400,
        )
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    engines = {observed["engine"]["name"] for observed in found.values()}
    assert engines == {"docker", "podman"}, f"hosts with both engines are needed, found {sorted(engines)}"
    return found


def sections(text: str) -> dict[str, str]:
    """The answers of all probes of one service: probe -> output."""
    answers: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("== "):
            name = line[3:]
            answers[name] = []
        else:
            answers[name].append(line)
    return {probe: "\n".join(lines) for probe, lines in answers.items()}


def same(values: t.Mapping[str, t.Any]) -> None:
    """All hosts have the same value."""
    assert len({json.dumps(value, sort_keys=True) for value in values.values()}) == 1, values


@pytest.mark.parametrize(("service", "probe"), PROBES)
def test_inside(hosts: dict[str, Observed], service: str, probe: str) -> None:
    answers = {host: sections(observed["inside"][service])[probe] for host, observed in hosts.items()}
    expected = CASES["up"][service]["probes"][probe].get("expect")
    if expected is not None:
        assert answers == dict.fromkeys(answers, expected)
    same(answers)


@pytest.mark.parametrize("service", CASES["up"])
@pytest.mark.parametrize("field", INFO_FIELDS)
def test_info(hosts: dict[str, Observed], service: str, field: str) -> None:
    same({host: one(observed["up"], service)[field] for host, observed in hosts.items()})


@pytest.mark.parametrize("service", CASES["ends"])
def test_ends(hosts: dict[str, Observed], service: str) -> None:
    expected = CASES["ends"][service]["expect"]
    for host, observed in hosts.items():
        found = one(observed["ends"], service)
        assert {key: found[key] for key in expected} == expected, host


def test_health(hosts: dict[str, Observed]) -> None:
    assert {one(observed["up"], "plain")["health"] for observed in hosts.values()} == {"healthy"}


def test_labels(hosts: dict[str, Observed]) -> None:
    labels = {
        host: {name: value for name, value in observed["labels"].items() if not name.startswith("io.buildah")}
        for host, observed in hosts.items()
    }
    assert all(found["example.label"] == "a value" for found in labels.values())
    same(labels)


def test_stop_signal_and_exit_code(hosts: dict[str, Observed]) -> None:
    stopped = {host: one(observed["stopped"], "stopping") for host, observed in hosts.items()}
    assert {(found["state"], found["exit_code"]) for found in stopped.values()} == {("exited", 5)}


def one(services: list[Observed], name: str) -> Observed:
    """The service of that name."""
    return next(found for found in services if found["service"] == name)
