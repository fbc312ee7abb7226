# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A walk over a host's own file systems, with bounds: what everybody can write to, and what belongs to nobody.

File systems of the network and of memory are not walked, and neither is what containers write.
"""

from __future__ import annotations

import fnmatch
import re
import stat
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    read_accounts,
    read_groups,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.stores import container_stores
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.volume_sources import volume_sources
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import unescape

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_walk import Walked

DIRECTORIES = r"^(passwd|group):.*\b(sss|ldap|winbind|nis)\b"
# The clock is looked at once in so many entries.
STRIDE = 512


@dataclass(frozen=True)
class Walk:
    """What to walk. filesystems: the types walked. exclude: patterns of directories left out, with all below them.

    max_found: as many of what is found are named, of each sort.
    """

    filesystems: tuple[str, ...]
    exclude: tuple[str, ...]
    max_entries: int
    max_seconds: int
    max_found: int


@dataclass
class Sort:
    """What was found of one sort: how many, and the first of them by path."""

    count: int = 0
    first: dict[str, Walked] = field(default_factory=dict)

    def add(self, entry: Walked, limit: int) -> None:
        """Count an entry, and keep it while there is room."""
        self.count += 1
        if len(self.first) < limit:
            self.first[entry.path] = entry


@dataclass
class Findings:
    """What a walk found. cut: which bound ended it early; empty when it came to its end."""

    world_writable: Sort = field(default_factory=Sort)
    unowned: Sort = field(default_factory=Sort)
    entries: int = 0
    cut: str = ""


class Owners:
    """The ids that belong to somebody: those of accounts and groups, and those handed out to users."""

    def __init__(self, io: HostIO) -> None:
        self._io = io
        self._known: dict[str, set[int]] = {
            "passwd": {account.uid for account in read_accounts(io).values()},
            "group": set(read_groups(io).values()),
        }
        self._ranges = {"passwd": _handed_out(io, "/etc/subuid"), "group": _handed_out(io, "/etc/subgid")}
        self._unknown: dict[str, set[int]] = {"passwd": set(), "group": set()}
        # A directory service is asked for one id at a time: most don't list all they know.
        self._asks = re.search(DIRECTORIES, io.read_text("/etc/nsswitch.conf") or "", re.MULTILINE) is not None

    def own(self, uid: int, gid: int) -> bool:
        """Whether a file's user and group belong to somebody."""
        return self._has("passwd", uid) and self._has("group", gid)

    def _has(self, database: str, number: int) -> bool:
        if number in self._known[database]:
            return True
        if number in self._unknown[database]:
            return False
        handed_out = any(number in known for known in self._ranges[database])
        found = handed_out or (self._asks and self._io.run(["getent", database, str(number)]).rc == 0)
        (self._known if found else self._unknown)[database].add(number)
        return found


def secured(mode: int) -> int:
    """The permission bits without what makes them everybody's: a file loses a bit, a directory gets the sticky one."""
    bits = stat.S_IMODE(mode)
    return bits | stat.S_ISVTX if stat.S_ISDIR(mode) else bits & ~stat.S_IWOTH


def is_loose(mode: int) -> bool:
    """Whether everybody can write to a file, or take others' files out of a directory."""
    if not mode & stat.S_IWOTH:
        return False
    return stat.S_ISREG(mode) or (stat.S_ISDIR(mode) and not mode & stat.S_ISVTX)


def mount_points(mountinfo: str) -> list[tuple[str, str, str, str]]:
    """Device, root, path and type of every mount (proc_pid_mountinfo(5))."""
    found = []
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        words = left.split()
        if separator and len(words) > 5:
            found.append((words[2], unescape(words[3]), unescape(words[4]), right.split(" ")[0]))
    return found


def starting_points(mounts: t.Iterable[tuple[str, str, str, str]], filesystems: t.Collection[str]) -> list[str]:
    """Where to begin: once for each local file system, so that what is mounted twice is met once."""
    chosen: list[tuple[str, str, str]] = []
    for device, root, path, kind in sorted(mounts, key=lambda mount: (len(mount[1]), len(mount[2]))):
        # One mounted a second time, or a part of it mounted elsewhere, is met where all of it is mounted.
        covered = any(
            device == other and (root == theirs or root.startswith(f"{theirs.rstrip('/')}/"))
            for other, theirs, _path in chosen
        )
        if kind in filesystems and not covered:
            chosen.append((device, root, path))
    return [path for _device, _root, path in chosen]


def take_walk(io: HostIO, walk: Walk) -> Findings:
    """Walk, within the bounds."""
    mounts = mount_points(io.read_text("/proc/self/mountinfo") or "")
    elsewhere = {path for _device, _root, path, _kind in mounts}
    stores = container_stores(io)
    docker, _containerd, podman = stores
    # What containers write is judged by where their images came from, and would stop working.
    of_containers = [re.escape(path.rstrip("/")) for path in (*stores, *volume_sources(io, docker, podman))]
    patterns = [fnmatch.translate(pattern) for pattern in walk.exclude]
    excluded = re.compile("|".join((*patterns, *(rf"{path}\Z" for path in of_containers)))).match

    def is_skipped(path: str) -> bool:
        return path in elsewhere or excluded(path) is not None

    owners = Owners(io)
    findings = Findings()
    end = io.monotonic() + walk.max_seconds
    for top in starting_points(mounts, walk.filesystems):
        if any(excluded(part) for part in _parts(top)):
            continue
        for entry in io.walk(top, is_skipped):
            findings.entries += 1
            if findings.entries > walk.max_entries:
                findings.cut = f"max_entries is {walk.max_entries}"
                return findings
            if findings.entries % STRIDE == 0 and io.monotonic() > end:
                findings.cut = f"max_seconds is {walk.max_seconds}"
                return findings
            if is_loose(entry.mode):
                findings.world_writable.add(entry, walk.max_found)
            if not owners.own(entry.uid, entry.gid):
                findings.unowned.add(entry, walk.max_found)
    return findings


def _parts(path: str) -> list[str]:
    words = path.strip("/").split("/")
    return ["/" + "/".join(words[: count + 1]) for count in range(len(words))]


def _handed_out(io: HostIO, path: str) -> tuple[range, ...]:
    """The ranges of subordinate ids (subuid(5))."""
    fields = [line.split(":") for line in (io.read_text(path) or "").splitlines()]
    numbers = [
        (int(words[1]), int(words[2])) for words in fields if len(words) == 3 and (words[1] + words[2]).isdigit()
    ]
    return tuple(range(first, first + count) for first, count in numbers)
