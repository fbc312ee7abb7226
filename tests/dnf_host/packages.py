# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic packages in the shape of those of Enterprise Linux 9, built by rpmbuild, and repositories of them.

A kernel is what it is there: kernel brings kernel-core and kernel-modules of the same version, these need
kernel-modules-core, several versions are installed beside each other, and what is installed with kernel-core writes an
entry of the boot menu and honours UPDATEDEFAULT (kernel-install's 20-grub.install).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import typing as t
from pathlib import Path

ARCH = os.uname().machine
KERNELS = ("5.14.0-70.13.1.el9", "5.14.0-362.8.1.el9", "5.14.0-427.13.1.el9", "5.14.0-503.14.1.el9")
OLDEST, OLD, NEW, NEWEST = KERNELS
"""In the order of their age, which is not the order of their letters."""
RUNS = OLD
"""What dnf takes for the running kernel. It asks the kernel itself, and then whose /boot/vmlinuz-... that one's is."""
PARTS = ("kernel", "kernel-core", "kernel-modules", "kernel-modules-core")
EXTRAS = ("kernel-modules-extra", "kernel-devel")

HEAD = """\
%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
Name: {name}
Epoch: {epoch}
Version: {version}
Release: {release}
Summary: Made for a test
License: none
AutoReqProv: no
"""
KERNEL = (
    HEAD
    + """\
%global uname %{{version}}-%{{release}}.%{{_target_cpu}}
Requires: kernel-core-uname-r = %{{uname}}, kernel-modules-uname-r = %{{uname}}
%description
Made for a test.

%package core
Summary: The image
Provides: installonlypkg(kernel), kernel-core-uname-r = %{{uname}}, kernel-uname-r = %{{uname}}
Requires: kernel-modules-core-uname-r = %{{uname}}, grub2-tools
%description core
Made for a test.

%package modules-core
Summary: The modules a start takes
Provides: installonlypkg(kernel-module), kernel-modules-core-uname-r = %{{uname}}
Requires: kernel-uname-r = %{{uname}}
%description modules-core
Made for a test.

%package modules
Summary: The usual modules
Provides: installonlypkg(kernel-module), kernel-modules-uname-r = %{{uname}}
Requires: kernel-uname-r = %{{uname}}
%description modules
Made for a test.

%package modules-extra
Summary: The others
Provides: installonlypkg(kernel-module)
Requires: kernel-uname-r = %{{uname}}
%description modules-extra
Made for a test.

%package devel
Summary: What modules are built with
Provides: installonlypkg(kernel)
%description devel
Made for a test.

%package devel-matched
Summary: Has both in the same version; installed once
Requires: kernel-devel = %{{version}}-%{{release}}, kernel-core = %{{version}}-%{{release}}
%description devel-matched
Made for a test.

%install
mkdir -p %{{buildroot}}/boot
head -c 40000 /dev/zero > %{{buildroot}}/boot/vmlinuz-%{{uname}}
{runs}

%files
%files core
/boot/vmlinuz-*
%files modules-core
%files modules
%files modules-extra
%files devel
%files devel-matched

%posttrans core
/usr/local/sbin/kernel-install add %{{uname}}

%preun core
/usr/local/sbin/kernel-install remove %{{uname}}
"""
)
PLAIN = (
    HEAD
    + """\
{lines}
%description
Made for a test.
%files
{scripts}
"""
)


class Package(t.NamedTuple):
    """One package: lines are more of its head, scripts what it runs."""

    name: str
    version: str
    release: str = "1.el9"
    epoch: int = 0
    lines: str = ""
    scripts: str = ""

    @property
    def nevr(self) -> str:
        """As updateinfo.xml names it."""
        return f"{self.name}-{self.version}-{self.release}"


# What the machine under test has of its own and not from packages.
BASE = Package("base", "1", lines="Provides: /bin/sh, grub2-tools, system-release = 9")
# Goes on when the test says so: another run of dnf in the middle of its transaction.
SLOW = Package("slow", "1", scripts="%pre\ntouch /run/slow\nwhile [ -e /run/slow ]; do sleep 0.1; done")
FIRST = (BASE, SLOW, Package("tool", "1.9"), Package("library", "1.0", epoch=1), Package("glibc", "2.34"))
LATER = (Package("tool", "1.10"), Package("library", "1.1", epoch=1), Package("glibc", "2.35"))
SECURE = ("library", "glibc")
"""Those among the later ones that an advisory for security names; kernels are none."""


def build(folder: Path) -> dict[str, Path]:
    """Build all packages; returns the repositories there are, by name: first, later (with advisories)."""
    first, later = folder / "first", folder / "later"
    for repository, packages, kernels in ((first, FIRST, KERNELS[:3]), (later, LATER, KERNELS[3:])):
        repository.mkdir(parents=True)
        texts = {package.nevr: PLAIN.format(**package._asdict()) for package in packages}
        for kernel in kernels:
            version, _dash, release = kernel.partition("-")
            runs = f"touch %{{buildroot}}/boot/vmlinuz-{os.uname().release}" if kernel == RUNS else ""
            texts[kernel] = KERNEL.format(name="kernel", epoch=0, version=version, release=release, runs=runs)
        for name, text in texts.items():
            specification = folder / f"{name}.spec"
            specification.write_text(text, encoding="utf-8")
            _run("rpmbuild", "-bb", "--quiet", f"--define=_topdir {folder}/build", f"--define=_rpmdir {repository}",
                 "--define=_build_id_links none", str(specification))  # fmt: skip
        _run("createrepo_c", "--quiet", "--no-database", str(repository))
    _advise(later, [package for package in LATER if package.name in SECURE])
    return {"first": first, "later": later}


def with_only(repositories: t.Sequence[Path], folder: Path, unwanted: t.Sequence[str]) -> Path:
    """A repository of all packages of others but those whose file names begin like this."""
    folder.mkdir()
    for path in (path for repository in repositories for path in repository.rglob("*.rpm")):
        if not path.name.startswith(tuple(unwanted)):
            shutil.copy(path, folder)
    _run("createrepo_c", "--quiet", "--no-database", str(folder))
    return folder


def _advise(repository: Path, packages: t.Iterable[Package]) -> None:
    """Put an advisory for security into a repository."""
    rows = "".join(
        f'<package name="{one.name}" epoch="{one.epoch}" version="{one.version}" release="{one.release}" arch="{ARCH}">'
        f"<filename>{one.nevr}.{ARCH}.rpm</filename></package>"
        for one in packages
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><updates><update from="test" status="final" type="security" version="1">'
        "<id>TEST-2026:1</id><title>A hole</title><severity>Important</severity>"
        '<issued date="2026-01-01 00:00:00"/><updated date="2026-01-01 00:00:00"/><description>A hole</description>'
        f'<pkglist><collection short="test"><name>test</name>{rows}</collection></pkglist></update></updates>'
    )
    path = repository / "updateinfo.xml"
    path.write_text(text, encoding="utf-8")
    _run("modifyrepo_c", "--mdtype=updateinfo", str(path), str(repository / "repodata"))


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: failed with {done.returncode}: {done.stderr or done.stdout}")
