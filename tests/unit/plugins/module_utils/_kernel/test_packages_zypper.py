# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels of zypper."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel, Wanted
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_zypper import ZypperKernels
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus

ZYPPER = ZypperKernels("x86_64")
NEW = Kernel("6.4.0-150600.23.7-default", "default", "kernel-default", "6.4.0-150600.23.7.3")


def test_kernels() -> None:
    packages = [("kernel-default", NEW.version), ("kernel-default-devel", NEW.version), ("kernel-macros", NEW.version)]
    assert ZYPPER.kernels(packages) == [NEW]
    assert ZYPPER.flavour_of(NEW.release) == "default"
    assert ZYPPER.candidates((), "") == ["kernel-default"]


def test_what_belongs_to_a_kernel_and_is_held_by_name() -> None:
    available = {"kernel-default-devel": [NEW.version]}
    assert ZYPPER.choose(NEW, [], available, Wanted()) == {"kernel-default": NEW.version}
    chosen = ZYPPER.choose(NEW, [], available, Wanted(headers=True))
    assert ZYPPER.holds(chosen, []) == {"kernel-default", "kernel-default-devel"}
    with pytest.raises(InputError, match="extra_modules"):
        ZYPPER.choose(NEW, [], available, Wanted(extra_modules=True))


def test_locks_in_the_way() -> None:
    chosen = {"kernel-default": NEW.version}
    assert ZYPPER.in_the_way(chosen, ["kernel-default"], []) == ["kernel-default"]
    assert ZYPPER.in_the_way(chosen, ["kernel-default"], [PackageStatus("kernel-default", NEW.version)]) == []
