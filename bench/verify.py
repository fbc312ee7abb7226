# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify a converged host with a whole ansible-playbook: the product against a plain role, and against Ansible itself.

Both roles hold the same controls on light hosts of the same file tree; pipelining is on for both. The product also
runs through a proxy that adds 50 ms of round-trip time.
"""

from __future__ import annotations

import sys
import time

from support.catalogue import converge, light_hosts, selected
from support.command import start
from support.hosts import Host, LightHosts
from support.measure import facts, interleave, spread
from support.namespaces import run
from support.plain import ALGORITHM_LISTS, covered, values
from support.playbook import Run, play
from support.proxy import DelayingProxy
from support.report import Goal, finish

ROUND_TRIP_SECONDS = 0.05


def figures(runs: list[Run]) -> dict[str, object]:
    """What an arm took."""
    return {
        "seconds": spread(run.seconds for run in runs),
        "control_node_cpu_seconds": spread(run.cpu_seconds for run in runs),
        "host_cpu_seconds": spread(run.host_cpu_seconds for run in runs),
        "bytes": spread((run.bytes for run in runs), 0),
    }


def algorithms(lights: LightHosts, host: Host) -> set[str]:
    """The algorithms a host's SSH knows."""
    known: set[str] = set()
    for kind in ALGORITHM_LISTS.values():
        known.update(run(*lights.command(host, "ssh", "-Q", kind)).split())
    return known


def main() -> int:
    """Measure and report."""
    options, folder = start("Verify a converged host")
    machine = facts()
    started = time.monotonic()
    lights = light_hosts(folder)
    ours, theirs = lights.at_least(2)
    variables, statuses = converge(lights, ours)
    held = {name for name, status in statuses.items() if status == "passed"}
    chosen = [entry for entry in selected() if entry.control.id in held]
    plain = values(chosen, algorithms(lights, theirs))
    for _round in range(2):
        play(lights, [theirs], "plain", plain)
    proxy = DelayingProxy(ours.address, ROUND_TRIP_SECONDS)
    far = lights.inventory([ours], proxy.port, "127.0.0.1")
    taken = interleave(
        {
            "floor": lambda: play(lights, [ours], "floor"),
            "product": lambda: play(lights, [ours], "baseline", variables),
            "plain role": lambda: play(lights, [theirs], "plain", plain),
            "floor, 50 ms": lambda: play(lights, [ours], "floor", inventory=far),
            "product, 50 ms": lambda: play(lights, [ours], "baseline", variables, inventory=far),
        },
        repetitions=1 if options.quick else 5,
        warm_up=False,
    )
    changed = {name: sum(run.changed for run in runs) for name, runs in taken.items()}
    if any(changed.values()):
        raise SystemExit(f"a converged host was changed, so this measured something else: {changed}")
    arms = {name: figures(runs) for name, runs in taken.items()}
    wall = {name: spread(run.seconds for run in runs) for name, runs in taken.items()}
    sent = {name: spread(run.bytes for run in runs) for name, runs in taken.items()}
    goals = [
        Goal("wall, median", wall["product"]["median"], 1.5, "s"),
        Goal("wall at 50 ms round-trip time, median", wall["product, 50 ms"]["median"], 2.5, "s"),
        Goal("bytes on the wire", sent["product"]["median"] / 1e6, 0.4, "MB"),
        Goal("less wall than the plain role, times (medians)",
             wall["plain role"]["median"] / wall["product"]["median"], 50, at_least=True),
        Goal("fewer bytes than the plain role, times",
             sent["plain role"]["median"] / sent["product"]["median"], 100, at_least=True),
    ]  # fmt: skip
    claim = "A converged host is verified by one whole ansible-playbook run in one module execution"
    results = {
        "machine": machine,
        "controls_held_by_the_product": len(held),
        "controls_held_by_the_plain_role": len(covered(chosen)),
        "settings_of_the_plain_role": sum(len(entries) for entries in plain.values()),
        "arms": arms,
    }
    return finish("verify", claim, time.monotonic() - started, goals, results, not options.no_proof)


if __name__ == "__main__":
    sys.exit(main())
