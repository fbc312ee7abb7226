# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift: settings of a converged host are changed at random; every one must be found, none invented, all mended.

The module's own code runs in a light host: real files, real programs (sshd, dpkg-query), a stand-in for /proc/sys.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from support.catalogue import converge, light_hosts, selected, wire
from support.command import start
from support.measure import facts
from support.playbook import ROOT
from support.report import Goal, finish

ROUNDS = 300
QUICK_ROUNDS = 20
SEED = 20260101
CODE = "/root/code/ansible_collections/anycloud/container_host/plugins"


def main() -> int:
    """Do the rounds and report; the exit status tells whether all drift was found and mended."""
    options, folder = start("Drift", rounds=ROUNDS, seed=SEED)
    print(f"  seed {options.seed}", flush=True)
    machine = facts()
    started = time.monotonic()
    lights = light_hosts(folder)
    host = lights.at_least(1)[0]
    _variables, statuses = converge(lights, host)
    held = {name for name, status in statuses.items() if status == "passed"}
    code = lights.file(host, CODE)
    code.parent.mkdir(parents=True)
    subprocess.run(["cp", "-r", str(ROOT / "plugins"), str(code)], check=True)
    subprocess.run(["cp", str(ROOT / "bench" / "support" / "drift_on_host.py"), str(code.parent)], check=True)
    task = {
        "controls": json.loads(wire(entry for entry in selected() if entry.control.id in held)),
        "rounds": min(options.rounds, QUICK_ROUNDS) if options.quick else options.rounds,
        "seed": options.seed,
    }
    program = f"{CODE.removesuffix('/plugins')}/drift_on_host.py"
    done = subprocess.run(
        lights.command(host, "/usr/bin/python3", program),
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"the rounds ended with {done.returncode}")
    found = json.loads(done.stdout)
    for complaint in found["complaints"]:
        print(f"  {complaint}")
    goals = [
        Goal("mutations missed", found["missed"], 0),
        Goal("findings invented", found["invented"], 0),
        Goal("mutations not mended by the next run", found["unmended"], 0),
        Goal("settings changed", found["mutations"], task["rounds"], at_least=True),
    ]
    results = {"machine": machine, "seed": options.seed, **found}
    claim = "Every setting changed behind its back is found, none is invented, and the next run mends them"
    finish("drift", claim, time.monotonic() - started, goals, results, not options.no_proof)
    return 0 if all(goal.met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
