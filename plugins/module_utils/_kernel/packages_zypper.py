# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Kernels of zypper: packages installed beside each other, named by flavour, kept by locks on their names."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import (
    EXTRA_MODULES,
    HEADERS,
    Kernel,
    KernelPackages,
    Versions,
    Wanted,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

_IMAGE = re.compile(r"kernel-([a-z0-9]+)$")
_NO_FLAVOURS = frozenset({"devel", "docs", "firmware", "headers", "macros", "source", "syms"})
_RELEASE = re.compile(r"\d\S*-([a-z0-9]+)$")
_MEMBERS = (("", ""), ("-extra", EXTRA_MODULES), ("-devel", HEADERS))


class ZypperKernels(KernelPackages):
    """A lock on a name keeps every version of it from coming and from going."""

    patterns = ("kernel-*",)

    def flavour_of(self, release: str) -> t.Optional[str]:
        found = _RELEASE.match(release)
        return found.group(1) if found else None

    def kernels(self, packages: t.Iterable[tuple[str, str]]) -> list[Kernel]:
        found = []
        for name, version in packages:
            match = _IMAGE.match(name)
            if match and match.group(1) not in _NO_FLAVOURS:
                # The last number counts how often the package was built; the kernel doesn't know it.
                release = re.sub(r"\.\d+$", "", version.partition(":")[2] or version)
                found.append(Kernel(f"{release}-{match.group(1)}", match.group(1), name, version))
        return found

    def candidates(self, _names: t.Iterable[str], flavour: str) -> list[str]:
        return [f"kernel-{flavour or 'default'}"]

    def members(self, kernel: Kernel) -> list[tuple[str, str]]:
        return [(kind, f"{kernel.package}{part}") for part, kind in _MEMBERS]

    def choose(
        self, kernel: Kernel, installed: t.Sequence[PackageStatus], available: Versions, wanted: Wanted
    ) -> dict[str, str]:
        there = {status.name for status in installed}
        chosen = {kernel.package: kernel.version}
        problems = []
        for kind, name in self.members(kernel)[1:]:
            can_be = kernel.version in available.get(name, ()) or any(
                status.name == name and status.version == kernel.version for status in installed
            )
            if can_be and (name in there or wanted.forces(kind)):
                chosen[name] = kernel.version
            elif wanted.forces(kind):
                message = f"{name}-{kernel.version} is not available"
                problems.append(Problem(kind, message, "leave it out, or choose another kernel"))
        if problems:
            raise InputError(problems)
        return chosen

    def holds(self, chosen: t.Mapping[str, str], _installed: t.Sequence[PackageStatus]) -> set[str]:
        return set(chosen)

    def in_the_way(
        self, chosen: t.Mapping[str, str], held: t.Collection[str], installed: t.Sequence[PackageStatus]
    ) -> list[str]:
        versions = {(status.name, status.version) for status in installed}
        return sorted(name for name, version in chosen.items() if name in held and (name, version) not in versions)
