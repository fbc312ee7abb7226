# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of the benchmark of deployments, with an inventory that only notes what it is asked to do."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import workload
from support.inventory import Taken, host_names

SERVICES = 3


class FakeInventory:
    """Two containers too few run when ``loses`` is deployed; podman-compose makes all anew for a change."""

    def __init__(self, folder: pathlib.Path, loses: str = "", failing: str = "") -> None:
        self.folder = folder
        self.loses, self.failing = loses, failing
        self.played: list[tuple[str, dict[str, t.Any]]] = []
        self._running: dict[str, list[str]] = {}
        self._made = 0

    def play(self, host: str, playbook: str, variables: dict[str, t.Any]) -> Taken:
        assert host == "one"
        self.played.append((playbook, variables))
        if playbook == self.failing:
            raise SystemExit(f"{playbook} failed")
        output = pathlib.Path(variables["bench_output"])
        if playbook == "workload_prepare":
            engine = {"name": "podman", "version": "5.4.2", "socket": "/s", "api_version": "1.41"}
            output.write_text(json.dumps({"engine": engine, "tool": "podman-compose", "told": ["podman-compose 1"]}))
        elif playbook == "workload_look":
            output.write_text(json.dumps(self._running.get(variables["bench_project"], [])))
        elif playbook == "workload_product":
            changed = variables["bench_compose_file"].endswith("changed.yml")
            self._do("bench-product", variables["bench_state"] == "absent", 1 if changed else 0)
        elif playbook == "workload_command":
            self._command(variables["bench_command"])
        return Taken(float(len(self.played)), 0.5)

    def _command(self, argv: list[str]) -> None:
        if argv[0] == "podman-compose":
            self._do("bench-tool", "down" in argv, SERVICES if "changed.yml" in argv[4] else 0)
        else:
            self._do("bench-calls", argv[3] == "remove", 1 if argv[3] == "change" else 0)

    def _do(self, project: str, gone: bool, anew: int) -> None:
        before = self._running.get(project, [])
        wanted = 0 if gone else SERVICES - (2 if project == self.loses else 0)
        kept = before[: max(0, wanted - anew)]
        self._made += 1
        self._running[project] = [*kept, *(f"{self._made}-{number}" for number in range(wanted - len(kept)))]


def course(inventory: FakeInventory) -> workload.Course:
    made = workload.Course(inventory, "one", SERVICES)  # type: ignore[arg-type]
    made.prepare()
    return made


def test_every_arm_takes_every_step_as_often_as_asked(tmp_path: pathlib.Path) -> None:
    one = course(FakeInventory(tmp_path))
    one.run(2)
    arms = ("product", "podman-compose", "engine's own calls")
    steps = ("first", "again", "change", "remove")
    wanted = {(arm, step) for arm in arms for step in steps} | {("Ansible alone", "")}
    assert {key: len(seconds) for key, seconds in one.seconds.items()} == dict.fromkeys(wanted, 2)


def test_what_each_arm_made_anew_is_told(tmp_path: pathlib.Path) -> None:
    one = course(FakeInventory(tmp_path))
    one.run(1)
    assert one.replaced == {
        "product, nothing to do": [0],
        "product, one service changed": [1],
        "podman-compose, nothing to do": [0],
        "podman-compose, one service changed": [SERVICES],
        "engine's own calls, nothing to do": [0],
        "engine's own calls, one service changed": [1],
    }


@pytest.mark.parametrize("project", ["bench-product", "bench-tool", "bench-calls"])
def test_an_arm_that_does_not_do_it_is_no_measurement(tmp_path: pathlib.Path, project: str) -> None:
    with pytest.raises(SystemExit, match="1 containers run, not 3"):
        course(FakeInventory(tmp_path, loses=project)).run(1)


def test_the_files_an_arm_needs_are_brought(tmp_path: pathlib.Path) -> None:
    inventory = FakeInventory(tmp_path)
    course(inventory)
    playbook, variables = inventory.played[0]
    assert playbook == "workload_prepare"
    files = [pathlib.Path(path) for path in variables["bench_files"]]
    assert all(path.is_file() for path in files)
    names = ["changed.yml", "docker.json", "engine_calls.py", "first.yml", "podman.json"]
    assert sorted(path.name for path in files) == names


def test_nothing_is_left(tmp_path: pathlib.Path) -> None:
    inventory = FakeInventory(tmp_path)
    one = course(inventory)
    one.leave()
    assert [playbook for playbook, _variables in inventory.played][-2:] == ["workload_sweep", "workload_cleanup"]
    assert inventory.played[-2][1]["bench_projects"] == ["bench-product", "bench-calls", "bench-tool"]


@pytest.mark.parametrize("loses", ["bench-product", "bench-tool"])
def test_nothing_is_left_after_a_failure(
    tmp_path: pathlib.Path, loses: str, capsys: pytest.CaptureFixture[str]
) -> None:
    inventory = FakeInventory(tmp_path, loses=loses, failing="workload_cleanup")
    with pytest.raises(SystemExit, match="1 containers run, not 3"):
        workload.measure(inventory, "one", SERVICES, 1)  # type: ignore[arg-type]
    last = inventory.played[-3:]
    assert [playbook for playbook, _variables in last] == ["workload_product", "workload_sweep", "workload_cleanup"]
    assert last[0][1]["bench_state"] == "absent"
    assert "Not all could be taken away: workload_cleanup failed" in capsys.readouterr().err


def test_a_host_that_could_not_be_prepared_is_cleaned(tmp_path: pathlib.Path) -> None:
    inventory = FakeInventory(tmp_path, failing="workload_prepare")
    with pytest.raises(SystemExit, match="workload_prepare failed"):
        workload.measure(inventory, "one", SERVICES, 1)  # type: ignore[arg-type]
    assert [playbook for playbook, _variables in inventory.played] == ["workload_prepare", "workload_cleanup"]


def test_measured(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    goals, results = workload.measure(FakeInventory(tmp_path), "one", SERVICES, 3)  # type: ignore[arg-type]
    assert [goal.figure for goal in goals] == [
        "one (podman 5.4.2): first deployment over the engine's own calls (medians)"
    ]
    assert results["one (podman 5.4.2), containers made anew by podman-compose, one service changed"] == SERVICES
    assert set(results["arms"]["one (podman 5.4.2): Ansible alone"]) == {"seconds", "control_node_cpu_seconds"}
    assert "first deployment: product over podman-compose" in capsys.readouterr().out


def test_host_names() -> None:
    listed = {
        "_meta": {"hostvars": {"x": {}}},
        "all": {"children": ["ungrouped", "web"]},
        "ungrouped": {"hosts": ["b"]},
        "web": {"hosts": ["a", "b"]},
    }
    assert host_names(listed) == ["b", "a"]
