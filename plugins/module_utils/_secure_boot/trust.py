# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether an image is started with Secure Boot on: what firmware and shim go by (UEFI 2.10, 32.5.3.3; shim's README).

What is certain is that signatures fit, and who says to have made them. Only firmware calculates with keys; so this
tells what will be refused, and is no proof that something is accepted.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import SignatureLists

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import Certificate
    from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image, Signature

UEFI, BIOS = "uefi", "bios"


@dataclass(frozen=True)
class Firmware:
    """What firmware and shim tell. reason: why that is nothing; empty when they do. lists: by the variable's name.

    shim: whether shim started this system. shim_checks: whether it checks what comes after it.
    """

    kind: str
    reason: str = ""
    enabled: t.Optional[bool] = None
    setup_mode: t.Optional[bool] = None
    shim: bool = False
    shim_checks: bool = True
    sbat_level: str = ""
    lists: t.Mapping[str, SignatureLists] = field(default_factory=dict)

    def list_of(self, name: str) -> SignatureLists:
        """What a variable holds; nothing when it is absent."""
        return self.lists.get(name) or SignatureLists()

    @property
    def checks_kernels(self) -> bool:
        """Whether a kernel nobody trusts is refused at the next start."""
        return bool(self.enabled) and (self.shim_checks or not self.shim)


@dataclass(frozen=True)
class Anchors:
    """What is trusted: certificates, names of issuers, hashes of images. refused: lists of what never is."""

    certificates: tuple[Certificate, ...] = ()
    names: frozenset[bytes] = frozenset()
    hashes: frozenset[str] = frozenset()
    refused: tuple[SignatureLists, ...] = ()

    def end(self, signature: Signature) -> bool:
        """Whether a signature's certificate, or one that it was issued by, is trusted, and none of them refused."""
        fingerprints = {certificate.fingerprint_sha256 for certificate in self.certificates}
        names = {certificate.subject_name for certificate in self.certificates} | self.names
        chain = chain_of(signature)
        if any(lists.has(certificate) for certificate in chain for lists in self.refused):
            return False
        if not chain:  # the certificate did not come with it
            signers = signature.signed.signers
            return any(signer.is_by(found) for signer in signers for found in self.certificates)
        return any(found.fingerprint_sha256 in fingerprints or found.issuer_name in names for found in chain)


def chain_of(signature: Signature) -> list[Certificate]:
    """The certificate that signed, and those that came with it and issued the one before."""
    chain: list[Certificate] = []
    current = signature.certificate
    while current is not None and current not in chain:
        chain.append(current)
        issuer = current.issuer_name
        current = next((found for found in signature.signed.certificates if found.subject_name == issuer), None)
    return chain


def anchors_of(firmware: Firmware, images: t.Iterable[t.Optional[Image]], running: t.Optional[Image]) -> Anchors:
    """What this host trusts. images: the boot loaders, shim among them, with the certificates built into it.

    running: the kernel that runs. It was accepted if kernels are checked, and so is what else its makers sign.
    """
    lists = [firmware.list_of(name) for name in ("db", "MokListRT")]
    built_in = [certificate for image in images if image for certificate in image.vendor_certificates]
    accepted = running.signatures if running and firmware.checks_kernels else ()
    return Anchors(
        certificates=(*(certificate for found in lists for certificate in found.certificates), *built_in),
        names=frozenset(found.issuer_name for signature in accepted for found in chain_of(signature)),
        hashes=frozenset(digest for found in lists for digest in found.hashes),
        refused=tuple(firmware.list_of(name) for name in ("dbx", "MokListXRT")),
    )


def refusal(image: t.Optional[Image], anchors: Anchors) -> str:
    """Why an image is refused with Secure Boot on; empty when nothing speaks against it, or it can't be told."""
    if image is None:
        return ""
    if any(image.digest_sha256 in lists.hashes for lists in anchors.refused):
        return "its hash is among those that are refused (dbx)"
    if image.digest_sha256 in anchors.hashes:
        return ""
    if not image.signatures:
        return "it is not signed"
    intact = [signature for signature in image.signatures if signature.intact]
    if not intact:
        return "it is not what was signed"
    if any(anchors.end(signature) for signature in intact):
        return ""
    names = sorted({signature.certificate.subject for signature in intact if signature.certificate})
    return f"it is signed by {', '.join(names) or 'somebody unknown'}, whom neither firmware nor shim trusts"
