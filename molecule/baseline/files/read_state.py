# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a host, as root: print, as JSON, what a baseline could have changed of it.

{"files": {path: "mode owner group sha256 or link"}, "sysctls": {key: value}, "units": {unit: state}, "mounts": {where:
options}}. Standard library only.
"""

from __future__ import annotations

import grp
import hashlib
import json
import os
import pwd
import stat
import subprocess
import sys
import typing as t
from pathlib import Path

TREES = ("/etc", "/boot/grub", "/usr/local", "/var/lib/container-host", "/var/spool/cron")

# What changes by itself: counters, random numbers, times, and what other programs keep while they run.
MOVING_FILES = ("/etc/adjtime", "/etc/mtab", "/etc/resolv.conf", "/etc/machine-id", "/boot/grub/grubenv")
MOVING_SYSCTLS = (
    "fs.binfmt_misc", "fs.dentry-state", "fs.file-nr", "fs.inode-", "fs.quota", "kernel.ns_last_pid", "kernel.pty.nr",
    "kernel.random.", "kernel.tainted", "kernel.sched_domain", "net.netfilter.nf_conntrack_count", "net.ipv4.route",
    "net.ipv6.route", "kernel.perf_event_max_sample_rate", "fs.aio-nr",
)  # fmt: skip


def named(lookup: t.Callable[[int], t.Any], number: int) -> str:
    """The name of a user or group, or its number."""
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def describe(path: str) -> str:
    """What a file is, in a line."""
    status = os.lstat(path)
    owner = f"{named(pwd.getpwuid, status.st_uid)} {named(grp.getgrgid, status.st_gid)}"
    words = f"{stat.S_IMODE(status.st_mode):04o} {owner}"
    if stat.S_ISLNK(status.st_mode):
        return f"{words} -> {os.readlink(path)}"
    if stat.S_ISREG(status.st_mode):
        return f"{words} {hashlib.sha256(Path(path).read_bytes()).hexdigest()}"
    return f"{words} {stat.S_IFMT(status.st_mode):o}"


def files() -> dict[str, str]:
    """Every file of the trees."""
    found = {}
    for tree in TREES:
        for directory, folders, names in os.walk(tree):
            for name in [*folders, *names]:
                path = os.path.join(directory, name)
                if path not in MOVING_FILES:
                    found[path] = describe(path)
    return found


def sysctls() -> dict[str, str]:
    """Every kernel parameter but those of single network devices, which come and go with containers."""
    printed = subprocess.run(["sysctl", "-a"], capture_output=True, text=True, check=True).stdout
    pairs = [line.split(" = ", 1) for line in printed.splitlines() if " = " in line]
    devices = tuple(f".{name}." for name in os.listdir("/sys/class/net"))
    return {
        key: value
        for key, value in pairs
        if not key.startswith(MOVING_SYSCTLS) and not any(device in key for device in devices) and ".veth" not in key
    }


def units() -> dict[str, str]:
    """Unit file -> enabled, disabled, masked and so on."""
    argv = ["systemctl", "list-unit-files", "--no-legend", "--plain"]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return {line.split()[0]: line.split()[1] for line in printed.splitlines()}


def mounts() -> dict[str, str]:
    """Mount point -> options, but for containers' own."""
    lines = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    return {words[1]: words[3] for words in lines if not words[1].startswith(("/var/lib/", "/run/"))}


def main() -> int:
    """Print it all."""
    json.dump({"files": files(), "sysctls": sysctls(), "units": units(), "mounts": mounts()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
