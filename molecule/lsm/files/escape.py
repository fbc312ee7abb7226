# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries to get out of containers, and prints how each attempt ended and who refused it, as JSON.

usage: escape.py docker|podman IMAGE

Every attempt is made twice: with all that confines a container by default, and with capabilities, seccomp, masked paths
or namespaces out of the way, so that only the access control is left.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import typing as t
from pathlib import Path

AUDIT = Path("/var/log/audit/audit.log")
# The audit daemon writes a little later than the kernel refuses.
AUDIT_SECONDS = 3
FOLDER = Path("/var/lib/lsm-escape")
TIMEOUT_SECONDS = 600


class Attempt(t.NamedTuple):
    """What is tried: a script that ends with 0 when it got out, and options that take other layers away."""

    name: str
    script: str
    options: tuple[str, ...]


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    """One command, its output captured."""
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)


def unmasked(engine: str) -> str:
    """How an engine is told to leave the paths below /proc as they are."""
    return "systempaths=unconfined" if engine == "docker" else "unmask=ALL"


def of_the_host(engine: str) -> tuple[str, ...]:
    """How a container gets the host's processes and keeps its label: engines take that away with --pid host."""
    if engine == "docker":
        return ("--pid", "host", "--security-opt", "label=type:container_t", "--cap-add", "SYS_PTRACE")
    return ("--pid", "ns:/proc/1/ns/pid", "--cap-add", "SYS_PTRACE")


def attempts(engine: str, victim: int, module: str) -> list[Attempt]:
    """All attempts. victim: a process of the host. module: a kernel module of the host that does no harm."""
    no_seccomp = ("--security-opt", "seccomp=unconfined")
    volume = ("--volume", f"{FOLDER}/volume:/volume")
    return [
        Attempt("host file", "cat /proc/1/root/etc/shadow", of_the_host(engine)),
        Attempt("volume", "cat /volume/secret", volume),
        Attempt(
            "sysrq",
            "echo h > /proc/sysrq-trigger",
            (*no_seccomp, "--cap-add", "SYS_ADMIN", "--security-opt", unmasked(engine)),
        ),
        Attempt("mount", "mount -t tmpfs none /tmp", (*no_seccomp, "--cap-add", "SYS_ADMIN")),
        Attempt(
            "module",
            f"insmod /modules/{module}",
            (*no_seccomp, "--cap-add", "SYS_MODULE", "--volume", f"{FOLDER}/modules:/modules:ro,z"),
        ),
        Attempt("ptrace", f"exec 3< /proc/{victim}/mem", of_the_host(engine)),
    ]


def refusals(since: int) -> list[str]:
    """What was refused since the log had this size."""
    time.sleep(AUDIT_SECONDS)
    with AUDIT.open("rb") as log:
        log.seek(since)
        text = log.read().decode("utf-8", "replace")
    return [line for line in text.splitlines() if "avc:  denied" in line or 'apparmor="DENIED"' in line]


def attempt(engine: str, image: str, one: Attempt, weakened: bool) -> dict[str, t.Any]:
    """Make one attempt; who refused it is what the audit log says, else another layer of the kernel."""
    size = AUDIT.stat().st_size
    options = one.options if weakened else ()
    done = run(engine, "run", "--rm", "--network", "none", *options, image, "sh", "-c", one.script)
    # The engine's own numbers: the container was never started.
    if done.returncode in (125, 126, 127) and "denied" not in done.stderr.lower():
        raise SystemExit(f"{one.name}: the container did not run: {done.stderr.strip()}")
    found = refusals(size)
    succeeded = done.returncode == 0
    provider = "AppArmor" if any("apparmor=" in line for line in found) else "SELinux" if found else "another layer"
    return {
        "name": one.name,
        "layers": "access control only" if weakened else "all",
        "succeeded": succeeded,
        "refused_by": "nobody" if succeeded else provider,
        "said": (done.stderr or done.stdout).strip().splitlines()[-1:],
        "audit": found[:3],
    }


def prepare(engine: str, image: str) -> str:
    """A volume that belongs to another container alone, and a module to load. Returns the module's name."""
    for name in ("volume", "modules"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    script = "echo secret > /volume/secret"
    # Z: labelled for this container alone.
    done = run(
        engine, "run", "--rm", "--network", "none", "--volume", f"{FOLDER}/volume:/volume:Z", image, "sh", "-c", script
    )
    if done.returncode != 0:
        raise SystemExit(f"another container's volume: {done.stderr.strip()}")
    release = run("uname", "-r").stdout.strip()
    source = next(Path("/lib/modules", release).rglob("dummy.ko*"), None)
    if source is None:
        raise SystemExit("the kernel has no module dummy to try with")
    (FOLDER / "modules" / source.name).write_bytes(source.read_bytes())
    return source.name


def main() -> int:
    """Try everything."""
    engine, image = sys.argv[1:]
    module = prepare(engine, image)
    with subprocess.Popen(["sleep", "3600"]) as victim:
        try:
            tries = attempts(engine, victim.pid, module)
            results = [attempt(engine, image, one, weakened) for one in tries for weakened in (False, True)]
        finally:
            victim.kill()
    run("rmmod", "dummy")
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
