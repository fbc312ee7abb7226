# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: who signed them, and whether they are what was signed. sbverify says the same of each."""

from __future__ import annotations

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import parse_image, parse_sbat

SIGNED: list[tuple[str, bytes, list[tuple[bool, str]]]] = [
    ("nobody", samples.KERNEL, []),
    ("the distribution", samples.KERNEL_OF_DISTRIBUTION, [(True, "distribution")]),
    ("own", samples.KERNEL_OF_OWN, [(True, "own")]),
    ("both", samples.KERNEL_OF_BOTH, [(True, "distribution"), (True, "own")]),
    ("changed since", samples.KERNEL_CHANGED, [(False, "own")]),
    ("the vendor", samples.SHIM, [(True, "Vendor")]),
    ("with another's signature", samples.sign(samples.KERNEL, samples.SHIM_BY_VENDOR), [(False, "Vendor")]),
    ("a table that is cut short", samples.KERNEL_OF_OWN[:-200], []),
]


@pytest.mark.parametrize(("name", "data", "expected"), SIGNED)
def test_signatures(name: str, data: bytes, expected: list[tuple[bool, str]]) -> None:
    image = parse_image(data)
    assert image is not None
    assert [(s.intact, s.certificate.subject) for s in image.signatures if s.certificate] == expected, name


def test_a_signature_does_not_change_the_digest() -> None:
    digests = {
        image.digest_sha256
        for image in map(parse_image, (samples.KERNEL, samples.KERNEL_OF_OWN, samples.KERNEL_OF_BOTH))
        if image
    }
    assert digests == {"6258da1c7f1dc04a2ec5bbf3aeb83cdf0142efad7d397c21996db90a556d8efb"}


def test_signed_by() -> None:
    both, changed = parse_image(samples.KERNEL_OF_BOTH), parse_image(samples.KERNEL_CHANGED)
    assert both is not None
    assert changed is not None
    assert both.is_signed_by(samples.OWN)
    assert not both.is_signed_by(samples.VENDOR_CA)
    assert not changed.is_signed_by(samples.OWN)


def test_sections_of_shim() -> None:
    image = parse_image(samples.SHIM)
    assert image is not None
    assert image.sbat == (("sbat", 1), ("shim", 4))
    assert image.vendor_certificates == (samples.DISTRIBUTION,)


@pytest.mark.parametrize("data", [None, b"", b"MZ", b"\x7fELF" * 100, b"MZ" + b"\0" * 200, samples.KERNEL[:80]])
def test_no_image(data: bytes) -> None:
    assert parse_image(data) is None


def test_sbat() -> None:
    assert parse_sbat(b"sbat,1,x\ngrub,5,y\nrotten\n,\n\0\0") == (("sbat", 1), ("grub", 5))
