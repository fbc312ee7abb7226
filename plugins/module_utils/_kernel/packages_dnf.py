# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Kernels of dnf: packages installed beside each other in several versions, kept by versionlock."""

from __future__ import annotations

import fnmatch
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import (
    EXTRA_MODULES,
    HEADERS,
    Kernel,
    KernelPackages,
    Texts,
    Versions,
    Wanted,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.shell_file import value_of, with_value

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

SYSCONFIG = "/etc/sysconfig/kernel"
DNF_CONF = "/etc/dnf/dnf.conf"
UPDATE_DEFAULT = "UPDATEDEFAULT"
DEFAULT_LIMIT = 3
"""How many versions dnf keeps of what it installs beside each other (dnf.conf(5), installonly_limit)."""
_CORE = re.compile(r"kernel(?:-([a-z0-9]+))?-core$")
_RELEASE = re.compile(r"\d\S*\.(\w+?)(?:\+([a-z0-9]+))?$")
# Part of the name, kind; the plain name is what brings the others.
_MEMBERS = (("-core", ""), ("", ""), ("-modules-core", ""), ("-modules", ""), ("-modules-extra", EXTRA_MODULES))
_HEADERS = ("-devel", HEADERS)
# Needs headers and kernel of its own version: a new one could not be installed, and no update with it.
_MATCHED = ("-devel-matched", "matched headers")


class DnfKernels(KernelPackages):
    """``kernel-core`` has the image; a flavour stands between: ``kernel-rt-core``."""

    patterns = ("kernel", "kernel-*")
    paths = (SYSCONFIG, DNF_CONF)
    # rpm lists a package before it has run what comes at the end of the transaction.
    installs_again = True

    def flavour_of(self, release: str) -> t.Optional[str]:
        found = _RELEASE.match(release)
        return (found.group(2) or "") if found else None

    def kernels(self, packages: t.Iterable[tuple[str, str]]) -> list[Kernel]:
        found = []
        for name, version in packages:
            match = _CORE.match(name)
            if match and match.group(1) not in ("modules", "debug-modules"):
                flavour = match.group(1) or ""
                release = f"{_without_epoch(version)}.{self.architecture}" + (f"+{flavour}" if flavour else "")
                found.append(Kernel(release, flavour, name, version))
        return found

    def candidates(self, _names: t.Iterable[str], flavour: str) -> list[str]:
        return [f"kernel-{flavour}-core" if flavour else "kernel-core"]

    def members(self, kernel: Kernel) -> list[tuple[str, str]]:
        stem = kernel.package.removesuffix("-core")
        return [(kind, f"{stem}{part}") for part, kind in (*_MEMBERS, _HEADERS, _MATCHED)]

    def choose(
        self, kernel: Kernel, installed: t.Sequence[PackageStatus], available: Versions, wanted: Wanted
    ) -> dict[str, str]:
        there = {status.name for status in installed}
        versions = {(status.name, status.version) for status in installed}
        chosen: dict[str, str] = {}
        problems = []
        for kind, name in self.members(kernel):
            can_be = kernel.version in available.get(name, ()) or (name, kernel.version) in versions
            if name == kernel.package or (can_be and (not kind or name in there or wanted.forces(kind))):
                chosen[name] = kernel.version
            elif wanted.forces(kind):
                message = f"{name}-{kernel.version} is not available"
                problems.append(Problem(kind, message, "leave it out, or choose another kernel"))
        if problems:
            raise InputError(problems)
        return chosen

    def holds(self, chosen: t.Mapping[str, str], installed: t.Sequence[PackageStatus]) -> set[str]:
        held = {f"{name}-{version}" for name, version in chosen.items()}
        # What is there of other kernels alone stays as it is: a newer one needs a newer kernel, and all updates fail.
        parts = {name for kernel in self.kernels(chosen.items()) for _kind, name in self.members(kernel)}
        left = (status for status in installed if status.name in parts and status.name not in chosen)
        return held | {f"{status.name}-{status.version}" for status in left}

    def in_the_way(
        self, chosen: t.Mapping[str, str], held: t.Collection[str], installed: t.Sequence[PackageStatus]
    ) -> list[str]:
        versions = {(status.name, status.version) for status in installed}
        found = set()
        for name, version in chosen.items():
            locks = {lock for lock in held if lock == name or re.match(rf"{re.escape(name)}-[\d*]", lock)}
            # What several locks name can all be installed.
            fits = any(fnmatch.fnmatchcase(f"{name}-{version}", lock) for lock in locks)
            if (name, version) not in versions and not fits:
                found |= locks
            # Not even what is installed can be held when it is kept off.
            found |= {lock for lock in held if fnmatch.fnmatchcase(f"!{name}-{version}", lock)}
        return sorted(found)

    def keep(self, _chosen: t.Mapping[str, str], _kept: t.Sequence[Kernel], found: Texts) -> Texts:
        return {SYSCONFIG: with_value(found.get(SYSCONFIG), UPDATE_DEFAULT, "no")}

    def release_files(self, found: Texts, before: t.Mapping[str, t.Any]) -> Texts:
        if UPDATE_DEFAULT not in before:
            return {}
        return {SYSCONFIG: with_value(found.get(SYSCONFIG), UPDATE_DEFAULT, before[UPDATE_DEFAULT])}

    def noted(self, found: Texts) -> dict[str, t.Any]:
        return {UPDATE_DEFAULT: value_of(found.get(SYSCONFIG), UPDATE_DEFAULT)}

    def check(self, fallbacks: int, found: Texts) -> list[Problem]:
        limit = re.search(r"^\s*installonly_limit\s*=\s*(\d+)", found.get(DNF_CONF) or "", re.MULTILINE)
        most = int(limit.group(1)) if limit else DEFAULT_LIMIT
        if most and fallbacks + 1 > most:
            remedy = f"ask for fewer, or raise installonly_limit in {DNF_CONF}"
            return [Problem("fallbacks", f"is {fallbacks}, and dnf keeps {most} kernels in all", remedy)]
        return []


def _without_epoch(version: str) -> str:
    return version.partition(":")[2] or version
