# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Signatures appended to kernel modules (Linux: admin-guide/module-signing.rst, module_signature.h)."""

from __future__ import annotations

import gzip
import lzma
import struct
import typing as t
import zlib
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pkcs7 import (
    Signer,
    parse_signed_data,
)

MARKER = b"~Module signature appended~\n"
PLAIN, GZIP, XZ, ZSTD = ".ko", ".ko.gz", ".ko.xz", ".ko.zst"
_PKCS7 = 2
_TRAILER = struct.Struct(">BBBBB3xI")
# What kernels and kmod read: CRC32 and a small dictionary (Linux, scripts/Makefile.modinst).
_XZ_FILTERS = [{"id": lzma.FILTER_LZMA2, "dict_size": 2 << 20}]


@dataclass(frozen=True)
class ModuleSignature:
    """signed: None when it can't be told here. signer: who, where the signature says it."""

    signed: t.Optional[bool]
    signer: t.Optional[Signer] = None


def suffix_of(name: str) -> str:
    """How a module's file is compressed, by its name; empty for what is no module."""
    return next((suffix for suffix in (GZIP, XZ, ZSTD, PLAIN) if name.endswith(suffix)), "")


def decompress(name: str, data: bytes) -> t.Optional[bytes]:
    """The module itself. None when Python's own library can't tell, as with zstd, or the file is damaged."""
    try:
        if name.endswith(XZ):
            return lzma.decompress(data)
        if name.endswith(GZIP):
            return gzip.decompress(data)
    except (lzma.LZMAError, OSError, EOFError, zlib.error):
        return None
    return data if name.endswith(PLAIN) else None


def compress(name: str, module: bytes) -> bytes:
    """The file of a module, compressed as its name says."""
    if name.endswith(XZ):
        return lzma.compress(module, check=lzma.CHECK_CRC32, filters=_XZ_FILTERS)
    return gzip.compress(module, mtime=0) if name.endswith(GZIP) else module


def parse_module(module: t.Optional[bytes]) -> ModuleSignature:
    """Whether a module, not compressed, ends in a signature, and whose it is. None is one that can't be read."""
    if module is None:
        return ModuleSignature(None)
    if not module.endswith(MARKER):
        return ModuleSignature(False)
    end = len(module) - len(MARKER) - _TRAILER.size
    if end < 0:
        return ModuleSignature(False)
    _algorithm, _hash, kind, _signer_length, _key_length, length = _TRAILER.unpack_from(module, end)
    signed = parse_signed_data(module[max(end - length, 0) : end]) if kind == _PKCS7 else None
    return ModuleSignature(True, signed.signers[0] if signed and signed.signers else None)


def parse_modinfo(text: str) -> ModuleSignature:
    """The same out of what modinfo(8) prints, for modules only kmod can decompress. It names no issuer."""
    fields = dict(line.partition(":")[::2] for line in text.splitlines() if line[:3] == "sig")
    if not fields.get("sig_id", "").strip():
        return ModuleSignature(False)
    serial = fields.get("sig_key", "").strip().replace(":", "").lower()
    return ModuleSignature(True, Signer(b"", serial, fields.get("sig_hashalgo", "").strip()))


def unsigned_loaded(taints: t.Mapping[str, str]) -> list[str]:
    """The loaded modules without a valid signature: name -> letters in ``/sys/module/<name>/taint`` (``E``)."""
    return sorted(name for name, letters in taints.items() if "E" in letters)
