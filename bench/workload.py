# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy one project by the product, by docker-compose or podman-compose, and by bare calls of the engine.

On every host of an inventory, one after the other, with the same Compose file, image and connection. Each arm makes the
project, makes it again with nothing to do, changes one service, and removes it; then the next arm does. Every step is
one whole run of Ansible, of the role or of one command, timed on the control node. No arm waits until services are
ready. What the product has to do beyond the others is in its time: the file goes over the connection, while the others
have it on the host already, and it sees to it that the project comes back after a reboot.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from support.inventory import Inventory, Taken
from support.measure import facts, load, spread
from support.report import Goal, finish
from support.workload_project import (
    AGAIN,
    CHANGE,
    FIRST,
    REMOVE,
    STEPS,
    calls,
    compose_file,
    project,
    ratios,
    replaced,
    table,
    tool_version,
    turns,
)

SERVICES = 50
LIMIT_OVER_CALLS = 1.3
DIRECTORY = "/var/lib/container-host-bench"
PRODUCT, CALLS, FLOOR = "product", "engine's own calls", "Ansible alone"
PROJECTS = {PRODUCT: "bench-product", CALLS: "bench-calls"}
TOOL_PROJECT = "bench-tool"
FILES = {FIRST: "first.yml", AGAIN: "first.yml", CHANGE: "changed.yml", REMOVE: "changed.yml"}


class Course:
    """All arms on one host."""

    def __init__(self, inventory: Inventory, host: str, services: int) -> None:
        self._inventory, self._host, self._services = inventory, host, services
        self._output = inventory.folder / "output.json"
        self.engine: dict[str, str] = {}
        self.taken: dict[tuple[str, str], list[Taken]] = {}
        self.replaced: dict[str, list[int]] = {}

    def prepare(self) -> None:
        """Bring files, image and the other tool to the host, and read what engine it has."""
        folder = self._inventory.folder
        first, changed = (project(PROJECTS[CALLS], compose_file(self._services, revision)) for revision in (1, 2))
        files = [Path(__file__).with_name("support") / "engine_calls.py"]
        for name, revision in (("first.yml", 1), ("changed.yml", 2)):
            files.append(folder / name)
            files[-1].write_text(compose_file(self._services, revision), encoding="utf-8")
        for engine in ("docker", "podman"):
            files.append(folder / f"{engine}.json")
            files[-1].write_text(json.dumps(calls(first, changed, engine)), encoding="utf-8")
        self._play("workload_prepare", bench_files=[str(path) for path in files])
        found = json.loads(self._output.read_text(encoding="utf-8"))
        self.engine = found["engine"]
        self.tool = f"{self.engine['name']}-compose"
        self.tool_version = tool_version(found["told"])
        self._tool_command: list[str] = found["tool"].split()
        self._projects = {**PROJECTS, self.tool: TOOL_PROJECT}

    def _play(self, playbook: str, **variables: t.Any) -> Taken:
        common = {"bench_directory": DIRECTORY, "bench_output": str(self._output)}
        return self._inventory.play(self._host, playbook, {**common, **variables})

    def run(self, repetitions: int) -> None:
        """Every arm in each repetition, another one first each time."""
        self._take_all_away()
        for number, arms in enumerate(turns([PRODUCT, self.tool, CALLS], repetitions)):
            self._note(number, repetitions, FLOOR, "", self._play("floor"))
            for arm in arms:
                self._arm(arm, number, repetitions)

    def _arm(self, arm: str, number: int, repetitions: int) -> None:
        running: list[str] = []
        for step in STEPS:
            self._note(number, repetitions, arm, step, self._step(arm, step))
            before, running = running, self._running(arm)
            wanted = 0 if step == REMOVE else self._services
            if len(running) != wanted:
                raise SystemExit(f"{self._host}: {arm}, {STEPS[step]}: {len(running)} containers run, not {wanted}")
            if step in (AGAIN, CHANGE):
                self.replaced.setdefault(f"{arm}, {STEPS[step]}", []).append(replaced(before, running))
        self.sweep()

    def _step(self, arm: str, step: str) -> Taken:
        if arm == PRODUCT:
            file = str(self._inventory.folder / FILES[step])
            state = "absent" if step == REMOVE else "present"
            name = PROJECTS[PRODUCT]
            return self._play("workload_product", bench_project=name, bench_compose_file=file, bench_state=state)
        if arm == CALLS:
            socket, version = self.engine["socket"], self.engine["api_version"]
            argv = ["/usr/bin/python3", f"{DIRECTORY}/engine_calls.py", f"{DIRECTORY}/{self.engine['name']}.json", step]
            return self._play("workload_command", bench_command=[*argv, socket, version])
        argv = [*self._tool_command, "-p", TOOL_PROJECT, "-f", f"{DIRECTORY}/{FILES[step]}"]
        argv += ["down", "-v"] if step == REMOVE else ["up", "-d"]
        return self._play("workload_command", bench_command=argv)

    def _running(self, arm: str) -> list[str]:
        self._play("workload_look", bench_engine=self.engine["name"], bench_project=self._projects[arm])
        return list(json.loads(self._output.read_text(encoding="utf-8")))

    def _note(self, number: int, repetitions: int, arm: str, step: str, taken: Taken) -> None:
        self.taken.setdefault((arm, step), []).append(taken)
        words = f"{arm}, {STEPS[step]}" if step else arm
        print(f"  {number + 1}/{repetitions}  {self._host}  {words}  {taken.seconds:.2f} s", flush=True)

    def sweep(self) -> None:
        """Take away what an arm, or an interrupted run, has left of its project."""
        self._play("workload_sweep", bench_engine=self.engine["name"], bench_projects=list(self._projects.values()))

    def _take_all_away(self) -> None:
        """The same, and what only the product itself removes: that its project comes back after a reboot."""
        self._step(PRODUCT, REMOVE)
        self.sweep()

    def leave(self) -> None:
        """Take away everything that was brought to the host, but the image."""
        self.sweep()
        self._play("workload_cleanup")

    def give_up(self) -> None:
        """The same after a failure, as far as it can be done. What can't is told: why it failed tells more."""
        acts: list[t.Callable[[], t.Any]] = [lambda: self._play("workload_cleanup")]
        if self.engine:
            acts = [lambda: self._step(PRODUCT, REMOVE), self.sweep, *acts]
        for act in acts:
            try:
                act()
            except SystemExit as error:
                print(f"Not all could be taken away: {error}", file=sys.stderr)

    @property
    def seconds(self) -> dict[tuple[str, str], list[float]]:
        """The walls by arm and step."""
        return {key: [one.seconds for one in taken] for key, taken in self.taken.items()}


