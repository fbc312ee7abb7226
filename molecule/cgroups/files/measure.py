# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs hogs in containers of the tenants alpha and beta, and prints what they got, as JSON.

usage: measure.py docker|podman IMAGE DISK alone|together

Every hog ends by itself, also when this doesn't. The numbers are the kernel's: the control groups' files, and the
processor time of the host.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import typing as t
from functools import partial
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
ALPHA = CGROUP / "machine.slice" / "machine-alpha.slice"
BETA = CGROUP / "machine.slice" / "machine-beta.slice"
SYSTEM = CGROUP / "system.slice"
MIB = 1024 * 1024
CONTAINER_MEMORY = 48 * MIB
HELD_MEMORY = 160 * MIB
# Longer than containers take to start on an emulated host.
START_SECONDS = 180
CPU_SECONDS = 30.0
IO_SECONDS = 30.0
TOGETHER_SECONDS = 40.0
CONTAINERS = ("bystander", "hog", "left", "right", "bomb", "writer", "memory", "processor")
# The first process of a container takes no signal from inside it, so that the hog is its child; it dies with it.
LIMITED = 'timeout "$0" sh -c "$1"; :'
# The shell that forks until it can't dies of it. The other one then ends all that it has started.
FORK_BOMB = 'sh -c "while :; do sleep 60 & done" & exec sleep 40'
MEMORY_HOG = "dd if=/dev/zero of=/dev/null bs=200M count=1"
CPU_HOG = "while :; do :; done"


def keyed(path: Path) -> dict[str, int]:
    """A flat keyed file of the kernel."""
    return {key: int(value) for key, value in (line.split() for line in path.read_text().splitlines())}


def number(path: Path) -> int:
    """A file of one number."""
    return int(path.read_text())


def pressure() -> dict[str, str]:
    """What the host waits for, as the kernel says it, if it does."""
    paths = [Path("/proc/pressure") / name for name in ("cpu", "memory", "io")]
    return {path.name: path.read_text() for path in paths if path.exists()}


def wait_for(what: str, test: t.Callable[[], bool]) -> None:
    """Wait until something is true; stop everything when it doesn't get so."""
    until = time.monotonic() + START_SECONDS
    while not test():
        if time.monotonic() > until:
            raise SystemExit(f"{what}: not seen within {START_SECONDS} s")
        time.sleep(0.2)


