# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How kernels are packaged: what every package manager's naming tells, and the values it speaks in."""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

Versions = t.Mapping[str, t.Sequence[str]]
"""What can be had: package name -> versions, the preferred one first."""
Texts = dict[str, t.Optional[str]]
"""Files: path -> text, None for a file that is not or shall not be there."""

HEADERS, EXTRA_MODULES = "headers", "extra_modules"


@dataclass(frozen=True)
class Kernel:
    """One kernel: its release, its flavour, and the package that has its image, with its version."""

    release: str
    flavour: str
    package: str
    version: str


@dataclass(frozen=True)
class Wanted:
    """headers, extra_modules: whether they shall be there; without, they are when another kernel has them."""

    headers: bool = False
    extra_modules: bool = False

    def forces(self, kind: str) -> bool:
        """Whether a kind of package is asked for."""
        return {HEADERS: self.headers, EXTRA_MODULES: self.extra_modules}.get(kind, False)


class KernelPackages(ABC):
    """The kernels of one package manager. architecture: as ``uname -m`` says."""

    patterns: tuple[str, ...] = ()
    """The shell patterns of all packages that are part of kernels or bring new ones."""
    prefix = ""
    """The beginning of the names to look for in the repositories; empty when the names are known."""
    paths: tuple[str, ...] = ()
    """The files that keep other kernels off."""
    installs_again = False
    """Whether an installation that was cut off looks like a whole one, and is done again by a request for it."""

    def __init__(self, architecture: str) -> None:
        self.architecture = architecture

    @abstractmethod
    def flavour_of(self, release: str) -> t.Optional[str]:
        """The flavour of a release, or None when it is none of this package manager's."""

    @abstractmethod
    def kernels(self, packages: t.Iterable[tuple[str, str]]) -> list[Kernel]:
        """The kernels among packages, given by name and version."""

    @abstractmethod
    def candidates(self, names: t.Iterable[str], flavour: str) -> list[str]:
        """The packages that have the images of a flavour (of all when it is empty). names: those with the prefix."""

    @abstractmethod
    def members(self, kernel: Kernel) -> list[tuple[str, str]]:
        """The packages a kernel may consist of, image included: kind and name. Kind is empty for what it can't lack."""

    @abstractmethod
    def choose(
        self, kernel: Kernel, installed: t.Sequence[PackageStatus], available: Versions, wanted: Wanted
    ) -> dict[str, str]:
        """The packages that shall be there for a kernel, with their versions. Raises InputError."""

    @abstractmethod
    def holds(self, chosen: t.Mapping[str, str], installed: t.Sequence[PackageStatus]) -> set[str]:
        """What is to be held, in the package manager's words, once the chosen packages are installed."""

    @abstractmethod
    def in_the_way(
        self, chosen: t.Mapping[str, str], held: t.Collection[str], installed: t.Sequence[PackageStatus]
    ) -> list[str]:
        """Those among what others hold that keep the chosen packages from being installed."""

    def keep(self, _chosen: t.Mapping[str, str], _kept: t.Sequence[Kernel], _found: Texts) -> Texts:
        """The files that keep other kernels off and these from being removed. found: the files as they are."""
        return {}

    def release_files(self, _found: Texts, _before: t.Mapping[str, t.Any]) -> Texts:
        """The files once the kernel is released. before: what ``noted`` told when it was pinned."""
        return {}

    def noted(self, _found: Texts) -> dict[str, t.Any]:
        """What of the files is to be remembered, so that it can be put back."""
        return {}

    def check(self, _fallbacks: int, _found: Texts) -> list[Problem]:
        """What of the intent this package manager can't hold."""
        return []


def installed_version(installed: t.Iterable[PackageStatus], name: str, version: str) -> bool:
    """Whether a package is installed in this version."""
    return any(status.name == name and status.version == version for status in installed)
