# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Kernels of apt: each release is a package name of its own, and meta packages bring new ones."""

from __future__ import annotations

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

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

BANNER = "Managed by anycloud.container_host.kernel_pin: changes made here are undone by its next run."
PREFERENCES = "/etc/apt/preferences.d/container-host-kernel"
# Read after the package's own files, which are numbered.
CONFIGURATION = "/etc/apt/apt.conf.d/90container-host-kernel"

_MEMBER = re.compile(r"linux-(image|modules|modules-extra|headers)-(\d.*)$")
_NO_KERNEL = re.compile(r"-(dbg|dbgsym|unsigned)$")
# Names that bring whichever kernel is the newest: a kind and a flavour, or the flavour alone.
_META = re.compile(r"linux-(image|headers|modules-extra)-(?!\d)\S+$")
# A version, what a backport or a stable release adds to it, a candidate's and an ABI's number, then the flavour.
_RELEASE = re.compile(r"\d+(?:\.\d+)*(?:[+~][^-]+)?(?:-rc\d+)?(?:-\d[^-]*)?-([A-Za-z].*)$")
_FOLLOWED = {"headers": HEADERS, "modules-extra": EXTRA_MODULES}


class AptKernels(KernelPackages):
    """Images, their modules where those are packages of their own, headers and extra modules."""

    patterns = ("linux-[a-z]*",)
    prefix = "linux-image-"
    paths = (PREFERENCES, CONFIGURATION)

    def flavour_of(self, release: str) -> t.Optional[str]:
        found = _RELEASE.match(release)
        return found.group(1) if found else None

    def kernels(self, packages: t.Iterable[tuple[str, str]]) -> list[Kernel]:
        found = []
        for name, version in packages:
            match = _MEMBER.match(name)
            if match and match.group(1) == "image" and not _NO_KERNEL.search(name):
                release = match.group(2)
                found.append(Kernel(release, self.flavour_of(release) or "", name, version))
        return found

    def candidates(self, names: t.Iterable[str], flavour: str) -> list[str]:
        kernels = self.kernels((name, "") for name in names)
        return [kernel.package for kernel in kernels if not flavour or kernel.flavour == flavour]

    def members(self, kernel: Kernel) -> list[tuple[str, str]]:
        names = [("", f"linux-modules-{kernel.release}")]
        names += [(kind, f"linux-{word}-{kernel.release}") for word, kind in _FOLLOWED.items()]
        return [("", kernel.package), *names]

    def choose(
        self, kernel: Kernel, installed: t.Sequence[PackageStatus], available: Versions, wanted: Wanted
    ) -> dict[str, str]:
        there = {status.name: status.version or "" for status in installed}
        matches = (_MEMBER.match(name) for name in there)
        followed = {_FOLLOWED.get(match.group(1), "") for match in matches if match}
        chosen: dict[str, str] = {}
        problems = []
        for kind, name in self.members(kernel):
            offered = available.get(name, ())
            if name == kernel.package:
                chosen[name] = kernel.version
            elif kernel.version in offered or there.get(name) == kernel.version:
                # Of what belongs together the versions are the same.
                if not kind or kind in followed or wanted.forces(kind):
                    chosen[name] = kernel.version
            elif name in there:
                chosen[name] = there[name]
            elif offered and (not kind or kind in followed or wanted.forces(kind)):
                chosen[name] = offered[0]
            elif wanted.forces(kind):
                problems.append(Problem(kind, f"{name} is not available", "leave it out, or choose another kernel"))
        if problems:
            raise InputError(problems)
        return chosen

    def holds(self, chosen: t.Mapping[str, str], installed: t.Sequence[PackageStatus]) -> set[str]:
        flavours = {kernel.flavour for kernel in self.kernels((s.name, s.version or "") for s in installed)}
        flavours |= {kernel.flavour for kernel in self.kernels(chosen.items())}
        metas = {
            status.name
            for status in installed
            if _META.match(status.name) or any(_brings(status.name, flavour) for flavour in flavours if flavour)
        }
        return {*chosen, *metas}

    def in_the_way(
        self, chosen: t.Mapping[str, str], held: t.Collection[str], installed: t.Sequence[PackageStatus]
    ) -> list[str]:
        there = {status.name: status.version for status in installed}
        return sorted(name for name, version in chosen.items() if name in held and there.get(name) != version)

    def keep(self, chosen: t.Mapping[str, str], kept: t.Sequence[Kernel], _found: Texts) -> Texts:
        pins = [f"Package: {name}\nPin: version {version}\nPin-Priority: 1001\n" for name, version in chosen.items()]
        others = "Package: linux-image-[0-9]*\nPin: release *\nPin-Priority: -1\n"
        stay = [f'  "^linux-(image|modules|modules-extra)-{_escape(kernel.release)}$";\n' for kernel in kept]
        return {
            PREFERENCES: "\n".join([f"# {BANNER}\n", *pins, others]),
            CONFIGURATION: (
                f"// {BANNER}\n"
                "APT::NeverAutoRemove {\n" + "".join(stay) + "};\n"
                'Unattended-Upgrade::Package-Blacklist {\n  "^linux-(image|headers|modules|modules-extra)-";\n};\n'
            ),
        }

    def release_files(self, _found: Texts, _before: t.Mapping[str, t.Any]) -> Texts:
        return {PREFERENCES: None, CONFIGURATION: None}


def _brings(name: str, flavour: str) -> bool:
    """Whether a package is the meta package of a flavour: ``linux-`` and the flavour, for which others may be added."""
    return re.match(rf"linux-{re.escape(flavour)}(-hwe\S*|-edge|-lts\S*)?$", name) is not None


def _escape(release: str) -> str:
    """A release for a regular expression in a configuration file of apt, in which a backslash is itself."""
    return re.sub(r"([.+])", r"[\1]", release)
