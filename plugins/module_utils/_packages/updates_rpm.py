# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Updates by dnf and zypper: what each says it would do, and the same for real."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.dnf_run import run_dnf
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    INSTALL_TIMEOUT_SECONDS,
    QUERY_TIMEOUT_SECONDS,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm import Dnf, Zypper
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm_output import name_of_lock
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm_version import (
    newest_first,
    sort_key,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import (
    Held,
    PackageUpdater,
    Pending,
    Update,
)

# As ``dnf needs-restarting -r`` does it: packages everything rests on, kernels apart, and OpenSSL besides.
REBOOT_PACKAGES = (
    "dbus", "dbus-broker", "dbus-daemon", "glibc", "linux-firmware", "microcode_ctl", "openssl-libs", "systemd",
)  # fmt: skip
_INSTALLING = re.compile(r"(Installing|Upgrading|Installing dependencies|Installing weak dependencies|Downgrading):$")
_REMOVING = re.compile(r"Removing.*:$")
_ROW_WORDS = 5  # name, architecture, version, repository, size; a size of 0 has no unit
_INSTALLONLY = re.compile(r"(kernel|gpg-pubkey|installonlypkg)")
_NO_WEAK = "--setopt=install_weak_deps=False"


def parse_transaction(output: str) -> Pending:
    """Parse the table of ``dnf upgrade --assumeno``, of dnf 4 or 5. Rows too long for a line go on in the next."""
    updates: list[Update] = []
    removed: list[str] = []
    words: list[str] = []
    section: t.Optional[t.Callable[[t.Sequence[str]], None]] = None

    def install(row: t.Sequence[str]) -> None:
        updates.append(Update(f"{row[0]}.{row[1]}", None, row[2].removeprefix("0:"), (row[3],)))

    def remove(row: t.Sequence[str]) -> None:
        # Of what is installed in several versions one goes.
        removed.append(f"{row[0]}-{row[2].removeprefix('0:')}")

    for line in output.splitlines():
        if not line.startswith(" "):
            text = line.strip()
            section = install if _INSTALLING.match(text) else None
            if _REMOVING.match(text):
                section = remove
            words = []
        elif section and not line.strip().startswith(("replacing ", "Replacing ")):
            # Rows are set in by one; what is set in further goes on with one, or is the rest of a row that is told.
            words = line.split() if not line.startswith("  ") else [*words, *line.split()]
            if len(words) >= _ROW_WORDS:
                section(words)
                words = []
    return Pending(tuple(sorted(updates, key=lambda update: update.name)), (), tuple(removed))


def parse_duplicates(output: str) -> tuple[str, ...]:
    """Parse ``rpm -qa`` lines of name and architecture: those there twice that can't be, after a power cut."""
    seen: set[str] = set()
    twice: set[str] = set()
    for name in output.split():
        (twice if name in seen else seen).add(name)
    return tuple(sorted(name for name in twice if not _INSTALLONLY.match(name)))


def parse_renewed(output: str, boot_seconds: int) -> tuple[str, ...]:
    """Parse lines of name, tab, time of installation: those installed after the boot."""
    rows = (line.partition("\t") for line in output.splitlines())
    return tuple(sorted({name for name, _tab, when in rows if when.isdigit() and int(when) > boot_seconds}))


def parse_zypper(output: str, security_only: bool) -> Pending:
    """Parse ``zypper --xmlout ... --dry-run``: its summary of the installation."""
    updates = []
    removed = []
    for kind, block in re.findall(r"<(to-[\w-]+)>(.*?)</\1>", output, re.DOTALL):
        for tag in re.findall(r"<solvable\b([^>]*)>", block):
            values = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if values.get("type") != "package":
                continue
            name = f"{values['name']}.{values.get('arch', '')}".rstrip(".")
            if kind == "to-remove":
                removed.append(name)
            else:
                origin = values.get("repository") or ""
                before = values.get("edition-old") or None
                updates.append(Update(name, before, values["edition"], (origin,) if origin else (), security_only))
    return Pending(tuple(sorted(updates, key=lambda update: update.name)), (), tuple(removed))


class DnfUpdater(Dnf, PackageUpdater):
    """dnf 4 and 5."""

    def pending(self, security_only: bool) -> Pending:
        secure = self._simulate(True)
        found = secure if security_only else self._simulate(False)
        names = {update.name for update in secure.updates}
        installed = self.query(sorted({update.name.rpartition(".")[0] for update in found.updates}))
        updates = []
        for update in found.updates:
            name = update.name.rpartition(".")[0]
            before = installed[name].version if name in installed and not _INSTALLONLY.match(name) else None
            updates.append(replace(update, before=before, security=update.name in names))
        return replace(found, updates=tuple(updates))

    def _simulate(self, security_only: bool) -> Pending:
        argv = ["--assumeno", _NO_WEAK, *self._upgrade(security_only)]
        done = run_dnf(self.io, argv, "reading the updates")
        # Told not to go on, it fails once there is something to do.
        if done.rc not in (0, 1) or (done.rc == 1 and "Transaction Summary" not in done.stdout):
            self._fail(done, "reading the updates")
        return parse_transaction(done.stdout)

    def update(self, security_only: bool) -> None:
        self._dnf(["-y", _NO_WEAK, *self._upgrade(security_only)], "updating packages")

    @staticmethod
    def _upgrade(security_only: bool) -> list[str]:
        return ["upgrade", *(["--security"] if security_only else [])]

    def interrupted(self) -> tuple[str, ...]:
        done = self.io.run(["rpm", "-qa", "--qf", "%{NAME}.%{ARCH}\n"], timeout_seconds=QUERY_TIMEOUT_SECONDS)
        if done.rc != 0:
            self._fail(done, "reading the installed packages")
        return parse_duplicates(done.stdout)

    def finish(self) -> None:
        self._dnf(["-y", "remove", "--duplicates"], "finishing an interrupted update")

    def held(self) -> tuple[Held, ...]:
        holds = {hold for hold in self.holds() if not hold.startswith("!")}
        there: dict[str, list[str]] = {}
        for status in self.installed(sorted({name_of_lock(hold) for hold in holds})) if holds else ():
            there.setdefault(status.name, []).append(status.version or "")
        found = []
        for name, offered in self.versions(sorted(there)).items():
            # Of what is installed in several versions the locked one counts.
            locked = [version for version in there[name] if f"{name}-{version}" in holds]
            version = newest_first(locked or there[name])[0]
            if offered and sort_key(offered[0]) > sort_key(version):
                found.append(Held(name, version, offered[0]))
        return tuple(found)

    def renewed_since(self, boot_seconds: int) -> tuple[str, ...]:
        argv = ["rpm", "-q", "--qf", "%{NAME}\t%{INSTALLTIME}\n", *REBOOT_PACKAGES]
        return parse_renewed(self.io.run(argv, timeout_seconds=QUERY_TIMEOUT_SECONDS).stdout, boot_seconds)


class ZypperUpdater(Zypper, PackageUpdater):
    """zypper of the SUSE family."""

    def pending(self, security_only: bool) -> Pending:
        argv = [*self._base, "--xmlout", *self._upgrade(security_only), "--dry-run"]
        done = self.io.run(argv, timeout_seconds=INSTALL_TIMEOUT_SECONDS, env=self._environment)
        if done.rc not in (0, 100, 101, 102, 103):  # 100 to 103 tell what to do, and are no failure (zypper(8))
            self._fail(done, "reading the updates")
        return parse_zypper(done.stdout, security_only)

    def update(self, security_only: bool) -> None:
        argv = [*self._base, *self._upgrade(security_only)]
        # 103: it has updated itself alone and is to be run again for the rest.
        for _attempt in range(2):
            done = self.io.run(argv, timeout_seconds=INSTALL_TIMEOUT_SECONDS, env=self._environment)
            if done.rc != 103:
                break
        if done.rc not in (0, 100, 101, 102):
            self._fail(done, "updating packages")

    @staticmethod
    def _upgrade(security_only: bool) -> list[str]:
        return ["patch", "--category", "security"] if security_only else ["update"]

    def interrupted(self) -> tuple[str, ...]:
        return ()

    def finish(self) -> None:
        """Nothing is told as interrupted: the next update goes on."""

    def renewed_since(self, boot_seconds: int) -> tuple[str, ...]:
        argv = ["rpm", "-q", "--qf", "%{NAME}\t%{INSTALLTIME}\n", *REBOOT_PACKAGES]
        return parse_renewed(self.io.run(argv, timeout_seconds=QUERY_TIMEOUT_SECONDS).stdout, boot_seconds)
