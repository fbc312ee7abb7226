# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Lists of keys and hashes as firmware and shim keep them: EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1)."""

from __future__ import annotations

import struct
import typing as t
import uuid
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import (
    Certificate,
    parse_certificate,
)

X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
SHA256 = uuid.UUID("c1c41626-504c-4092-aca9-41f936934328")
OWNER = uuid.UUID("4d8c1b6e-98a5-5c0e-9a52-0c7a8f0e1a37")
"""Who put an entry there: this collection. Firmware does not look at it."""
_HEADER = struct.Struct("<16sIII")


@dataclass(frozen=True)
class SignatureLists:
    """What one variable holds. hashes: SHA-256 of images. others: how many entries are of further kinds.

    malformed: whether the bytes end in something that is no list.
    """

    certificates: tuple[Certificate, ...] = ()
    hashes: tuple[str, ...] = ()
    others: int = 0
    malformed: bool = False
    encoded: bytes = field(default=b"", repr=False)

    def has(self, certificate: Certificate) -> bool:
        """Whether it holds this very certificate."""
        return certificate.fingerprint_sha256 in {found.fingerprint_sha256 for found in self.certificates}


def parse_signature_lists(data: t.Optional[bytes]) -> SignatureLists:
    """The signature lists one after the other in a variable's data; None is an absent one."""
    certificates, hashes, others = [], [], 0
    data = data or b""
    offset = 0
    for kind, entries, size in _lists(data):
        for entry in entries:
            certificate = parse_certificate(entry) if kind == X509 else None
            if certificate:
                certificates.append(certificate)
            elif kind == SHA256:
                hashes.append(entry.hex())
            else:
                others += 1
        offset += size
    return SignatureLists(tuple(certificates), tuple(hashes), others, offset != len(data), data)


def render_signature_list(certificate: Certificate) -> bytes:
    """One certificate as a signature list of its own, as every list has entries of one size."""
    entry = OWNER.bytes_le + certificate.encoded
    return _HEADER.pack(X509.bytes_le, _HEADER.size + len(entry), 0, len(entry)) + entry


def without(data: bytes, certificate: Certificate) -> bytes:
    """The lists without a certificate; all others stay as they are, to the byte."""
    kept, offset = b"", 0
    for kind, entries, size in _lists(data):
        left = [entry for entry in entries if not (kind == X509 and _is(entry, certificate))]
        whole = data[offset : offset + size]
        if len(left) == len(entries):
            kept += whole
        elif left:
            (entry_size,) = struct.unpack_from("<I", whole, 24)
            start = _HEADER.size + struct.unpack_from("<I", whole, 20)[0]
            rows = [whole[at : at + entry_size] for at in range(start, len(whole), entry_size)]
            rows = [row for row in rows if not _is(row[16:], certificate)]
            kept += whole[:16] + struct.pack("<I", start + entry_size * len(rows)) + whole[20:start] + b"".join(rows)
        offset += size
    return kept + data[offset:]


def _is(entry: bytes, certificate: Certificate) -> bool:
    return entry == certificate.encoded


def _lists(data: bytes) -> t.Iterator[tuple[uuid.UUID, list[bytes], int]]:
    """Kind, entries without their owner, and size in bytes of each list, until one is malformed."""
    offset = 0
    while offset + _HEADER.size <= len(data):
        kind, size, header_size, entry_size = _HEADER.unpack_from(data, offset)
        start = _HEADER.size + header_size
        if size < start or offset + size > len(data) or entry_size <= 16 or (size - start) % entry_size:
            return
        rows = range(offset + start, offset + size, entry_size)
        yield uuid.UUID(bytes_le=kind), [data[row + 16 : row + entry_size] for row in rows], size
        offset += size
