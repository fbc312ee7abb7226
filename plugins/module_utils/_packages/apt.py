# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Debian's package manager: dpkg's own database for questions, apt-get for changes."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    INSTALL_TIMEOUT_SECONDS,
    LOCK_TIMEOUT_SECONDS,
    QUERY_TIMEOUT_SECONDS,
    PackageManager,
    PackageRequest,
    PackageStatus,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed

# --force-confold: files this collection owns stay, whatever a package brings (dpkg(1)).
APT_GET = (
    "apt-get",
    "-q",
    "-y",
    "-o",
    f"DPkg::Lock::Timeout={LOCK_TIMEOUT_SECONDS}",
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
)
UNATTENDED = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    # needrestart must neither ask nor restart an engine from under its containers.
    "NEEDRESTART_SUSPEND": "1",
}
"""The environment in which the packages' programs ask nothing."""
_LOCKED = (
    "Could not get lock",
    "Unable to acquire the dpkg frontend lock",
    "Unable to lock directory",
    "Unable to lock the administration directory",
)
_INTERRUPTED = "dpkg was interrupted"
_BROKEN = re.compile(r"^dpkg: error processing (?:package|archive) (\S+) \(--[\w-]+\):\s+(.+?)\s*$", re.MULTILINE)
_LOCK_POLL_SECONDS = 3
_LISTS = "/var/lib/apt/lists"


def parse_dpkg_query(output: str) -> dict[str, PackageStatus]:
    """Parse lines of ``dpkg-query -W`` with package, version, wanted state and state, separated by tabs."""
    found: dict[str, PackageStatus] = {}
    for line in output.splitlines():
        fields = line.split("\t")
        if len(fields) != 4:
            continue
        name, version, wanted, state = fields
        found[name] = PackageStatus(name, version if state == "installed" else None, wanted == "hold")
    return found


def parse_policy(output: str) -> dict[str, list[str]]:
    """Parse ``apt-cache policy``: the versions repositories offer by package, the candidate first, then newest first.

    A version only dpkg's own database knows (installed, gone from the repositories) is left out.
    """
    found: dict[str, list[str]] = {}
    name, candidate, version = "", "", ""
    for line in output.splitlines():
        entry = re.match(r" (?:\*\*\*|   ) (\S+) -?\d+$", line)
        if line and not line.startswith(" ") and line.endswith(":"):
            name, candidate, version = line[:-1], "", ""
            found[name] = []
        elif line.startswith("  Candidate: "):
            candidate = line.partition(": ")[2].strip()
        elif entry:
            version = entry.group(1)
        elif line.endswith("/var/lib/dpkg/status") or not line.startswith("        "):
            continue
        elif version and version not in found[name]:
            found[name].append(version)
            found[name].sort(key=candidate.__ne__)
    return found


def parse_broken(output: str) -> list[str]:
    """What dpkg says of each package it could not process, as "name: reason". apt itself names none of them."""
    found = _BROKEN.findall(output)
    return [f"{name.rpartition('/')[2]}: {reason}" for name, reason in found]


