# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates, against what openssl said of them."""

from __future__ import annotations

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import (
    Certificate,
    load_certificate,
    parse_certificate,
)

READ: list[tuple[Certificate, str, str, str, int, str]] = [
    (samples.OWN, "own", "own", "RSA", 2048, "a21549c23a09cfb2aaae472967cf4246cfa33906e9779925be6e0deafc5f4524"),
    (samples.DISTRIBUTION, "distribution", "distribution", "RSA", 1024, ""),
    (samples.VENDOR_CA, "vendor CA", "vendor CA", "RSA", 1024, ""),
    (samples.CURVE, "curve", "curve", "EC", 0, ""),
]


@pytest.mark.parametrize(("found", "subject", "issuer", "key", "bits", "fingerprint"), READ)
def test_read(found: Certificate, subject: str, issuer: str, key: str, bits: int, fingerprint: str) -> None:
    assert (found.subject, found.issuer, found.key, found.key_bits) == (subject, issuer, key, bits)
    assert not fingerprint or found.fingerprint_sha256 == fingerprint
    assert found.as_dict()["fingerprint_sha256"] == found.fingerprint_sha256


def test_serial_number() -> None:
    assert samples.OWN.serial == "4c75002cc5f413caa4283d4c41982d80f7eff411"


@pytest.mark.parametrize(
    "content", [samples.OWN_DER, samples.OWN.pem.encode(), b"text before\n" + samples.OWN.pem.encode()]
)
def test_both_forms_are_taken(content: bytes) -> None:
    assert load_certificate("certificate", "/x", content) == samples.OWN


REFUSED = [
    (None, "/x can't be read"),
    (b"", "/x is no X.509 certificate"),
    (b"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n", "no X.509 certificate"),
    (samples.OWN_DER[:-300], "no X.509 certificate"),
    (samples.DISTRIBUTION_DER, "a key that firmware does not take .RSA 1024.*2048, 3072 or 4096 bits"),
    (samples.CURVE_DER, "a key that firmware does not take .EC"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED)
def test_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_certificate("certificate", "/x", content)


def test_no_certificate() -> None:
    assert parse_certificate(b"0\x03\x02\x01\x05") is None
