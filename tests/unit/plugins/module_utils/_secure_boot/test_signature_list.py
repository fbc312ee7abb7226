# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signature lists, as firmware and shim keep them."""

from __future__ import annotations

import struct
import uuid

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import (
    OWNER,
    SHA256,
    X509,
    parse_signature_lists,
    render_signature_list,
    without,
)


def make(kind: uuid.UUID, *entries: bytes, header: bytes = b"") -> bytes:
    rows = b"".join(b"\x11" * 16 + entry for entry in entries)
    size = 16 + len(entries[0])
    return kind.bytes_le + struct.pack("<III", 28 + len(header) + len(rows), len(header), size) + header + rows


HASHES = make(SHA256, b"\xaa" * 32, b"\xbb" * 32)
OWN, DISTRIBUTION = render_signature_list(samples.OWN), render_signature_list(samples.DISTRIBUTION)


def test_read() -> None:
    odd = make(uuid.UUID(int=7), b"\0" * 8, header=b"1234")
    found = parse_signature_lists(OWN + HASHES + odd + DISTRIBUTION)
    assert found.certificates == (samples.OWN, samples.DISTRIBUTION)
    assert found.hashes == ("aa" * 32, "bb" * 32)
    assert (found.others, found.malformed) == (1, False)
    assert found.has(samples.OWN)
    assert not found.has(samples.VENDOR_CA)


@pytest.mark.parametrize("data", [b"", None])
def test_nothing(data: bytes) -> None:
    found = parse_signature_lists(data)
    assert (found.certificates, found.malformed) == ((), False)


@pytest.mark.parametrize(
    "data",
    [b"\0" * 10, OWN[:-1], OWN + b"\0" * 28, OWN + X509.bytes_le + struct.pack("<III", 28, 0, 0), OWN + OWN[:40]],
)
def test_what_is_malformed_is_said_and_the_rest_is_read(data: bytes) -> None:
    found = parse_signature_lists(data)
    assert found.malformed
    assert found.certificates == ((samples.OWN,) if data.startswith(OWN[:-1]) and len(data) >= len(OWN) else ())


def test_rendered_as_the_specification_says() -> None:
    kind, size, header_size, entry_size = struct.unpack_from("<16sIII", OWN)
    assert uuid.UUID(bytes_le=kind) == X509
    assert (size, header_size, entry_size) == (len(OWN), 0, len(OWN) - 28)
    assert OWN[28:44] == OWNER.bytes_le
    assert OWN[44:] == samples.OWN_DER


def test_one_is_taken_out_and_the_others_stay() -> None:
    padded = samples.DISTRIBUTION_DER.ljust(len(samples.OWN_DER), b"\0")
    shared = make(X509, samples.OWN_DER, padded)
    assert without(DISTRIBUTION + OWN + HASHES, samples.OWN) == DISTRIBUTION + HASHES
    assert without(shared, samples.OWN) == make(X509, padded)
    assert without(DISTRIBUTION, samples.OWN) == DISTRIBUTION
    assert without(OWN, samples.OWN) == b""
