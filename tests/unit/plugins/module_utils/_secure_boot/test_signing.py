# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans to sign a kernel, and to put it back."""

from __future__ import annotations

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import (
    ModuleSignature,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import parse_image
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signing import (
    Kernel,
    Module,
    hash_of_modules,
    plan_restoring,
    plan_signing,
    signers,
)

PATH = "/boot/vmlinuz-1"
PLENTY = (1 << 30, 1 << 30, 1 << 30)
MODULES = tuple(
    Module(f"/lib/modules/1/{name}.ko", 1000, ModuleSignature(signed)) for name, signed in (("a", True), ("b", False))
)


def kernel(
    data: bytes, modules: tuple[Module, ...] = (), free: tuple[int, int, int] = PLENTY, stale: bool = False
) -> Kernel:
    return Kernel("1", PATH, 10 << 20, parse_image(data), modules, free, stale)


def test_image_and_modules() -> None:
    seen = kernel(samples.KERNEL_OF_DISTRIBUTION, MODULES)
    plan = plan_signing(seen, samples.OWN)
    assert plan.sign_image
    assert plan.modules == ("/lib/modules/1/b.ko",)
    assert plan.difference.before_after() == {
        "before": {"image signed by": ["distribution"], "unsigned modules": 1},
        "after": {"image signed by": ["distribution", "own"], "unsigned modules": 0},
    }
    assert [line.split()[0] for line in plan.actions(seen)] == ["keep", "sign", "sign", "make"]


@pytest.mark.parametrize(
    ("data", "sign"),
    [
        (samples.KERNEL, True),
        (samples.KERNEL_OF_OWN, False),
        (samples.KERNEL_OF_BOTH, False),
        (samples.KERNEL_CHANGED, True),
    ],
)
def test_what_is_signed_already_stays(data: bytes, sign: bool) -> None:
    plan = plan_signing(kernel(data), samples.OWN)
    assert plan.sign_image is sign
    assert bool(plan.difference) is sign


def test_an_interrupted_run_is_finished() -> None:
    plan = plan_signing(kernel(samples.KERNEL_OF_OWN, MODULES[:1], stale=True), samples.OWN)
    assert (plan.sign_image, plan.modules, plan.make_ramdisk) == (False, (), True)
    assert plan.difference


UNREADABLE = (Module("/lib/modules/1/c.ko.xz", 1, ModuleSignature(None)),)
REFUSED = [
    (kernel(b"\x7fELF"), "no image that firmware starts: build the kernel with CONFIG_EFI_STUB"),
    (kernel(samples.KERNEL, UNREADABLE), "c.ko.xz can't be read .1 modules in all"),
    (kernel(samples.KERNEL, free=(1 << 20, 1 << 30, 1 << 30)), "/boot has 1 MiB left, and 11 MiB are needed"),
    (kernel(samples.KERNEL, free=(1 << 30, 0, 1 << 30)), "/var/lib/container-host/kernel-originals has 0 MiB left"),
    (kernel(samples.KERNEL_OF_OWN, MODULES, (0, 0, 0)), "/lib/modules/1 has 0 MiB left"),
]


@pytest.mark.parametrize(("seen", "message"), REFUSED)
def test_refused(seen: Kernel, message: str) -> None:
    with pytest.raises(HostError, match=message):
        plan_signing(seen, samples.OWN)


def test_put_back() -> None:
    seen, original = kernel(samples.KERNEL_OF_OWN), parse_image(samples.KERNEL)
    plan = plan_restoring(seen, original, has_copy=True, refused="")
    assert plan.restore_image
    assert plan.difference.before_after()["after"] == {"copy of the original": None, "image signed by": []}
    assert plan.actions(seen) == [f"put back {PATH} as it was"]
    with pytest.raises(HostError, match="would not be started with Secure Boot on: it is not signed"):
        plan_restoring(seen, original, has_copy=True, refused="it is not signed")


def test_nothing_to_put_back() -> None:
    assert not plan_restoring(kernel(samples.KERNEL_OF_OWN), None, has_copy=False, refused="").difference
    other = kernel(samples.SHIM)
    plan = plan_restoring(other, parse_image(samples.KERNEL), has_copy=True, refused="it is not signed")
    assert (plan.restore_image, plan.forget_copy) == (False, True)
    assert plan.actions(other) == [f"remove the copy of {PATH}"]


def test_signers() -> None:
    assert signers(parse_image(samples.KERNEL_OF_BOTH)) == ["distribution", "own"]
    assert signers(parse_image(samples.KERNEL_CHANGED)) == []
    assert signers(None) == []


def test_hash() -> None:
    assert hash_of_modules({"MODULE_SIG": "y", "MODULE_SIG_HASH": "sha512"}, "1") == "sha512"
    assert hash_of_modules({}, "1") == "sha256"
    with pytest.raises(HostError, match="CONFIG_MODULE_SIG is not set"):
        hash_of_modules({"HZ": "250"}, "1")
