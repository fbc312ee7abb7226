# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and write down what it took, with everything it left running: timed.py RESULT COMMAND...

The command's orphans (such as held SSH connections) become children of this process, are ended when the command is
done, and count. The result is JSON: returncode, seconds, cpu_seconds, and with TIMED_MEMORY set the largest sums over
all its processes at one time: peak_memory_bytes of their proportional set sizes (PSS, proc(5)), which count what
processes share once, and peak_resident_bytes of their resident set sizes (RSS), which count it for each of them.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
PAUSE_SECONDS = 0.3
PART_OF_THE_TIME = 20
"""To look takes a processor from what is measured: it pauses this many times as long as it looked."""


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    left = children(pid)
    while left:
        found += left
        left = [grandchild for child in left for grandchild in children(child)]
    return found


def memory_of(pid: int) -> tuple[int, int]:
    """The memory of a process in bytes: PSS and RSS, what it shares divided among those who share it and in full."""
    sizes = {"Pss:": 0, "Rss:": 0}
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, *words = line.split()
            if name in sizes:
                sizes[name] = int(words[0]) * 1024
    except OSError:
        # It has ended.
        pass
    return sizes["Pss:"], sizes["Rss:"]


class Memory(threading.Thread):
    """Looks at the memory of all processes below this one, again and again, and keeps the peaks."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = self.peak_resident_bytes = 0

    def run(self) -> None:
        while True:
            started = time.monotonic()
            sizes = [memory_of(pid) for pid in descendants(os.getpid())]
            self.peak_bytes = max(self.peak_bytes, sum(divided for divided, _full in sizes))
            self.peak_resident_bytes = max(self.peak_resident_bytes, sum(full for _divided, full in sizes))
            time.sleep(max(PAUSE_SECONDS, PART_OF_THE_TIME * (time.monotonic() - started)))


def end_the_rest() -> None:
    """End and reap what the command left behind, and what becomes this process's child as another one ends."""
    while True:
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGTERM)
        try:
            os.wait()
        except ChildProcessError:
            return


def main() -> int:
    """Run the command; the exit status is always 0, the command's own is in the result."""
    result, *argv = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    memory = Memory()
    if os.environ.pop("TIMED_MEMORY", ""):
        memory.start()
    # The command ends with this process (subprocess.run kills it), and its own processes with it.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    started = time.monotonic()
    try:
        code = subprocess.run(argv, check=False).returncode
        seconds = time.monotonic() - started
    finally:
        end_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    document = {
        "returncode": code,
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_memory_bytes": memory.peak_bytes,
        "peak_resident_bytes": memory.peak_resident_bytes,
    }
    Path(result).write_text(json.dumps(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