class Engine:
    """Docker or Podman by its command line, which is the same for what is used here."""

    def __init__(self, name: str, image: str) -> None:
        self.name = name
        self.image = image

    def call(self, *words: str, check: bool = True) -> str:
        """The output of a command of the engine."""
        done = subprocess.run([self.name, *words], capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise SystemExit(f"{self.name} {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self, name: str, tenant: str, script: str, seconds: int, *options: str) -> None:
        """Start a container of a tenant; what it runs ends after some seconds, whatever happens."""
        parent = f"machine-{tenant}.slice"
        line = ["sh", "-c", LIMITED, str(seconds), script]
        self.call(
            "run",
            "--detach",
            "--name",
            name,
            "--network",
            "none",
            "--cgroup-parent",
            parent,
            *options,
            self.image,
            *line,
        )

    def state(self, name: str) -> dict[str, t.Any]:
        """The state of a container."""
        found: dict[str, t.Any] = json.loads(self.call("inspect", "--format", "{{json .State}}", name))
        return found

    def runs(self, name: str) -> bool:
        """Whether a container runs."""
        return bool(self.state(name)["Running"])

    def remove(self, *names: str) -> None:
        """Remove containers, running or not. Killed first: Podman's rm would ask a busy one to end, and wait."""
        for name in names:
            self.call("kill", name, check=False)
            # One that waits for a slow disk takes longer to die than engines wait.
            wait_for(f"the end of {name}", partial(self.gone, name))

    def gone(self, name: str) -> bool:
        """Try to remove a container; whether there is none of that name."""
        self.call("rm", "--force", name, check=False)
        return name not in self.call("ps", "--all", "--format", "{{.Names}}").split()


def memory_hog(engine: Engine, options: t.Sequence[str], limit: int) -> dict[str, t.Any]:
    """One process that wants 200 MiB, beside a container that wants nothing."""
    engine.start("bystander", "alpha", "sleep 600", 600)
    kills = keyed(ALPHA / "memory.events")["oom_kill"]
    # The shell stays and says how its child ended: 137 is killed.
    script = f"{MEMORY_HOG}; echo ended $?; sleep 240"
    engine.start("hog", "alpha", script, 300, *options)
    wait_for("the end of the memory hog", lambda: "ended" in engine.call("logs", "hog") or not engine.runs("hog"))
    groups = [
        path for path in ALPHA.glob("*.scope") if engine.call("inspect", "--format", "{{.Id}}", "hog") in path.name
    ]
    peaks = [number(path / "memory.peak") for path in groups if "conmon" not in path.name]
    result = {
        "killed": keyed(ALPHA / "memory.events")["oom_kill"] - kills > 0,
        "said": engine.call("logs", "hog"),
        "limit_bytes": limit,
        "peak_bytes": max(peaks) if options and peaks else number(ALPHA / "memory.peak"),
        "bystander_runs": engine.runs("bystander"),
    }
    engine.remove("hog", "bystander")
    return result


def cpu_hogs(engine: Engine) -> dict[str, t.Any]:
    """Two tenants that want all processors: what the one with twice the weight gets."""
    loops = f"sh -c '{CPU_HOG}' & " * (os.cpu_count() or 1) + "wait"
    for name, tenant in (("left", "alpha"), ("right", "beta")):
        engine.start(name, tenant, loops, 240)
    before = {group: keyed(group / "cpu.stat")["usage_usec"] for group in (ALPHA, BETA)}
    wait_for(
        "both processor hogs",
        lambda: all(keyed(group / "cpu.stat")["usage_usec"] - before[group] > 1_000_000 for group in (ALPHA, BETA)),
    )
    before = {group: keyed(group / "cpu.stat")["usage_usec"] for group in (ALPHA, BETA)}
    time.sleep(CPU_SECONDS)
    used = {group: keyed(group / "cpu.stat")["usage_usec"] - before[group] for group in (ALPHA, BETA)}
    weights = {group: number(group / "cpu.weight") for group in (ALPHA, BETA)}
    engine.remove("left", "right")
    return {
        "seconds": {group.name: used[group] / 1e6 for group in used},
        "share": used[ALPHA] / sum(used.values()),
        "expected": weights[ALPHA] / sum(weights.values()),
    }


def refused_forks() -> int:
    """The refused forks of alpha. Kernels before 6.11 count them where the process is, not where the limit is."""
    count = 0
    for folder, _folders, names in os.walk(ALPHA):
        try:
            count += keyed(Path(folder) / "pids.events")["max"] if "pids.events" in names else 0
        except OSError:
            continue  # a container that has just ended
    return count


def fork_bomb(engine: Engine) -> dict[str, t.Any]:
    """A shell that forks without end: how many there are at most, and whether the host can still fork."""
    refused = refused_forks()
    engine.start("bomb", "alpha", FORK_BOMB, 60)
    wait_for("a refused fork", lambda: refused_forks() > refused)
    most = number(ALPHA / "pids.current")
    started = time.monotonic()
    subprocess.run(["/bin/true"], check=True)
    result = {
        "refused": refused_forks() - refused,
        "most": most,
        "host_fork_seconds": time.monotonic() - started,
    }
    engine.remove("bomb")
    return result


def written(device: str) -> int:
    """The bytes alpha has written to the disk."""
    for line in (ALPHA / "io.stat").read_text().splitlines():
        # Some kernels leave the names of devices without numbers at the beginning of the next line.
        names = [word for word in line.split() if "=" not in word]
        values = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if names[-1:] == [device]:
            return int(values.get("wbytes", 0))
    return 0


def io_hog(engine: Engine, disk: str, folder: Path) -> dict[str, t.Any]:
    """One that writes as fast as it is let: how fast that is, once it writes."""
    device = (Path("/sys/class/block") / Path(disk).name / "dev").read_text().strip()
    (folder / "written").mkdir(exist_ok=True)
    before = written(device)
    # More than goes through while it is measured: between two files nothing waits for the disk. What is counted has
    # been let through to the disk; the cache is bounded by the tenant's memory.
    script = "while :; do dd if=/dev/zero of=/written/file bs=1M count=256 conv=fsync; done"
    engine.start("writer", "alpha", script, 240, "--volume", f"{folder / 'written'}:/written")
    wait_for("the first writes", lambda: written(device) > before + 4 * MIB)
    first, started = written(device), time.monotonic()
    time.sleep(IO_SECONDS)
    last, ended = written(device), time.monotonic()
    engine.remove("writer")
    return {"bytes_per_second": (last - first) / (ended - started), "seconds": ended - started}


def service(name: str, program: str) -> None:
    """Start a program as a service of the system; it ends after a while by itself."""
    subprocess.run(
        [
            "systemd-run",
            "--quiet",
            "--collect",
            f"--unit={name}",
            "--property=RuntimeMaxSec=600",
            "python3",
            "-c",
            program,
        ],
        check=True,
    )


def together(engine: Engine) -> dict[str, t.Any]:
    """All hogs at once, and a service of the system that holds memory and one that wants all processors."""
    service("holder", f"import time; held = bytearray(b'x' * {HELD_MEMORY}); time.sleep(600)")
    wait_for("the service that holds memory", lambda: number(SYSTEM / "memory.current") > HELD_MEMORY)
    kills = keyed(SYSTEM / "memory.events")["oom_kill"]
    before = pressure()
    # More than all workloads together may have.
    engine.start("memory", "beta", "while :; do dd if=/dev/zero of=/dev/null bs=700M count=1; done", 300)
    # One process that forks no more: beside the bomb nobody of its tenant can.
    script = "exec dd if=/dev/zero of=/tmp/file bs=1M count=200 conv=fsync"
    engine.start("writer", "alpha", script, 300)
    engine.start("processor", "beta", CPU_HOG, 300)
    engine.start("bomb", "alpha", FORK_BOMB, 300)
    count = os.cpu_count() or 1
    for index in range(count):
        service(f"worker-{index}", "while True: pass")
    started, used = time.monotonic(), keyed(SYSTEM / "cpu.stat")["usage_usec"]
    least, most = number(SYSTEM / "memory.current"), 0
    while time.monotonic() - started < TOGETHER_SECONDS:
        least = min(least, number(SYSTEM / "memory.current"))
        most = max(most, number(ALPHA / "pids.current"))
        time.sleep(1)
    seconds = time.monotonic() - started
    share = (keyed(SYSTEM / "cpu.stat")["usage_usec"] - used) / 1e6 / seconds / count
    during = pressure()
    weights = {path.parent.name: number(path) for path in CGROUP.glob("*.slice/cpu.weight")}
    subprocess.run(["systemctl", "stop", "holder", *(f"worker-{index}" for index in range(count))], check=True)
    engine.remove("memory", "writer", "processor", "bomb")
    return {
        "system": {
            "memory_guaranteed_bytes": number(SYSTEM / "memory.min"),
            "memory_least_bytes": least,
            "oom_kills": keyed(SYSTEM / "memory.events")["oom_kill"] - kills,
            "cpu_share": share,
            # Others that want processors: the workloads, and this session's and the engine's slice for what they do.
            "cpu_expected": weights["system.slice"] / sum(weights.values()),
        },
        "tasks_most": most,
        "weights": weights,
        "pressure": {"before": before, "during": during, "after": pressure()},
    }


def alone(engine: Engine, disk: str) -> dict[str, t.Any]:
    """Each hog by itself."""
    before = pressure()
    limit = ["--memory", str(CONTAINER_MEMORY)]
    return {
        "memory": {
            "container": memory_hog(engine, limit, CONTAINER_MEMORY),
            "tenant": memory_hog(engine, [], number(ALPHA / "memory.max")),
        },
        "cpu": cpu_hogs(engine),
        "tasks": fork_bomb(engine),
        "io": io_hog(engine, disk, Path(__file__).resolve().parent),
        "pressure": {"before": before, "after": pressure()},
    }


def main() -> int:
    """Measure what the command line says."""
    name, image, disk, part = sys.argv[1:]
    engine = Engine(name, image)
    try:
        print(json.dumps(alone(engine, disk) if part == "alone" else together(engine)))
    except BaseException:
        for one in CONTAINERS:
            engine.call("rm", "--force", one, check=False)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
