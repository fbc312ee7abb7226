# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify many converged hosts: what each costs must not grow with their number.

Ansible with one tiny module is the floor. One host is hardened, the others start as it is then.
The hosts share this machine's processors with the control node; what they use is counted apart.
"""

from __future__ import annotations

import sys
import time
import typing as t

from support.catalogue import converge, light_hosts
from support.command import start
from support.hosts import Host, LightHosts
from support.measure import facts, interleave, load, spread
from support.playbook import Run, play
from support.report import Goal, finish

COUNTS = {1: 5, 10: 3, 100: 2, 500: 1}
"""Hosts -> repetitions. A run over many hosts is many repetitions of what one costs."""

QUICK_COUNTS = {1: 1, 3: 1, 5: 1}
FORKS = "10"
MODULE_ALONE_UP_TO = 10
"""Hosts, beyond which only the product and the floor run: the few say what the role around its module costs."""

SETTINGS = {"ANSIBLE_FORKS": FORKS, "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=no -o ControlPath=none"}
"""One connection a host is used once: there is nothing to hold open. More forks than this only take memory."""

OTHER_SETTINGS = {"ANSIBLE_FORKS": "20"}
"""What the collection's ansible.cfg says, with Ansible's own way of holding connections; compared once."""

COMPARED_AT = (5, 100)
ALLOWED_MS = 60
"""Wall for each host: 1000 hosts in a minute."""


def figures(runs: list[Run], hosts: int) -> dict[str, t.Any]:
    """What an arm took, in all and for each host."""
    return {
        "seconds": spread(run.seconds for run in runs),
        "ms_per_host": spread((1000 * run.seconds / hosts for run in runs), 1),
        "control_node_cpu_seconds": spread(run.cpu_seconds for run in runs),
        "control_node_cpu_ms_per_host": spread((1000 * run.cpu_seconds / hosts for run in runs), 1),
        "host_cpu_ms_per_host": spread((1000 * run.host_cpu_seconds / hosts for run in runs), 1),
        "bytes_per_host": spread((run.bytes / hosts for run in runs), 0),
        "peak_memory_bytes": max(run.peak_memory_bytes for run in runs),
        "peak_resident_bytes": max(run.peak_resident_bytes for run in runs),
    }


def arms_of(lights: LightHosts, hosts: list[Host], variables: dict[str, t.Any]) -> dict[str, t.Callable[[], Run]]:
    """What is run over so many hosts."""

    def arm(playbook: str, given: dict[str, t.Any], settings: dict[str, str]) -> t.Callable[[], Run]:
        return lambda: play(lights, hosts, playbook, given, settings=settings, memory=True)

    arms = {"floor": arm("floor", {}, SETTINGS), "product": arm("baseline", variables, SETTINGS)}
    if len(hosts) <= MODULE_ALONE_UP_TO:
        arms["module alone"] = arm("module", variables, SETTINGS)
    if len(hosts) in COMPARED_AT:
        arms["product with 20 forks and held connections"] = arm("baseline", variables, OTHER_SETTINGS)
    return arms


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
    print(f"  one host is hardened, the others start like it; after {time.monotonic() - started:.0f} s", flush=True)
    arms: dict[str, dict[str, t.Any]] = {}
    for count, repetitions in counts.items():
        hosts = lights.at_least(count)
        print(f"  {count} hosts, after {time.monotonic() - started:.0f} s; load average {load()}", flush=True)
        taken = interleave(arms_of(lights, hosts, variables), repetitions, warm_up=False)
        changed = sum(run.changed for run in taken["product"])
        if changed:
            raise SystemExit(f"{count} converged hosts were changed {changed} times, so this measured something else")
        for name, runs in taken.items():
            arms[f"{name}, {count} hosts"] = took = figures(runs, count)
            cpu = f"CPU {took['control_node_cpu_ms_per_host']['min']} + {took['host_cpu_ms_per_host']['min']} ms"
            memory = f"{took['peak_memory_bytes'] / 1e6:.0f} MB PSS, {took['peak_resident_bytes'] / 1e6:.0f} MB RSS"
            print(f"  each host {took['ms_per_host']['min']} ms, {cpu}; {memory}: {name}", flush=True)
    few, many = sorted(counts)[1], max(counts)
    most = arms[f"product, {many} hosts"]
    floor = arms[f"floor, {many} hosts"]

    def added(kind: str) -> float:
        """Control-node seconds a host adds when there are many, over what it adds when there are few."""
        seconds = {count: arms[f"{kind}, {count} hosts"]["control_node_cpu_seconds"]["min"] for count in counts}
        return ((seconds[many] - seconds[few]) / (many - few)) / ((seconds[few] - seconds[1]) / (few - 1))

    cpu_ms = most["control_node_cpu_ms_per_host"]["min"]
    goals = [
        Goal(f"control-node CPU a host adds, at {many} over at {few} hosts", added("product"), 1.1),
        Goal("the same for Ansible with one tiny module", added("floor"), 1.1),
        Goal(f"control-node CPU for each host at {many}, over Ansible's own",
             cpu_ms / floor["control_node_cpu_ms_per_host"]["min"], 2.0),
        Goal(f"wall for each host at {many} hosts", most["ms_per_host"]["min"], ALLOWED_MS, "ms"),
        Goal(f"control-node CPU for each host at {many}, over all its processors",
             cpu_ms / machine["processors"], ALLOWED_MS, "ms"),
        Goal(f"peak memory of the control node (PSS) at {many} hosts", most["peak_memory_bytes"] / 1e6, 300, "MB"),
    ]  # fmt: skip
    results = {"machine": machine, "forks": int(FORKS), "arms": arms}
    claim = "What a host costs to verify does not grow with the number of hosts"
    return finish("fleet", claim, time.monotonic() - started, goals, results, not options.no_proof)


if __name__ == "__main__":
    sys.exit(main())
