# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is to be done so that a kernel and its modules are signed with the user's key."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import Certificate
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import (
        ModuleSignature,
    )
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image

STORE = "/var/lib/container-host/kernel-originals"
"""Where images are kept as they were. Not in /boot: boot loaders' generators take what looks like a kernel there."""
MARK = "/var/lib/container-host/kernel-modules-signed"
"""Its files, one per release, say that modules were signed and the initial RAM disk still has them as they were."""
SIGNATURE_BYTES = 64 * 1024
"""More than a signature takes, the alignment before it included."""
DEFAULT_HASH = "sha256"


@dataclass(frozen=True)
class Module:
    """One module's file."""

    path: str
    size_bytes: int
    signature: ModuleSignature


@dataclass(frozen=True)
class Kernel:
    """A kernel as it is. image: None when it is none that firmware starts. modules: none where they don't matter.

    free_bytes: what is left on the file systems of the image, of the copies kept, and of the modules.
    ramdisk_is_stale: whether an earlier run ended between the modules and the initial RAM disk.
    """

    release: str
    path: str
    size_bytes: int
    image: t.Optional[Image]
    modules: tuple[Module, ...] = ()
    free_bytes: tuple[int, int, int] = (0, 0, 0)
    ramdisk_is_stale: bool = False


@dataclass(frozen=True)
class SignPlan:
    """sign_image, restore_image: what is done to the image. modules: the paths of those to sign."""

    difference: Difference = field(default_factory=Difference)
    sign_image: bool = False
    restore_image: bool = False
    forget_copy: bool = False
    modules: tuple[str, ...] = ()
    make_ramdisk: bool = False

    def actions(self, kernel: Kernel) -> list[str]:
        """What is done, one line per action."""
        lines = [f"keep {kernel.path} in {STORE}", f"sign {kernel.path}"] if self.sign_image else []
        lines += [f"put back {kernel.path} as it was"] if self.restore_image else []
        lines += [f"remove the copy of {kernel.path}"] if self.forget_copy else []
        lines += [f"sign {path}" for path in self.modules]
        return lines + ([f"make the initial RAM disk of {kernel.release} anew"] if self.make_ramdisk else [])


def signers(image: t.Optional[Image]) -> list[str]:
    """Who signed an image, as far as it is still what they signed."""
    intact = [signature for signature in (image.signatures if image else ()) if signature.intact]
    return [signature.certificate.subject for signature in intact if signature.certificate]


def plan_signing(kernel: Kernel, certificate: Certificate) -> SignPlan:
    """The plan. Raises HostError for what can't be, before anything is touched."""
    if kernel.image is None:
        raise HostError(f"{kernel.path} is no image that firmware starts: build the kernel with CONFIG_EFI_STUB")
    unreadable = [module.path for module in kernel.modules if module.signature.signed is None]
    if unreadable:
        raise HostError(f"{unreadable[0]} can't be read ({len(unreadable)} modules in all); install the kernel again")
    difference = Difference()
    before = signers(kernel.image)
    is_signed = kernel.image.is_signed_by(certificate)
    difference.compare("image signed by", before, before if is_signed else [*before, certificate.subject])
    unsigned = tuple(module for module in kernel.modules if not module.signature.signed)
    difference.compare("unsigned modules", len(unsigned), 0)
    if kernel.ramdisk_is_stale:
        difference.compare("initial RAM disk", "has modules as they were before they were signed", "made anew")
    plan = SignPlan(
        difference,
        sign_image=not is_signed,
        modules=tuple(module.path for module in unsigned),
        make_ramdisk=bool(unsigned) or kernel.ramdisk_is_stale,
    )
    _check_room(kernel, plan, unsigned)
    return plan


def plan_restoring(kernel: Kernel, original: t.Optional[Image], has_copy: bool, refused: str) -> SignPlan:
    """The plan to put back the image as it was. refused: why that one would not be started, empty when it would."""
    if not has_copy:
        return SignPlan()
    difference = Difference()
    same = original is not None and kernel.image is not None and original.digest_sha256 == kernel.image.digest_sha256
    difference.compare("copy of the original", "kept", None)
    if not same:  # another image has come since: there is nothing to put back
        return SignPlan(difference, forget_copy=True)
    if refused:
        raise HostError(
            f"{kernel.path} as it was would not be started with Secure Boot on: {refused}; turn it off first, or leave "
            "the kernel signed"
        )
    difference.compare("image signed by", signers(kernel.image), signers(original))
    return SignPlan(difference, restore_image=True)


def hash_of_modules(options: t.Mapping[str, str], release: str) -> str:
    """The digest a kernel's own build signs its modules with. Raises HostError when it checks none."""
    if options and options.get("MODULE_SIG") != "y":
        raise HostError(f"kernel {release} does not check modules' signatures (CONFIG_MODULE_SIG is not set)")
    return options.get("MODULE_SIG_HASH") or DEFAULT_HASH


def _check_room(kernel: Kernel, plan: SignPlan, unsigned: t.Sequence[Module]) -> None:
    mib = 1024 * 1024
    growth = 4096 * len(unsigned) + max((10 * module.size_bytes for module in unsigned), default=0)
    needed = (
        ("/boot", kernel.size_bytes + SIGNATURE_BYTES if plan.sign_image else 0),
        (STORE, kernel.size_bytes if plan.sign_image else 0),
        (f"/lib/modules/{kernel.release}", growth),
    )
    for (where, wanted), free in zip(needed, kernel.free_bytes):
        if free < wanted:
            raise HostError(f"{where} has {free // mib} MiB left, and {-(-wanted // mib)} MiB are needed; make room")
