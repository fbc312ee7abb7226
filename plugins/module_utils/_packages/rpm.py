# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The package managers of RPM distributions: rpm's database for questions, dnf or zypper for changes."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.dnf_run import run_dnf, wait_for_rpm
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    INSTALL_TIMEOUT_SECONDS,
    LOCK_TIMEOUT_SECONDS,
    QUERY_TIMEOUT_SECONDS,
    PackageManager,
    PackageRequest,
    PackageStatus,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm_output import (
    name_of_lock,
    parse_installed,
    parse_locks,
    parse_repoquery,
    parse_rpm_query,
    parse_versionlocks,
    parse_zypper_search,
)

# dnf 4 writes the first file (dnf-versionlock(8)), dnf 5 the second one.
DNF4_LOCKS = "/etc/dnf/plugins/versionlock.list"
DNF5_LOCKS = "/etc/dnf/versionlock.toml"
ZYPP_LOCKS = "/etc/zypp/locks"


class _Rpm(PackageManager):
    """What both have in common: rpm's database and a lock file."""

    lock_files: tuple[str, ...] = ()

    def query(self, names: t.Sequence[str]) -> dict[str, PackageStatus]:
        if not names:
            return {}
        layout = "%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n"
        # The exit status is the number of packages that aren't installed; only a missing rpm is a failure.
        done = self.io.run(["rpm", "-q", "--qf", layout, *names], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc in (124, 127):
            self._fail(done, "reading the installed packages")
        installed = parse_rpm_query(done.stdout)
        locks = "\n".join(self.io.read_text(path) or "" for path in self.lock_files)
        held = parse_locks(locks, names)
        return {name: PackageStatus(name, installed.get(name), name in held) for name in names}

    def installed(self, patterns: t.Sequence[str]) -> list[PackageStatus]:
        layout = "%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n"
        done = self.io.run(["rpm", "-qa", "--qf", layout, *patterns], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc != 0:
            self._fail(done, "reading the installed packages")
        return parse_installed(done.stdout)

    def would_remove(self, names: t.Sequence[str]) -> list[str]:
        # rpm itself names what would lack them; a resolver would go on and remove that too.
        done = self.io.run(["rpm", "-e", "--test", *names], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc in (124, 127):
            self._fail(done, "simulating a removal")
        needed = re.findall(r"is needed by (?:\(installed\) )?(\S+)", done.stderr)
        return [*names, *sorted(set(needed))]

    def _change(self, argv: t.Sequence[str], what: str, env: t.Optional[t.Mapping[str, str]] = None) -> None:
        done = self.io.run(argv, timeout_seconds=INSTALL_TIMEOUT_SECONDS, env=env)
        if done.rc != 0:
            self._fail(done, what)


class Dnf(_Rpm):
    """dnf 4 and 5. Holding needs the versionlock command: built in with dnf 5, a plugin with dnf 4."""

    name = "dnf"
    lock_files = (DNF4_LOCKS, DNF5_LOCKS)
    _base = ("-y", "--setopt=install_weak_deps=False")

    def versions(self, names: t.Sequence[str]) -> dict[str, list[str]]:
        if not names:
            return {}
        argv = ["-q", "repoquery", "--showduplicates", "--qf", "%{name}\t%{epoch}:%{version}-%{release}\n"]
        # The versionlock plugin hides what is locked out; the question here is what the repositories have.
        output = self._dnf([*argv, "--disableplugin=versionlock", *names], "reading the available packages")
        found = parse_repoquery(output)
        return {name: found.get(name, []) for name in names}

    def names(self, prefix: str) -> list[str]:
        argv = ["-q", "repoquery", "--qf", "%{name}\n", "--disableplugin=versionlock", f"{prefix}*"]
        return sorted(set(self._dnf(argv, "reading the available packages").split()))

    def holds(self) -> set[str]:
        texts = [self.io.read_text(path) or "" for path in self.lock_files]
        return {lock for text in texts for lock in parse_versionlocks(text)}

    def ready(self) -> None:
        wait_for_rpm(self.io, "changing packages")
        # What may be lacking is the command that holds.
        what = "reading the locks of packages, which takes python3-dnf-plugin-versionlock"
        self._dnf(["-q", "versionlock", "list"], what)

    def refresh(self, max_age_minutes: int = 0) -> None:
        age = f"--setopt=metadata_expire={max_age_minutes * 60}"
        self._dnf(["-q", "makecache", *([age] if max_age_minutes else ["--refresh"])], "fetching the lists")

    def install(self, requests: t.Sequence[PackageRequest], remove: t.Sequence[str] = ()) -> None:
        if remove:
            self.remove(remove)
        pinned = [request for request in requests if request.version]
        again = self._there(pinned)
        if again:
            self._dnf([*self._base, "reinstall", *self._selection(again)], "installing packages again")
        new = [request for request in requests if request not in again]
        if new:
            self._dnf([*self._base, "install", *self._selection(new)], "installing packages")
        # ``install`` leaves a newer installed version alone; going back has a command of its own.
        there = self._there(pinned)
        older = [request for request in pinned if request not in there]
        if older:
            self._dnf([*self._base, "downgrade", *self._selection(older)], "installing an older version")

    def _there(self, requests: t.Sequence[PackageRequest]) -> list[PackageRequest]:
        """Those that are installed in the version asked for, whatever other versions are beside it."""
        if not requests:
            return []
        found = {(status.name, status.version) for status in self.installed([request.name for request in requests])}
        return [request for request in requests if (request.name, request.version) in found]

    def remove(self, names: t.Sequence[str]) -> None:
        present = [name for name, status in self.query(names).items() if status.version is not None]
        if present:
            self._dnf(["-y", "remove", "--noautoremove", *present], "removing packages")

    def hold(self, names: t.Sequence[str]) -> None:
        if names:
            self._lock("add", names, "holding packages by versionlock")

    def unhold(self, names: t.Sequence[str]) -> None:
        if not names:
            return
        self._lock("delete", names, "letting go of held packages")
        held = self.holds()
        # dnf 5 lets go of all locks on a package's name, and knows no versions there.
        left = {name_of_lock(lock) for lock in names if lock in held}
        if left:
            others = sorted(lock for lock in held if lock not in names and name_of_lock(lock) in left)
            self._lock("delete", sorted(left), "letting go of held packages")
            self.hold(others)

    def _lock(self, verb: str, names: t.Sequence[str], what: str) -> None:
        self._dnf(["-q", "-y", "versionlock", verb, *names], what)

    def _dnf(self, arguments: t.Sequence[str], what: str) -> str:
        """What dnf writes. Raises HostError when it fails, or others have held its locks for too long."""
        done = run_dnf(self.io, arguments, what)
        if done.rc != 0:
            self._fail(done, what)
        return done.stdout

    @staticmethod
    def _selection(requests: t.Sequence[PackageRequest]) -> list[str]:
        return [f"{request.name}-{request.version}" if request.version else request.name for request in requests]


class Zypper(_Rpm):
    """zypper of the SUSE family."""

    name = "zypper"
    lock_files = (ZYPP_LOCKS,)
    _base = ("zypper", "--non-interactive")
    _environment = {"ZYPP_LOCK_TIMEOUT": str(LOCK_TIMEOUT_SECONDS)}

    def versions(self, names: t.Sequence[str]) -> dict[str, list[str]]:
        if not names:
            return {}
        argv = [*self._base, "search", "-s", "--match-exact", "-t", "package", *names]
        done = self.io.run(argv, timeout_seconds=INSTALL_TIMEOUT_SECONDS, env=self._environment)
        if done.rc not in (0, 104):  # 104: nothing matches (zypper(8), exit codes)
            self._fail(done, "reading the available packages")
        found = parse_zypper_search(done.stdout)
        return {name: found.get(name, []) for name in names}

    def names(self, prefix: str) -> list[str]:
        argv = [*self._base, "search", "-s", "-t", "package", f"{prefix}*"]
        done = self.io.run(argv, timeout_seconds=INSTALL_TIMEOUT_SECONDS, env=self._environment)
        if done.rc not in (0, 104):
            self._fail(done, "reading the available packages")
        return sorted(parse_zypper_search(done.stdout))

    def ready(self) -> None:
        """Its commands wait by themselves, as told by the environment."""

    def holds(self) -> set[str]:
        locks = re.findall(r"^solvable_name: (\S+)$", self.io.read_text(ZYPP_LOCKS) or "", re.MULTILINE)
        return set(locks)

    def refresh(self, max_age_minutes: int = 0) -> None:
        # zypper itself knows when lists are fresh (repo.refresh.delay); being asked, it looks at all of them.
        options = [] if max_age_minutes else ["--force"]
        self._change([*self._base, "refresh", *options], "fetching the package lists", self._environment)

    def install(self, requests: t.Sequence[PackageRequest], remove: t.Sequence[str] = ()) -> None:
        wanted = [f"{request.name}={request.version}" if request.version else request.name for request in requests]
        wanted += [f"-{name}" for name in remove]
        argv = [*self._base, "install", "--no-recommends", "--oldpackage", "--", *wanted]
        self._change(argv, "installing packages", self._environment)

    def remove(self, names: t.Sequence[str]) -> None:
        present = [name for name, status in self.query(names).items() if status.version is not None]
        if present:
            self._change([*self._base, "remove", *present], "removing packages", self._environment)

    def hold(self, names: t.Sequence[str]) -> None:
        if names:
            self._change([*self._base, "addlock", *names], "holding packages", self._environment)

    def unhold(self, names: t.Sequence[str]) -> None:
        if names:
            self._change([*self._base, "removelock", *names], "letting go of held packages", self._environment)
