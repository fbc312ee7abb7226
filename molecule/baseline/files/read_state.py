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
MOVING_FILES = (
    "/etc/adjtime", "/etc/mtab", "/etc/resolv.conf", "/etc/machine-id", "/boot/grub/grubenv", "/etc/ld.so.cache",
    # what the tools of accounts and of the audit keep of the time before their last change
    "/etc/passwd-", "/etc/shadow-", "/etc/group-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-",
    "/etc/audit/audit.rules.prev",
)  # fmt: skip
MOVING_SYSCTLS = (
    "fs.binfmt_misc", "fs.dentry-state", "fs.file-nr", "fs.inode-", "fs.quota", "kernel.ns_last_pid", "kernel.pty.nr",
    "kernel.random.", "kernel.tainted", "kernel.sched_domain", "net.netfilter.nf_conntrack_count", "net.ipv4.route",
    "net.ipv6.route", "kernel.perf_event_max_sample_rate", "fs.aio-nr", "net.core.netdev_rss_key",
    "net.ipv4.tcp_fastopen_key",
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
    """Unit file -> enabled, disabled, masked and so on. Transient ones are sessions and containers."""
    argv = ["systemctl", "list-unit-files", "--no-legend", "--plain"]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    states = dict(line.split()[:2] for line in printed.splitlines())
    return {unit: state for unit, state in states.items() if state != "transient"}


def mounts() -> dict[str, str]:
    """Mount point -> options, but for containers' own, those that wait for an access, and sizes taken from memory."""
    found = {}
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _device, where, kind, options = line.split()[:4]
        if kind != "autofs" and not where.startswith(("/var/lib/", "/run/")):
            kept = [one for one in options.split(",") if not one.startswith(("size=", "nr_inodes="))]
            found[where] = ",".join(kept)
    return found


def main() -> int:
    """Print it all."""
    json.dump({"files": files(), "sysctls": sysctls(), "units": units(), "mounts": mounts()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
