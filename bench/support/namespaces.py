# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world of its own for a benchmark: mounts, network and processes that vanish when it ends, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

INSIDE = "CONTAINER_HOST_BENCH_INSIDE"
WORLD = Path("/run/bench")
"""Everything a benchmark writes while it runs; a file system in memory that only it sees."""


def enter() -> None:
    """Start this program again inside namespaces of its own (unshare(1)); does nothing when it is inside already.

    Its mounts, bridges and processes are gone with it: nothing has to be tidied up, even after a kill.
    """
    if os.environ.get(INSIDE) != str(os.getpid()):
        # The program is the first process inside, which tells it from one that merely inherited the environment.
        argv = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        os.environ[INSIDE] = "1"
        sys.stdout.flush()
        raise SystemExit(accompany([*argv, sys.executable, *sys.argv]))
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run")
    run("mount", "-t", "sysfs", "-o", "ro", "sys", "/sys")
    WORLD.mkdir()
    run("ip", "link", "set", "lo", "up")
    # Neighbour discovery would be counted as traffic of the benchmark.
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")


def accompany(argv: t.Sequence[str]) -> int:
    """Run a command that ends with this process, by whatever signal. Returns its exit status, as a shell tells it.

    unshare(1) itself ignores SIGTERM and SIGINT, and so does the first process of a namespace unless it handles them:
    the kernel ends them when their parent is gone (prctl(2), PR_SET_PDEATHSIG).
    """
    try:
        code = subprocess.run(["setpriv", "--pdeathsig", "KILL", *argv], check=False).returncode
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code if code >= 0 else 128 - code


def run(*argv: str, input_text: str | None = None) -> str:
    """Run a command that has to succeed; returns its output. Raises SystemExit with its last words."""
    done = subprocess.run(argv, input=input_text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