class Apt(PackageManager):
    """apt and dpkg. Waits for another run's lock up to ``LOCK_TIMEOUT_SECONDS``; finishes an interrupted dpkg."""

    name = "apt"

    def query(self, names: t.Sequence[str]) -> dict[str, PackageStatus]:
        statuses = {name: PackageStatus(name, None) for name in names}
        if names:
            layout = "${Package}\t${Version}\t${db:Status-Want}\t${db:Status-Status}\n"
            # Exits with 1 when it doesn't know a package; what it knows is printed nevertheless.
            done = self.io.run(["dpkg-query", "-W", "-f", layout, *names], timeout_seconds=QUERY_TIMEOUT_SECONDS)
            if done.rc not in (0, 1):
                self._fail(done, "reading the installed packages")
            found = parse_dpkg_query(done.stdout)
            statuses.update({name: status for name, status in found.items() if name in statuses})
        return statuses

    def installed(self, patterns: t.Sequence[str]) -> list[PackageStatus]:
        layout = "${Package}\t${Version}\t${db:Status-Want}\t${db:Status-Status}\n"
        done = self.io.run(["dpkg-query", "-W", "-f", layout, *patterns], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc not in (0, 1):
            self._fail(done, "reading the installed packages")
        found = parse_dpkg_query(done.stdout).values()
        return [status for status in found if status.version is not None]

    def names(self, prefix: str) -> list[str]:
        done = self.io.run(["apt-cache", "pkgnames", prefix], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc != 0:
            self._fail(done, "reading the available packages")
        return sorted(set(done.stdout.split()))

    def holds(self) -> set[str]:
        done = self.io.run(["dpkg", "--get-selections"], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc != 0:
            self._fail(done, "reading which packages are held")
        rows = (line.split() for line in done.stdout.splitlines())
        return {row[0].partition(":")[0] for row in rows if row[1:] == ["hold"]}

    def ready(self) -> None:
        # Takes the locks and finishes what was interrupted, and has nothing to install.
        self._run(["install"], "waiting for other package managers")

    def versions(self, names: t.Sequence[str]) -> dict[str, list[str]]:
        if not names:
            return {}
        done = self.io.run(["apt-cache", "policy", *names], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc != 0:
            self._fail(done, "reading the available packages")
        found = parse_policy(done.stdout)
        return {name: found.get(name, []) for name in names}

    def refresh(self, max_age_minutes: int = 0) -> None:
        if max_age_minutes:
            # Every update puts its downloads there first, so its time is the time of the last update.
            recent = ["find", f"{_LISTS}/partial", "-maxdepth", "0", "-mmin", f"-{max_age_minutes}"]
            if self.io.run(recent).stdout.strip() and self.io.glob(f"{_LISTS}/*_Packages*"):
                return
        # Descriptions in other words are of no use here and take as long as the lists; those there are stay.
        options = ["-o", "Acquire::Languages=none", "-o", "APT::Get::List-Cleanup=false"]
        self._run([*options, "update"], "fetching the package lists")

    def install(self, requests: t.Sequence[PackageRequest], remove: t.Sequence[str] = ()) -> None:
        self._run(["install", *self._selection(requests, remove)], "installing packages")

    def remove(self, names: t.Sequence[str]) -> None:
        present = [name for name, status in self.query(names).items() if status.version is not None]
        if present:
            self._run(["remove", "--allow-change-held-packages", *present], "removing packages")

    def would_remove(self, names: t.Sequence[str]) -> list[str]:
        argv = [*APT_GET, "--simulate", "-o", "Debug::NoLocking=1", "remove", "--allow-change-held-packages", *names]
        done = self.io.run(argv, timeout_seconds=QUERY_TIMEOUT_SECONDS, env=UNATTENDED)
        if done.rc != 0:
            self._fail(done, "simulating a removal")
        rows = (line.split() for line in done.stdout.splitlines())
        return [row[1].partition(":")[0] for row in rows if len(row) > 1 and row[0] in ("Remv", "Purg")]

    def hold(self, names: t.Sequence[str]) -> None:
        self._select(names, "hold")

    def unhold(self, names: t.Sequence[str]) -> None:
        self._select(names, "install")

    def _select(self, names: t.Sequence[str], selection: str) -> None:
        """What apt-mark does, without its reading all package lists. Only installed packages have a selection."""
        present = [name for name, status in self.query(names).items() if status.version is not None]
        if present:
            text = "".join(f"{name} {selection}\n" for name in present)
            self.io.run(["dpkg", "--set-selections"], text, LOCK_TIMEOUT_SECONDS, check=True)

    @staticmethod
    def _selection(requests: t.Sequence[PackageRequest], remove: t.Sequence[str]) -> list[str]:
        """The arguments that name what to install and, with a trailing minus, what to remove."""
        wanted = [f"{request.name}={request.version}" if request.version else request.name for request in requests]
        options = ["--no-install-recommends", "--allow-downgrades", "--allow-change-held-packages"]
        return [*options, *wanted, *(f"{name}-" for name in remove)]

    def _fail(self, done: Completed, what: str) -> t.NoReturn:
        broken = parse_broken(f"{done.stdout}\n{done.stderr}")
        if broken:
            raise HostError(f"{what}: {done.argv[0]} failed with {done.rc}: {'; '.join(broken)}")
        super()._fail(done, what)

    def _run(self, arguments: t.Sequence[str], what: str) -> Completed:
        deadline = self.io.monotonic() + LOCK_TIMEOUT_SECONDS
        repaired = False
        while True:
            done = self.io.run([*APT_GET, *arguments], timeout_seconds=INSTALL_TIMEOUT_SECONDS, env=UNATTENDED)
            if done.rc == 0:
                return done
            if not repaired and _INTERRUPTED in done.stderr:
                repaired = True
                configure = ["dpkg", "--configure", "--force-confdef", "--force-confold", "-a"]
                self.io.run(configure, timeout_seconds=INSTALL_TIMEOUT_SECONDS, check=True, env=UNATTENDED)
                continue
            if not any(words in done.stderr for words in _LOCKED):
                self._fail(done, what)
            if self.io.monotonic() >= deadline:
                raise HostError(
                    f"{what}: another package manager has held its lock for more than {LOCK_TIMEOUT_SECONDS} s; "
                    "wait for it or stop it, then run again"
                )
            # apt has waited by itself for dpkg's lock, as long as is waited here; for that of its lists it does not.
            self.io.sleep(_LOCK_POLL_SECONDS)
