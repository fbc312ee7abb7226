# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's own processor time on the host: its program, as Ansible sends it, run again and again on a light host.

The floor is a tiny module of Ansible's own, sent the same way: it starts Python and unpacks the same library.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from support.catalogue import converge, light_hosts
from support.command import start
from support.hosts import Host, LightHosts
from support.measure import facts, interleave, spread
from support.playbook import play
from support.report import Goal, finish
from support.synthetic import controls, keys, make_files
from support.tree import USER

SYNTHETIC = 200
KEEP = {"ANSIBLE_PIPELINING": "false", "ANSIBLE_KEEP_REMOTE_FILES": "true"}
SENT = f"/home/{USER}/.ansible/tmp/ansible-tmp-*/AnsiballZ_*.py"
CONNECTION = "198.18.0.1 50000 198.18.1.2 22"
"""SSH_CONNECTION of a session (ssh(1)), so that the module finds one as it does behind sshd."""


def program(lights: LightHosts, host: Host, playbook: str, variables: t.Mapping[str, t.Any]) -> Path:
    """The module's program as Ansible sends it, as a file of the host."""
    play(lights, [host], playbook, variables, settings=KEEP)
    sent = sorted(lights.file(host, "/").glob(SENT.lstrip("/")), key=lambda path: path.stat().st_mtime)
    kept = Path("/root") / f"{playbook}-{len(variables)}-{len(str(variables))}.py"
    subprocess.run(["cp", str(sent[-1]), str(lights.file(host, str(kept)))], check=True)
    return kept


def cpu_seconds(lights: LightHosts, host: Host, path: Path) -> float:
    """What one run of the program takes of processor time, with all it starts."""
    argv = lights.command(host, "env", f"SSH_CONNECTION={CONNECTION}", "/usr/bin/python3", str(path))
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _pid, status, used = os.wait4(process.pid, 0)
    if status or b'"changed": true' in output or b'"failed": true' in output:
        raise SystemExit(f"{path.name}: {output.decode(errors='replace')[-3000:]}")
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Measure and report."""
    options, folder = start("The module's own time on the host")
    machine = facts()
    started = time.monotonic()
    lights = light_hosts(folder, keys(SYNTHETIC))
    make_files(lights.stand_in, SYNTHETIC)
    real, synthetic = lights.at_least(2)
    variables, statuses = converge(lights, real)
    extra, _all = converge(lights, synthetic, baseline_profile="level1", baseline_extra_controls=controls(SYNTHETIC))
    none = {"baseline_profile": "none"}
    empty = lights.at_least(3)[-1]
    programs = {
        "Ansible's own ping": (real, program(lights, real, "floor", {})),
        "no control": (empty, program(lights, empty, "baseline", none)),
        "the catalogue": (real, program(lights, real, "baseline", variables)),
        f"level 1 and {SYNTHETIC} synthetic": (synthetic, program(lights, synthetic, "baseline", extra)),
    }
    arms: dict[str, t.Callable[[], float]] = {
        name: lambda host=host, path=path: cpu_seconds(lights, host, path) for name, (host, path) in programs.items()
    }
    taken = interleave(arms, repetitions=3 if options.quick else 15)
    used = {name: spread(values, 4) for name, values in taken.items()}
    floor = used["Ansible's own ping"]["min"]
    most = used[f"level 1 and {SYNTHETIC} synthetic"]["min"]
    goals = [
        Goal("CPU beyond Ansible's own, the catalogue at strict", used["the catalogue"]["min"] - floor, 0.3, "s"),
        Goal(f"CPU beyond Ansible's own, level 1 and {SYNTHETIC} controls more", most - floor, 0.3, "s"),
        Goal("CPU of a whole run, the catalogue at strict", used["the catalogue"]["min"], 0.3, "s"),
    ]
    results = {
        "machine": machine,
        "controls_of_the_catalogue": sum(status == "passed" for status in statuses.values()),
        "python": subprocess.run(
            lights.command(real, "/usr/bin/python3", "--version"), capture_output=True, text=True, check=True
        ).stdout.strip(),
        "arms": {name: {"cpu_seconds": values} for name, values in used.items()},
    }
    claim = "The module takes less than 0.3 s of processor time on the host"
    return finish("module_time", claim, time.monotonic() - started, goals, results, not options.no_proof)


if __name__ == "__main__":
    sys.exit(main())
