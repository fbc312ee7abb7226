# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of kernel modules."""

from __future__ import annotations

import gzip
import lzma
import struct

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.module_signature import (
    MARKER,
    compress,
    decompress,
    parse_modinfo,
    parse_module,
    suffix_of,
    unsigned_loaded,
)

MODULE = b"\x7fELF module"
SIGNED = MODULE + samples.MODULE_BY_OWN


def test_signed_by_the_kernels_own_tool() -> None:
    found = parse_module(SIGNED)
    assert found.signed
    assert found.signer is not None
    assert found.signer.is_by(samples.OWN)
    assert found.signer.digest == "sha256"


@pytest.mark.parametrize(
    ("module", "signed"),
    [
        (MODULE, False),
        (b"", False),
        (MARKER, False),
        (SIGNED[:-1], False),
        (None, None),
        (MODULE + struct.pack(">BBBBB3xI", 0, 0, 1, 0, 0, 4) + MARKER, True),
        (MODULE + struct.pack(">BBBBB3xI", 0, 0, 2, 0, 0, 9999) + MARKER, True),
    ],
)
def test_others(module: bytes, signed: bool) -> None:
    found = parse_module(module)
    assert (found.signed, found.signer) == (signed, None)


@pytest.mark.parametrize("name", ["a.ko", "a.ko.gz", "a.ko.xz"])
def test_compressed_and_back(name: str) -> None:
    packed = compress(name, SIGNED)
    assert decompress(name, packed) == SIGNED
    assert compress(name, SIGNED) == packed, "the same module is the same file"


def test_what_the_kernel_decompresses_itself() -> None:
    packed = compress("a.ko.xz", SIGNED)
    assert lzma.LZMADecompressor().decompress(packed) == SIGNED
    assert packed[6:8] == b"\x00\x01", "CRC32 (the .xz file format, 2.1.1.2)"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.ko.zst", b"x"), ("a.ko.xz", b"x"), ("a.ko.gz", gzip.compress(b"x" * 99, mtime=0)[:-9]), ("a.txt", b"")],
)
def test_what_can_not_be_read(name: str, data: bytes) -> None:
    assert decompress(name, data) is None


def test_names() -> None:
    assert [suffix_of(name) for name in ("a.ko", "a.ko.zst", "a.ko.xz", "modules.dep", ".a.ko.container-host")] == [
        ".ko",
        ".ko.zst",
        ".ko.xz",
        "",
        "",
    ]


def test_modinfo() -> None:
    text = "filename: /x\nsig_id:         PKCS#7\nsigner:   own\nsig_key:        0A:Bc\nsig_hashalgo:   sha512\n"
    found = parse_modinfo(text)
    assert found.signed
    assert found.signer is not None
    assert (found.signer.serial, found.signer.digest) == ("0abc", "sha512")
    assert parse_modinfo("filename: /x\n").signed is False


def test_loaded() -> None:
    assert unsigned_loaded({"zfs": "POE\n", "own": "O\n", "b": "E"}) == ["b", "zfs"]
