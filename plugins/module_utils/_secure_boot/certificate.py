# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""X.509 certificates (RFC 5280, 4.1): who they are of, and what they are told apart by. Nothing is verified here."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import der

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_COMMON_NAME = "2.5.4.3"
_RSA = "1.2.840.113549.1.1.1"
_KEY_NAMES = {_RSA: "RSA", "1.2.840.10045.2.1": "EC"}
RSA_BITS = (2048, 3072, 4096)
"""What firmware and shim take. All are specified to take 2048; longer keys work with the usual ones."""


@dataclass(frozen=True)
class Certificate:
    """subject, issuer: their common names, or the last part of the name without one. serial: hexadecimal.

    subject_name, issuer_name: the names as they are encoded, by which certificates are chained.
    """

    subject: str
    issuer: str
    serial: str
    key: str
    key_bits: int
    fingerprint_sha256: str
    subject_name: bytes = field(repr=False)
    issuer_name: bytes = field(repr=False)
    encoded: bytes = field(repr=False)

    @property
    def pem(self) -> str:
        """The certificate as PEM (RFC 7468)."""
        text = base64.b64encode(self.encoded).decode()
        lines = "".join(f"{text[start : start + 64]}\n" for start in range(0, len(text), 64))
        return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"

    def as_dict(self) -> dict[str, str]:
        """What a module tells of it."""
        return {"subject": self.subject, "issuer": self.issuer, "fingerprint_sha256": self.fingerprint_sha256}


def parse_certificate(encoded: bytes) -> t.Optional[Certificate]:
    """The certificate that DER bytes begin with, or None."""
    try:
        whole = der.read(encoded)
        fields = whole.inside(der.SEQUENCE, der.SEQUENCE, der.BIT_STRING)[0].children()
        if fields and fields[0].tag == 0xA0:  # the version, which version 1 leaves out
            fields = fields[1:]
        serial, _algorithm, issuer, _validity, subject, public_key = fields[:6]
        key, bits = _key(public_key)
        return Certificate(
            subject=_name(subject),
            issuer=_name(issuer),
            serial=serial.content.hex(),
            key=key,
            key_bits=bits,
            fingerprint_sha256=hashlib.sha256(whole.encoded).hexdigest(),
            subject_name=subject.encoded,
            issuer_name=issuer.encoded,
            encoded=whole.encoded,
        )
    except (der.DerError, ValueError, IndexError):
        return None


def load_certificate(option: str, path: str, content: t.Optional[bytes]) -> Certificate:
    """The user's certificate, as PEM or DER. Raises InputError when it is none that firmware and shim take."""
    found = _PEM.search(content or b"")
    try:
        encoded = base64.b64decode(found.group(1)) if found else content or b""
    except binascii.Error:
        encoded = b""
    certificate = parse_certificate(encoded)
    message = ""
    if content is None:
        message, remedy = f"{path} can't be read", "give the path of a certificate on the host"
    elif certificate is None:
        message, remedy = f"{path} is no X.509 certificate", "give one as PEM or DER"
    elif certificate.key != "RSA" or certificate.key_bits not in RSA_BITS:
        message = f"{path} has a key that firmware does not take ({certificate.key} {certificate.key_bits})"
        remedy = f"give one with an RSA key of {', '.join(map(str, RSA_BITS[:-1]))} or {RSA_BITS[-1]} bits"
    if certificate is None or message:
        raise InputError([Problem(option, message, remedy)])
    return certificate


def _name(name: der.Node) -> str:
    parts = []
    for relative in name.children():
        for attribute in relative.children():
            kind, value = attribute.children()[:2]
            encoding = "utf-16-be" if value.tag == 0x1E else "utf-8"
            parts.append((der.object_identifier(kind), value.content.decode(encoding, "replace")))
    return next((text for kind, text in parts if kind == _COMMON_NAME), parts[-1][1] if parts else "")


def _key(public_key: der.Node) -> tuple[str, int]:
    algorithm, bits = public_key.inside(der.SEQUENCE, der.BIT_STRING)[:2]
    name = der.object_identifier(algorithm.children()[0])
    if name != _RSA:
        return _KEY_NAMES.get(name, name), 0
    modulus = der.read(bits.content[1:]).inside(der.INTEGER, der.INTEGER)[0]
    return "RSA", int.from_bytes(modulus.content, "big").bit_length()
