# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What firmware takes for a variable of keys: signed, and newer than what it has (UEFI 2.10, 8.2.2)."""

from __future__ import annotations

import struct
import typing as t
import uuid

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import der, efi

ATTRIBUTES = struct.pack("<I", 0x27)
"""Non-volatile, for boot services and at run time, with time-based authentication; it replaces what was there."""
_PKCS7 = uuid.UUID("4aafd29d-68df-49ee-8aa9-347d375665a7").bytes_le
_WIN_CERTIFICATE = struct.Struct("<IHH")
_REVISION, _TYPE_EFI_GUID = 0x0200, 0x0EF1


def efi_time(moment: t.Sequence[int]) -> bytes:
    """EFI_TIME (UEFI 2.10, 8.3) of year, month, day, hour, minute and second in UTC; nothing else may be set in it."""
    year, *rest = moment
    return struct.pack("<HBBBBB9x", year, *rest)


def to_be_signed(name: str, time: bytes, data: bytes) -> bytes:
    """What a signature is over: name, vendor, attributes, time and data of a variable in efi.GUIDS."""
    return name.encode("utf-16-le") + uuid.UUID(efi.GUIDS[name]).bytes_le + ATTRIBUTES + time + data


def authenticated_variable(time: bytes, signature: bytes, data: bytes) -> bytes:
    """The file efivarfs takes: attributes, EFI_VARIABLE_AUTHENTICATION_2, data.

    signature: PKCS #7 as openssl writes it (DER). Firmware takes the signed data without what it is wrapped in.
    Raises DerError.
    """
    wrapped = der.read(signature).inside(der.OBJECT_IDENTIFIER, 0xA0)[1]
    signed = wrapped.inside(der.SEQUENCE)[0].encoded
    length = _WIN_CERTIFICATE.size + len(_PKCS7) + len(signed)
    return ATTRIBUTES + time + _WIN_CERTIFICATE.pack(length, _REVISION, _TYPE_EFI_GUID) + _PKCS7 + signed + data
