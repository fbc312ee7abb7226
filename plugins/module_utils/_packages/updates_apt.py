# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Updates by apt: a simulated upgrade for questions, the same upgrade for changes."""

from __future__ import annotations

import re

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.apt import APT_GET, UNATTENDED, Apt
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    INSTALL_TIMEOUT_SECONDS,
    QUERY_TIMEOUT_SECONDS,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import (
    PackageUpdater,
    Pending,
    Update,
)

# Of what is installed nothing has to go; what is new, such as a kernel's next release, may come.
UPGRADE = ("upgrade", "--with-new-pkgs")
_CONFIGURE = ("dpkg", "--configure", "--force-confdef", "--force-confold", "-a")
_NOT_UPDATED = re.compile(r"The following (packages have been kept back|upgrades have been deferred due to phasing):")
_JOURNAL = "/var/lib/dpkg/updates"
_SETTLED = frozenset({"installed", "config-files", "not-installed", ""})

_USER_PREFERENCES = "/etc/apt/preferences"
SECURITY_PREFERENCES = "/run/container-host/security-updates.pref"
# Only security archives may bring a newer version of what is installed. Below 100, which is that of the installed
# version, all others bring new packages alone. To look where the candidate of each package comes from is not enough:
# the next point release, or the archive of other updates, has often passed the security archive, whose fix would then
# be left out. Archives are told by their names in the signed Release file, since mirrors have any host and path. The
# first match counts.
_SECURITY_PINS = """\
Package: *
Pin: release a=now
Pin-Priority: 100

Package: *
Pin: release a=*-security
Pin-Priority: 500

Package: *
Pin: release l=Debian-Security
Pin-Priority: 500

Package: *
Pin: release *
Pin-Priority: 99
"""


def is_security(origin: str) -> bool:
    """Whether an origin, as ``apt-get --simulate`` writes it (label:version/archive), is a security archive."""
    return origin.endswith("-security") or origin.startswith("Debian-Security:")


def parse_simulation(output: str) -> Pending:
    """Parse ``apt-get --simulate``: one line for each package that is unpacked, lists of those that are not."""
    updates = []
    removed = []
    kept_back: list[str] = []
    listing = False
    for line in output.splitlines():
        found = re.match(r"Inst (\S+)(?: \[([^\]]+)\])? \((\S+)(?: (.*?))? \[[^\]]*\]\)", line)
        if found:
            name, before, after, words = found.groups()
            origins = tuple(word.strip() for word in (words or "").split(",") if word.strip())
            updates.append(Update(name, before, after, origins, any(map(is_security, origins))))
        elif line.startswith(("Remv ", "Purg ")):
            removed.append(line.split()[1])
        elif re.match(
            r"The following (packages have been kept back|upgrades have been deferred due to phasing):", line
        ):
            listing = True
        elif listing and line.startswith("  "):
            kept_back += line.split()
        else:
            listing = False
    return Pending(
        tuple(sorted(updates, key=lambda update: update.name)), tuple(sorted(set(kept_back))), tuple(removed)
    )


def parse_unsettled(output: str) -> tuple[str, ...]:
    """Parse lines of ``dpkg-query -W`` with package and state: those dpkg has begun and not ended."""
    rows = (line.partition("\t") for line in output.splitlines())
    return tuple(sorted(name for name, _tab, state in rows if state not in _SETTLED))


class AptUpdater(Apt, PackageUpdater):
    """apt and dpkg."""

    def pending(self, security_only: bool) -> Pending:
        argv = [*APT_GET, "--simulate", "-o", "Debug::NoLocking=1", *self._upgrade(security_only)]
        try:
            self._prefer(security_only)
            done = self.io.run(argv, timeout_seconds=QUERY_TIMEOUT_SECONDS, env=UNATTENDED)
        finally:
            self._prefer(False)
        if done.rc != 0:
            self._fail(done, "reading the updates")
        found = parse_simulation(done.stdout)
        held = self.holds()
        return Pending(found.updates, tuple(name for name in found.kept_back if name not in held), found.removed)

    def update(self, security_only: bool) -> None:
        try:
            self._prefer(security_only)
            self._run(self._upgrade(security_only), "updating packages")
        finally:
            self._prefer(False)

    @staticmethod
    def _upgrade(security_only: bool) -> list[str]:
        preferences = ["-o", f"Dir::Etc::Preferences={SECURITY_PREFERENCES}"] if security_only else []
        return [*preferences, *UPGRADE]

    def _prefer(self, security_only: bool) -> None:
        """Have the preferences for security updates there or not; the user's own go on to count after them."""
        if security_only:
            own = self.io.read_text(_USER_PREFERENCES) or ""
            self.io.write_atomic(SECURITY_PREFERENCES, f"{_SECURITY_PINS}\n{own}")
        else:
            self.io.remove(SECURITY_PREFERENCES)

    def interrupted(self) -> tuple[str, ...]:
        layout = "${Package}\t${db:Status-Status}\n"
        done = self.io.run(["dpkg-query", "-W", "-f", layout], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc != 0:
            self._fail(done, "reading the state of the packages")
        unsettled = parse_unsettled(done.stdout)
        # dpkg's journal has files with numbers for names while it works, and after it was cut off.
        journal = [name for name in self.io.list_directory(_JOURNAL) if name.isdigit()]
        return unsettled or (("dpkg",) if journal else ())

    def finish(self) -> None:
        # apt waits for a package manager that is at work, and runs dpkg where it was cut off. What was cut off while it
        # was unpacked is unpacked again.
        self._run(["--fix-broken", "install"], "finishing an interrupted installation")
        if self.interrupted():
            self.io.run(_CONFIGURE, timeout_seconds=INSTALL_TIMEOUT_SECONDS, check=True, env=UNATTENDED)
