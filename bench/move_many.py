# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves of many workloads at once against one after the other, with playbooks/move_many.yml.

    python bench/move_many.py --inventory ~/.cache/container-host/labs/molecule/inventory.yml --workloads 10

The workloads go from one host to the other and back, again and again; both arms have each direction equally often, and
each time nothing of their data is where they go. Their image is: the first of them brings it over before.
"""

from __future__ import annotations

import sys
import time
import typing as t

from support.measure import facts, spread
from support.move_hosts import MOVE, HandsError, Hosts, arguments, definition, end_in_order
from support.report import Goal, finish

ONE, ALL = "one after the other", "at once"
AND_BACK = {"source": "target", "target": "source"}


def order(repetitions: int) -> list[tuple[str, str]]:
    """Arm and the side it begins from, one after the other: there and back, in pairs, each arm going first in turn."""
    pairs: list[tuple[str, str]] = []
    for number in range(repetitions):
        first, second = (ONE, ALL) if number % 2 == 0 else (ALL, ONE)
        pairs += [(first, "source"), (second, "target")]
    return pairs


def outcome(taken: t.Mapping[str, t.Sequence[float]], workloads: int) -> tuple[list[Goal], dict[str, t.Any]]:
    """The goal, and the figures of each arm."""
    seconds = {name: spread(values, 1) for name, values in taken.items()}
    ratio = seconds[ONE]["median"] / seconds[ALL]["median"]
    goals = [Goal(f"{workloads} one after the other over {workloads} at once (medians)", ratio, 1.0, at_least=True)]
    return goals, {"arms": {name: {"seconds": values} for name, values in seconds.items()}, "workloads": workloads}


def measure(hosts: Hosts, projects: t.Sequence[str], repetitions: int) -> dict[str, list[float]]:
    """The seconds of each run, by arm. Raises HandsError."""
    for begins in AND_BACK:
        seconds = go(hosts, f"image-from-{begins}", projects[:1], begins, 1)
        print(f"  not counted: one of them, from {hosts.sides[begins]}  {seconds:.1f} s", flush=True)
    taken: dict[str, list[float]] = {ONE: [], ALL: []}
    for number, (arm, begins) in enumerate(order(repetitions), 1):
        target = hosts.sides[AND_BACK[begins]]
        hosts.play("move_many_clean", f"{number}-clean", bench_to=target)
        seconds = go(hosts, f"{number}-many", projects, begins, len(projects) if arm == ALL else 1)
        taken[arm].append(seconds)
        print(f"  {(number + 1) // 2}/{repetitions}  {arm}, to {target}  {seconds:.1f} s", flush=True)
    return taken


def go(hosts: Hosts, log: str, projects: t.Sequence[str], begins: str, parallel: int) -> float:
    """Move these from the side they are on to the other one, so many at once; the seconds. Raises HandsError."""
    names = {"source": hosts.sides[begins], "target": hosts.sides[AND_BACK[begins]]}
    moves = [{"workload": project, **names} for project in projects]
    return hosts.play("move_many", log, **MOVE, move_many=moves, move_parallel=parallel, move_keep_source_seconds=0)


def main() -> int:
    """Measure and report."""
    options = arguments("Moves of many workloads at once", workloads=10, size_mib=16, repetitions=2)
    if options.repetitions % 2:
        raise SystemExit("--repetitions must be even, so that both arms have each direction equally often")
    end_in_order()
    started = time.monotonic()
    machine = facts()
    stamp = int(time.time())
    projects = [f"bench-many-{stamp}-{number}" for number in range(1, options.workloads + 1)]
    try:
        hosts = Hosts(options.inventory, options.source, options.target, options.output)
        # One of them answers at a port, since the image is made and tried with it.
        common = {"bench_projects": projects, "bench_definition": definition(0), "bench_first": definition(8080)}
        with hosts.swept("many", projects):
            hosts.play("move_many_prepare", "prepare", bench_size_mib=options.size_mib, **common)
            taken = measure(hosts, projects, options.repetitions)
            # After an even number of runs all of them are back where they began.
            hosts.play("move_many_finish", "finish", **common)
    except HandsError as error:
        print(f"{error}\nWhat was done: {options.output}", file=sys.stderr)
        return 1
    goals, figures = outcome(taken, options.workloads)
    results = {"machine": machine, **figures, "volume_mib": options.size_mib, "repetitions": options.repetitions}
    command = f"python bench/move_many.py --inventory INVENTORY --workloads {options.workloads}"
    command += f" --size-mib {options.size_mib} --repetitions {options.repetitions}"
    claim = "Many workloads go over at once in less time than one after the other"
    seconds = time.monotonic() - started
    return finish("move_many", claim, seconds, goals, results, options.proof, command, where="real VM")


if __name__ == "__main__":
    sys.exit(main())
