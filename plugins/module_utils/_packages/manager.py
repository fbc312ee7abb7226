# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What every package manager can do for the collection, and the values they speak in."""

from __future__ import annotations

import re
import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed, HostIO

INSTALL_TIMEOUT_SECONDS = 3600
QUERY_TIMEOUT_SECONDS = 120
LOCK_TIMEOUT_SECONDS = 180


@dataclass(frozen=True)
class PackageStatus:
    """One package on a host: its installed version (None when absent or only half installed) and whether it is held."""

    name: str
    version: t.Optional[str]
    held: bool = False


@dataclass(frozen=True)
class PackageRequest:
    """A package to install; ``version`` is exact, as the package manager writes it, or None for the newest."""

    name: str
    version: t.Optional[str] = None


class PackageManager(ABC):
    """One package manager, run through the HostIO handed in. Every method raises HostError with a clear message."""

    name = ""

    def __init__(self, io: HostIO) -> None:
        self.io = io

    @abstractmethod
    def query(self, names: t.Sequence[str]) -> dict[str, PackageStatus]:
        """The status of each named package, absent ones included. Reads local data only: fast, no network."""

    @abstractmethod
    def installed(self, patterns: t.Sequence[str]) -> list[PackageStatus]:
        """Every installed package whose name matches a shell pattern, one entry for each of its versions."""

    @abstractmethod
    def names(self, prefix: str) -> list[str]:
        """The names of the packages that can be installed and begin like this."""

    @abstractmethod
    def holds(self) -> set[str]:
        """What is held, in the words ``hold`` is told: names, with their versions where it takes them.

        With a ``!`` before it, a version that is kept off.
        """

    @abstractmethod
    def versions(self, names: t.Sequence[str]) -> dict[str, list[str]]:
        """The versions of each named package that can be installed, newest first; empty when there is none."""

    @abstractmethod
    def refresh(self, max_age_minutes: int = 0) -> None:
        """Fetch the package lists of all repositories, unless they were fetched within the last ``max_age_minutes``."""

    @abstractmethod
    def ready(self) -> None:
        """Wait until nobody else changes packages, and see that holding them is possible. Changes nothing."""

    @abstractmethod
    def install(self, requests: t.Sequence[PackageRequest], remove: t.Sequence[str] = ()) -> None:
        """Install exactly these packages and what they depend on (no recommended ones), removing ``remove``.

        With dnf, a package that is there in the very version asked for is installed again.
        """

    @abstractmethod
    def remove(self, names: t.Sequence[str]) -> None:
        """Remove these packages, keeping their data; absent ones are fine."""

    @abstractmethod
    def would_remove(self, names: t.Sequence[str]) -> list[str]:
        """What removing these packages would remove in all, packages that need them included. Changes nothing."""

    @abstractmethod
    def hold(self, names: t.Sequence[str]) -> None:
        """Keep these packages at their installed version."""

    @abstractmethod
    def unhold(self, names: t.Sequence[str]) -> None:
        """Let these packages follow upgrades again."""

    def _fail(self, done: Completed, what: str) -> t.NoReturn:
        """Raise a HostError with the last words of the package manager."""
        if done.rc == 124:
            raise HostError(f"{what}: {done.stderr}; see whether another package manager runs, then run again")
        if done.rc == 127:
            raise HostError(f"{what}: {done.stderr}; install it and run again")
        errors = re.findall(r"^(?:E: |Error: ?|error: ).*", done.stderr + "\n" + done.stdout, re.MULTILINE)
        words = errors or (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise HostError(f"{what}: {done.argv[0]} failed with {done.rc}: {' '.join(words)}")


def version_matches(version: str, wanted: str) -> bool:
    """Whether a package version is the wanted one: exactly, by its upstream part, or by a prefix of whole numbers.

    ``5:27.3.1-1~debian.13~trixie`` and ``26.1.5+dfsg1-9`` match ``27.3.1``, ``27.3`` and ``26.1.5``, ``26``.
    """
    if version == wanted:
        return True
    without_epoch = version.partition(":")[2] or version
    return re.match(rf"{re.escape(wanted)}(?![0-9A-Za-z])", without_epoch) is not None


def upstream_version(version: str) -> tuple[int, ...]:
    """The leading numbers of a package version without its epoch: ``5:27.3.1-1`` is ``(27, 3, 1)``."""
    found = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found.group(1).split(".")) if found else ()
