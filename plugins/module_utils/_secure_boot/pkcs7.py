# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""PKCS #7 signed data (RFC 2315, 9; RFC 5652, 5), which signs EFI images and kernel modules."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import der
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import (
    Certificate,
    parse_certificate,
)

_SIGNED_DATA = "1.2.840.113549.1.7.2"
DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


@dataclass(frozen=True)
class Signer:
    """Who signed: the certificate's issuer and serial number. digest: what was used, by its usual name."""

    issuer_name: bytes = field(repr=False)
    serial: str
    digest: str

    def is_by(self, certificate: Certificate) -> bool:
        """Whether this certificate's key is said to have signed."""
        return (self.issuer_name, self.serial) == (certificate.issuer_name, certificate.serial)


@dataclass(frozen=True)
class SignedData:
    """certificates: those that came with it. content: what was signed, where it is inside, as DER."""

    signers: tuple[Signer, ...]
    certificates: tuple[Certificate, ...]
    content: t.Optional[der.Node] = field(repr=False, default=None)


def parse_signed_data(encoded: bytes) -> t.Optional[SignedData]:
    """Signed data that DER bytes begin with, or None."""
    try:
        kind, wrapped = der.read(encoded).inside(der.OBJECT_IDENTIFIER, 0xA0)[:2]
        if der.object_identifier(kind) != _SIGNED_DATA:
            return None
        parts = wrapped.inside(der.SEQUENCE)[0].inside(der.INTEGER, der.SET, der.SEQUENCE)
        content = parts[2].children()[1:]
        certificates = [node for part in parts[3:] if part.tag == 0xA0 for node in part.children()]
        signers = [node for part in parts[3:] if part.tag == der.SET for node in part.children()]
        parsed = (parse_certificate(node.encoded) for node in certificates)
        return SignedData(
            signers=tuple(_signer(node) for node in signers),
            certificates=tuple(certificate for certificate in parsed if certificate),
            content=content[0].children()[0] if content else None,
        )
    except (der.DerError, IndexError):
        return None


def _signer(node: der.Node) -> Signer:
    _version, identifier, digest = node.children()[:3]
    name = der.object_identifier(digest.children()[0])
    digest_name = DIGESTS.get(name, name)
    if identifier.tag != der.SEQUENCE:  # by the identifier of the key: nothing to compare names with
        return Signer(b"", identifier.content.hex(), digest_name)
    issuer, serial = identifier.inside(der.SEQUENCE, der.INTEGER)
    return Signer(issuer.encoded, serial.content.hex(), digest_name)
