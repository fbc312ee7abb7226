# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify many converged hosts: what each costs must not grow with their number.

Ansible with one tiny module is the floor.
The hosts share this machine's processors with the control node; what they use is counted apart.
"""

from __future__ import annotations

import sys
import time
import typing as t

from support.catalogue import converge, light_hosts
from support.command import start
from support.measure import facts, interleave, load, spread
from support.playbook import Run, play
from support.report import Goal, finish

COUNTS = {1: 5, 10: 5, 100: 5, 500: 5}
"""Hosts -> repetitions. With the most hosts, only the product and the floor run: the others say what to choose."""

QUICK_COUNTS = {1: 1, 5: 1, 20: 1}
FORKS = "10"
ON_THE_WAY_TO = 1000

SETTINGS = {"ANSIBLE_FORKS": FORKS, "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=no -o ControlPath=none"}
"""One connection a host is used once: there is nothing to hold open. More forks than this only take memory."""

OTHER_SETTINGS = {"ANSIBLE_FORKS": "20"}
"""What the collection's ansible.cfg says, with Ansible's own way of holding connections; compared once."""

COMPARED_AT = (20, 100)


def figures(runs: list[Run], hosts: int) -> dict[str, t.Any]:
    """What an arm took, in all and for each host."""
    return {
        "seconds": spread(run.seconds for run in runs),
        "control_node_cpu_seconds": spread(run.cpu_seconds for run in runs),
        "control_node_cpu_ms_per_host": spread((1000 * run.cpu_seconds / hosts for run in runs), 1),
        "host_cpu_ms_per_host": spread((1000 * run.host_cpu_seconds / hosts for run in runs), 1),
        "bytes_per_host": spread((run.bytes / hosts for run in runs), 0),
    }


def main() -> int:
    """Measure and report."""
    options, folder = start("Verify many hosts")
    machine = facts()
    started = time.monotonic()
    counts = QUICK_COUNTS if options.quick else COUNTS
    lights = light_hosts(folder)
    pattern = lights.at_least(1)[0]
    variables, _statuses = converge(lights, pattern, baseline_report_printed=False)
    lights.start_like(pattern)
    arms: dict[str, dict[str, t.Any]] = {}
    for count, repetitions in counts.items():
        hosts = lights.at_least(count)
        print(f"  {count} hosts; load average {load()}", flush=True)
        # Looking at memory takes time, so this run is not one of those that are timed.
        watched = play(lights, hosts, "baseline", variables, settings=SETTINGS, memory=True)
        measured = {
            "floor": lambda hosts=hosts: play(lights, hosts, "floor", settings=SETTINGS),
            "module alone": lambda hosts=hosts: play(lights, hosts, "module", variables, settings=SETTINGS),
            "product": lambda hosts=hosts: play(lights, hosts, "baseline", variables, settings=SETTINGS),
        }
        if count == max(counts) and not options.quick:
            del measured["module alone"]
        if count in COMPARED_AT:
            measured["product with 20 forks and held connections"] = lambda hosts=hosts: play(
                lights, hosts, "baseline", variables, settings=OTHER_SETTINGS
            )
        taken = interleave(
            measured,
            repetitions,
            warm_up=False,
        )
        changed = sum(run.changed for run in taken["product"])
        if changed:
            raise SystemExit(f"{count} converged hosts were changed {changed} times, so this measured something else")
        arms |= {f"{name}, {count} hosts": figures(runs, count) for name, runs in taken.items()}
        arms[f"product, {count} hosts"]["peak_memory_bytes"] = watched.peak_memory_bytes
    few, many = sorted(counts)[1], max(counts)
    most = arms[f"product, {many} hosts"]
    floor = arms[f"floor, {many} hosts"]

    def added(kind: str) -> float:
        """Control-node seconds a host adds when there are many, over what it adds when there are few."""
        seconds = {count: arms[f"{kind}, {count} hosts"]["control_node_cpu_seconds"]["min"] for count in counts}
        return ((seconds[many] - seconds[few]) / (many - few)) / ((seconds[few] - seconds[1]) / (few - 1))

    goals = [
        Goal(f"control-node CPU a host adds, at {many} over at {few} hosts", added("product"), 1.1),
        Goal("the same for Ansible with one tiny module", added("floor"), 1.1),
        Goal(f"control-node CPU for each host at {many}, over Ansible's own",
             most["control_node_cpu_ms_per_host"]["min"] / floor["control_node_cpu_ms_per_host"]["min"], 2.0),
        Goal(f"wall for {ON_THE_WAY_TO} hosts, scaled from {many}",
             most["seconds"]["min"] / many * ON_THE_WAY_TO, 60, "s"),
        Goal("the same, if the hosts had processors of their own",
             most["control_node_cpu_ms_per_host"]["min"] / 1000 * ON_THE_WAY_TO / machine["processors"], 60, "s"),
        Goal(f"peak memory of the control node (PSS) at {many} hosts", most["peak_memory_bytes"] / 1e6, 300, "MB"),
    ]  # fmt: skip
    results = {"machine": machine, "forks": int(FORKS), "arms": arms}
    claim = "What a host costs to verify does not grow with the number of hosts"
    return finish("fleet", claim, time.monotonic() - started, goals, results, not options.no_proof)


if __name__ == "__main__":
    sys.exit(main())
