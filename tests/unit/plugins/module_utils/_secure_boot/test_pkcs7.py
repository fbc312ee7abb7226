# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed data, as it signs images and modules."""

from __future__ import annotations

import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pkcs7 import parse_signed_data


def test_read() -> None:
    signed = parse_signed_data(samples.SHIM_BY_VENDOR[8:])
    assert signed is not None
    assert [(found.subject, found.issuer) for found in signed.certificates] == [
        ("Vendor", "vendor CA"),
        ("vendor CA", "vendor CA"),
    ]
    (signer,) = signed.signers
    assert (signer.serial, signer.digest) == ("07", "sha256")
    assert signer.is_by(signed.certificates[0])
    assert not signer.is_by(samples.VENDOR_CA)


def test_what_is_none() -> None:
    for data in (b"", b"0\x00", samples.OWN_DER, samples.SHIM_BY_VENDOR[8:-100]):
        assert parse_signed_data(data) is None
