# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of keys as firmware takes them."""

from __future__ import annotations

import struct

import pytest
import secure_boot_samples as samples

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import der
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.authenticated_variable import (
    authenticated_variable,
    efi_time,
    to_be_signed,
)

TIME = efi_time([2026, 11, 29, 18, 27, 5])


def test_a_time_has_its_month_and_nothing_else() -> None:
    # firmware refuses a time with anything set beside these, and checks the signature over it as it stands
    assert TIME.hex() == "ea070b1d121b05" + "00" * 9


@pytest.mark.parametrize(
    ("name", "guid"),
    [("PK", "61dfe48bca93d211aa0d00e098032b8c"), ("db", "cbb219d73a3d9645a3bcdad00e67656f")],
)
def test_what_is_signed_names_the_variable(name: str, guid: str) -> None:
    plain = to_be_signed(name, TIME, b"lists")
    assert plain == name.encode("utf-16-le") + bytes.fromhex(guid) + b"\x27\0\0\0" + TIME + b"lists"


def test_the_signature_goes_without_its_wrapping() -> None:
    signature = samples.MODULE_BY_OWN
    made = authenticated_variable(TIME, signature, b"lists")
    assert made[:20] == b"\x27\0\0\0" + TIME
    length, revision, kind = struct.unpack_from("<IHH", made, 20)
    assert (revision, kind) == (0x0200, 0x0EF1)
    assert made[20 + length :] == b"lists"
    signed = made[20 + 24 : 20 + length]
    # firmware looks for the digest's name at this very place of the signed data (RFC 2315, 9.1)
    assert signed[:1] == b"\x30"
    assert der.read(signed).inside(der.INTEGER, der.SET)
    assert signed in signature


def test_no_signature() -> None:
    with pytest.raises(der.DerError):
        authenticated_variable(TIME, b"", b"lists")
