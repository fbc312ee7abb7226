# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What every package manager can do about updates, and the values they speak in."""

from __future__ import annotations

import typing as t
from abc import abstractmethod
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageManager


@dataclass(frozen=True)
class Update:
    """One package that changes. before: None for a package that is new. origins: where the new version comes from.

    security: whether it comes as a security update.
    """

    name: str
    before: t.Optional[str]
    after: str
    origins: tuple[str, ...] = ()
    security: bool = False

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return {
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "origins": list(self.origins),
            "security": self.security,
        }


@dataclass(frozen=True)
class Held:
    """A package that is held although another version is offered."""

    name: str
    version: str
    offered: str

    def as_dict(self) -> dict[str, str]:
        """As plain values for a module's result."""
        return {"name": self.name, "version": self.version, "offered": self.offered}


@dataclass(frozen=True)
class Pending:
    """updates: what a run installs. kept_back: what it leaves, since a package would have to go, or its turn is later.

    removed: what has to go.
    """

    updates: tuple[Update, ...] = ()
    kept_back: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class PackageUpdater(PackageManager):
    """A package manager that brings a host up to date. Held packages are left alone, by the package manager itself."""

    @abstractmethod
    def pending(self, security_only: bool) -> Pending:
        """What ``update`` would do, as the lists on the host have it. Changes nothing."""

    @abstractmethod
    def update(self, security_only: bool) -> None:
        """Install the updates. Waits for another run's lock, for a bounded time."""

    @abstractmethod
    def interrupted(self) -> tuple[str, ...]:
        """The packages an earlier run was interrupted at. Changes nothing."""

    @abstractmethod
    def finish(self) -> None:
        """Finish what was interrupted."""

    def renewed_since(self, _boot_seconds: int) -> tuple[str, ...]:
        """The packages that count only after a reboot and were installed after it (seconds of the epoch)."""
        return ()

    def held(self) -> tuple[Held, ...]:
        """The held packages that would be updated otherwise."""
        names = sorted(self.holds())
        statuses = self.query(names)
        offered = self.versions([name for name in names if statuses[name].version is not None])
        found = []
        for name, versions in offered.items():
            version = statuses[name].version or ""
            if versions and version != versions[0]:
                found.append(Held(name, version, versions[0]))
        return tuple(found)
