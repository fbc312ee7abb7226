# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""First application: how the whole ansible-playbook run grows with the number of settings, on a fresh host each time.

The settings are synthetic: kernel parameters, modes of files and drop-ins, one control each.
"""

from __future__ import annotations

import sys
import time
import typing as t

from support.catalogue import light_hosts
from support.command import start
from support.measure import facts, interleave, slope, spread
from support.playbook import Run, play
from support.report import Goal, finish
from support.synthetic import controls, keys, make_files

COUNTS = (50, 200, 500, 1000)
QUICK_COUNTS = (50, 200)


def main() -> int:
    """Measure and report."""
    options, folder = start("First application of many settings")
    machine = facts()
    started = time.monotonic()
    counts = QUICK_COUNTS if options.quick else COUNTS
    lights = light_hosts(folder, keys(max(counts)))
    make_files(lights.stand_in, max(counts))

    def apply(count: int) -> Run:
        # A host that nothing was ever applied to.
        host = lights.at_least(len(lights.hosts) + 1)[-1]
        given = {"baseline_extra_controls": controls(count), "baseline_report_printed": False}
        run = play(lights, [host], "first_application", given)
        applied = sum(status == "changed" for status in run.recap[host.name]["controls"].values())
        if applied < count:
            raise SystemExit(f"{count} settings were to be applied, {applied} were")
        return run

    arms: dict[str, t.Callable[[], Run]] = {str(count): lambda count=count: apply(count) for count in counts}
    taken = interleave(arms, repetitions=2 if options.quick else 5)
    wall = {int(name): spread(run.seconds for run in runs)["min"] for name, runs in taken.items()}
    control_node = {int(name): spread(run.cpu_seconds for run in runs)["min"] for name, runs in taken.items()}
    on_host = {int(name): spread(run.host_cpu_seconds for run in runs)["min"] for name, runs in taken.items()}
    goals = [
        Goal("wall added by one more control (of minima)", 1000 * slope(wall), 1.0, "ms"),
        Goal("processor time added by one more control, both sides", 1000 * (slope(control_node) + slope(on_host)),
             1.0, "ms"),
    ]  # fmt: skip
    results = {
        "machine": machine,
        "control_node_cpu_ms_per_control": round(1000 * slope(control_node), 3),
        "host_cpu_ms_per_control": round(1000 * slope(on_host), 3),
        "arms": {
            f"{name} controls": {
                "seconds": spread(run.seconds for run in runs),
                "control_node_cpu_seconds": spread(run.cpu_seconds for run in runs),
                "host_cpu_seconds": spread(run.host_cpu_seconds for run in runs),
                "bytes": spread((run.bytes for run in runs), 0),
            }
            for name, runs in taken.items()
        },
    }
    claim = "The first application takes as long for many settings as for few"
    return finish("first_application", claim, time.monotonic() - started, goals, results, not options.no_proof)


if __name__ == "__main__":
    sys.exit(main())
