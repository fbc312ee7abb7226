# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Secure Boot refuses."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.pe import Image, parse_image
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.signature_list import SignatureLists
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.trust import (
    Firmware,
    anchors_of,
    chain_of,
    refusal,
)


def image(data: bytes) -> Image:
    found = parse_image(data)
    assert found is not None
    return found


def certificates(*found: samples.Certificate) -> SignatureLists:
    return SignatureLists(certificates=found)


DIGEST = image(samples.KERNEL).digest_sha256
CASES: list[tuple[str, bytes, dict[str, SignatureLists], str]] = [
    ("own key in db", samples.KERNEL_OF_OWN, {"db": certificates(samples.OWN)}, ""),
    ("own key with shim", samples.KERNEL_OF_OWN, {"MokListRT": certificates(samples.OWN)}, ""),
    ("own key nowhere", samples.KERNEL_OF_OWN, {"db": certificates(samples.VENDOR_CA)}, "signed by own, whom neither"),
    ("nobody", samples.KERNEL, {"db": certificates(samples.OWN)}, "it is not signed"),
    ("nobody, hash enrolled", samples.KERNEL, {"MokListRT": SignatureLists(hashes=(DIGEST,))}, ""),
    ("hash refused", samples.KERNEL_OF_OWN, {"db": certificates(samples.OWN), "dbx": SignatureLists(hashes=(DIGEST,))},
     "its hash is among those that are refused"),
    ("key refused", samples.KERNEL_OF_OWN, {"db": certificates(samples.OWN), "MokListXRT": certificates(samples.OWN)},
     "signed by own, whom neither"),
    ("one of two", samples.KERNEL_OF_BOTH, {"db": certificates(samples.OWN)}, ""),
    ("changed", samples.KERNEL_CHANGED, {"db": certificates(samples.OWN)}, "it is not what was signed"),
    ("issued by an authority", samples.SHIM, {"db": certificates(samples.VENDOR_CA)}, ""),
    ("authority refused", samples.SHIM, {"db": certificates(samples.VENDOR_CA), "dbx": certificates(samples.VENDOR_CA)},
     "signed by Vendor"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "lists", "reason"), CASES)
def test_refusal(name: str, data: bytes, lists: dict[str, SignatureLists], reason: str) -> None:
    anchors = anchors_of(Firmware("uefi", enabled=True, lists=lists), [], None)
    found = refusal(image(data), anchors)
    assert (reason in found) if reason else not found, name


def test_what_can_not_be_read_is_not_refused() -> None:
    assert refusal(None, anchors_of(Firmware("uefi"), [], None)) == ""


def test_shim_has_the_certificate_of_the_distribution_built_in() -> None:
    firmware = Firmware("uefi", enabled=True)
    kernel = image(samples.KERNEL_OF_DISTRIBUTION)
    assert refusal(kernel, anchors_of(firmware, [None], None))
    assert not refusal(kernel, anchors_of(firmware, [None, image(samples.SHIM)], None))


def test_what_signed_the_running_kernel_was_accepted_if_kernels_are_checked() -> None:
    kernel = image(samples.KERNEL_OF_DISTRIBUTION)
    assert not refusal(kernel, anchors_of(Firmware("uefi", enabled=True), [], kernel))
    assert refusal(kernel, anchors_of(Firmware("uefi", enabled=False), [], kernel))


def test_chain() -> None:
    (signature,) = image(samples.SHIM).signatures
    assert [found.subject for found in chain_of(signature)] == ["Vendor", "vendor CA"]
    alone = dataclasses.replace(signature, signed=dataclasses.replace(signature.signed, certificates=()))
    assert chain_of(alone) == []


@pytest.mark.parametrize(
    ("values", "checks"),
    [
        ({"enabled": True}, True),
        ({"enabled": True, "shim": True}, True),
        ({"enabled": True, "shim": True, "shim_checks": False}, False),
        ({"enabled": False, "shim": True}, False),
        ({}, False),
    ],
)
def test_whether_kernels_are_checked(values: dict[str, t.Any], checks: bool) -> None:
    assert Firmware("uefi", **values).checks_kernels is checks
