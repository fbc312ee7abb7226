# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""EFI images (PE/COFF): who signed them, whether they are still what was signed, and their SBAT.

UEFI 2.10, 32.2.4 (WIN_CERTIFICATE in images) and 32.5.1; Microsoft's "Windows Authenticode Portable Executable
Signature Format" for the digest. Linux kernels with an EFI stub, shim, GRUB and systemd-boot are such images.
"""

from __future__ import annotations

import hashlib
import struct
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import der
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import (
    Certificate,
    parse_certificate,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pkcs7 import (
    DIGESTS,
    SignedData,
    parse_signed_data,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    parse_signature_lists,
)

_PKCS7 = 0x0002
_CERTIFICATE_TABLE = 4


@dataclass(frozen=True)
class Signature:
    """One of an image's signatures. intact: whether the image is what was signed."""

    signed: SignedData
    intact: bool

    @property
    def certificate(self) -> t.Optional[Certificate]:
        """The certificate of who signed, where it came with the signature."""
        return next((c for s in self.signed.signers for c in self.signed.certificates if s.is_by(c)), None)


@dataclass(frozen=True)
class Image:
    """digest_sha256: the Authenticode digest, by which hashes are enrolled. sbat: component and generation."""

    signatures: tuple[Signature, ...]
    digest_sha256: str
    sbat: tuple[tuple[str, int], ...] = ()
    vendor_certificates: tuple[Certificate, ...] = field(default=(), repr=False)

    def is_signed_by(self, certificate: Certificate) -> bool:
        """Whether an intact signature is this certificate's."""
        signers = [signer for signature in self.signatures if signature.intact for signer in signature.signed.signers]
        return any(signer.is_by(certificate) for signer in signers)


@dataclass(frozen=True)
class _Layout:
    """Where things are: offsets and sizes in bytes."""

    checksum: int
    directory: int
    headers: int
    table: int
    table_size: int
    sections: tuple[tuple[bytes, int, int], ...]


def parse_image(data: t.Optional[bytes]) -> t.Optional[Image]:
    """The image, or None when it is none that firmware starts."""
    try:
        layout = _layout(data or b"")
    except (struct.error, IndexError):
        return None
    if data is None or layout is None:
        return None
    sections = {name: data[start : start + size] for name, start, size in layout.sections}
    return Image(
        signatures=tuple(_signatures(data, layout)),
        digest_sha256=_digest(data, layout, "sha256").hex(),
        sbat=parse_sbat(sections.get(b".sbat", b"")),
        vendor_certificates=tuple(_vendor_certificates(sections.get(b".vendor_cert", b""))),
    )


def parse_sbat(section: bytes) -> tuple[tuple[str, int], ...]:
    """Components and generations of SBAT (shim's SBAT.md): comma-separated, after a line about the format itself."""
    rows = [line.split(",") for line in section.rstrip(b"\0").decode("utf-8", "replace").splitlines()]
    return tuple((row[0], int(row[1])) for row in rows if len(row) > 1 and row[1].strip().isdigit())


def _layout(data: bytes) -> t.Optional[_Layout]:
    if data[:2] != b"MZ":
        return None
    (start,) = struct.unpack_from("<I", data, 0x3C)
    if data[start : start + 4] != b"PE\0\0":
        return None
    count, symbols, symbol_count, optional_size = struct.unpack_from("<2xH4xIIH", data, start + 4)
    optional = start + 24
    (magic,) = struct.unpack_from("<H", data, optional)
    if magic not in (0x10B, 0x20B):
        return None
    directory = optional + (96 if magic == 0x10B else 112) + 8 * _CERTIFICATE_TABLE
    table, table_size = struct.unpack_from("<II", data, directory)
    (headers,) = struct.unpack_from("<I", data, optional + 60)
    sections = []
    for number in range(count):
        name, size, offset = struct.unpack_from("<8s8xII", data, optional + optional_size + 40 * number)
        name = name.rstrip(b"\0")
        if symbols and name[:1] == b"/" and name[1:].isdigit():  # a long name: its place among the strings
            strings = symbols + 18 * symbol_count + int(name[1:])
            name = data[strings : data.find(b"\0", strings)]
        sections.append((name, offset, size))
    return _Layout(optional + 64, directory, headers, table, table_size, tuple(sections))


def _digest(data: bytes, layout: _Layout, algorithm: str) -> bytes:
    """The digest of an image without its checksum and signatures, in the order the format says."""
    digest = hashlib.new(algorithm)
    digest.update(data[: layout.checksum])
    digest.update(data[layout.checksum + 4 : layout.directory])
    digest.update(data[layout.directory + 8 : layout.headers])
    hashed = layout.headers
    for _name, offset, size in sorted(layout.sections, key=lambda section: section[1]):
        digest.update(data[offset : offset + size])
        hashed += size
    rest = data[hashed : len(data) - layout.table_size]
    digest.update(rest)
    if not layout.table_size:
        digest.update(b"\0" * (-len(data) % 8))  # what is added before it is signed
    return digest.digest()


def _signatures(data: bytes, layout: _Layout) -> t.Iterator[Signature]:
    offset, end = layout.table, layout.table + layout.table_size
    while layout.table and offset + 8 <= min(end, len(data)):
        length, _revision, kind = struct.unpack_from("<IHH", data, offset)
        if length < 8:
            return
        signed = parse_signed_data(data[offset + 8 : offset + length]) if kind == _PKCS7 else None
        if signed is not None:
            yield Signature(signed, _is_intact(data, layout, signed))
        offset += length + -length % 8


def _is_intact(data: bytes, layout: _Layout, signed: SignedData) -> bool:
    """SpcIndirectDataContent: what is signed is the digest of the image."""
    try:
        digest_info = (signed.content or der.read(b"")).children()[1]
        algorithm, digest = digest_info.inside(der.SEQUENCE, der.OCTET_STRING)[:2]
        name = DIGESTS.get(der.object_identifier(algorithm.children()[0]), "")
    except (der.DerError, IndexError):
        return False
    return bool(name) and _digest(data, layout, name) == digest.content


def _vendor_certificates(section: bytes) -> list[Certificate]:
    """The certificates built into shim: one, or signature lists (shim's cert.S)."""
    if len(section) < 16:
        return []
    size, _refused_size, offset = struct.unpack_from("<III", section)
    content = section[offset : offset + size]
    alone = parse_certificate(content)
    return [alone] if alone else list(parse_signature_lists(content).certificates)