def measure(inventory: Inventory, host: str, services: int, repetitions: int) -> tuple[list[Goal], dict[str, t.Any]]:
    """One host: its goal and its part of the results, which are printed as well."""
    course = Course(inventory, host, services)
    try:
        course.prepare()
        course.run(repetitions)
    except BaseException:
        course.give_up()
        raise
    course.leave()
    name = f"{host} ({course.engine['name']} {course.engine['version']})"
    seconds = course.seconds
    found = ratios(seconds, PRODUCT, [course.tool, CALLS])
    print(f"\n{name}, {course.tool}: {course.tool_version}")
    print("\n".join(table(seconds)))
    for words, ratio in found.items():
        print(f"  {words:<64} {ratio:>8.3f}")
    for words, counts in course.replaced.items():
        print(f"  containers made anew: {words:<42} {max(counts):>8}")
    first_over_calls = found[f"{STEPS[FIRST]}: {PRODUCT} over {CALLS}"]
    goals = [
        Goal(f"{name}: first deployment over the engine's own calls (medians)", first_over_calls, LIMIT_OVER_CALLS)
    ]
    arms = {
        f"{name}: {f'{arm}, {STEPS[step]}' if step else arm}": {
            "seconds": spread(one.seconds for one in taken),
            "control_node_cpu_seconds": spread(one.cpu_seconds for one in taken),
        }
        for (arm, step), taken in course.taken.items()
    }
    told = {f"{name}, {words}": ratio for words, ratio in found.items()}
    told |= {f"{name}, containers made anew by {words}": max(counts) for words, counts in course.replaced.items()}
    return goals, {"arms": arms, **told, f"{name}, {course.tool}": course.tool_version}


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description="Deploy a project, side by side with other tools")
    parser.add_argument("--inventory", type=Path, required=True, help="an inventory with hosts of both engines")
    parser.add_argument("--repetitions", type=int, default=3, help="default: 3")
    parser.add_argument("--services", type=int, default=SERVICES, help=f"default: {SERVICES}")
    parser.add_argument("--quick", action="store_true", help="five services, once; shows that it works")
    parser.add_argument("--proof", action="store_true", help="write the figures to docs/proof, unless --quick")
    options = parser.parse_args()
    repetitions, services = (1, 5) if options.quick else (options.repetitions, options.services)
    if repetitions < 1 or services < 1:
        parser.error("--repetitions and --services have to be 1 or more")
    if options.proof and not options.quick and repetitions < 3:
        parser.error("a proof takes three repetitions or more")
    print(f"Deploy {services} services\n  load average: {load()}", flush=True)
    # It ends as by an error then, with nothing left on the host.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    machine, started = facts(), time.monotonic()
    goals: list[Goal] = []
    results: dict[str, t.Any] = {"machine": machine, "services": services, "repetitions": repetitions, "arms": {}}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        inventory = Inventory(options.inventory.expanduser(), Path(folder))
        for host in inventory.hosts():
            of_host, told = measure(inventory, host, services, repetitions)
            goals += of_host
            results["arms"] |= told.pop("arms")
            results |= told
    claim = f"A project of {services} services, deployed by the product, by Compose and by the engine's own calls"
    command = "make bench-workload INVENTORY=..." + (f" SERVICES={services}" if services != SERVICES else "")
    write = options.proof and not options.quick
    return finish("workload", claim, time.monotonic() - started, goals, results, write, command, "real VM")


if __name__ == "__main__":
    sys.exit(main())
