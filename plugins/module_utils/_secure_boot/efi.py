# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""EFI variables as Linux shows them (efivarfs: four bytes of attributes, then the data)."""

from __future__ import annotations

import struct
import typing as t

FOLDER = "/sys/firmware/efi/efivars"
MOK_FOLDER = "/sys/firmware/efi/mok-variables"
"""Shim's variables in whole, without attributes; as EFI variables, long ones are cut in pieces."""
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
"""EFI_GLOBAL_VARIABLE (UEFI 2.10, 3.3): SecureBoot, SetupMode, PK, KEK, BootCurrent."""
SECURITY_DATABASE = "d719b2cb-3d3a-4596-a3bc-dad00e67656f"
"""EFI_IMAGE_SECURITY_DATABASE_GUID (UEFI 2.10, 32.4.1): db, dbx."""
SHIM = "605dab50-e046-4300-abb6-3dd810dd8b23"
"""SHIM_LOCK_GUID: what shim tells the operating system, and what it is asked to do at the next boot."""

GUIDS: t.Mapping[str, str] = {
    "SecureBoot": GLOBAL,
    "SetupMode": GLOBAL,
    "BootCurrent": GLOBAL,
    "PK": GLOBAL,
    "KEK": GLOBAL,
    "db": SECURITY_DATABASE,
    "dbx": SECURITY_DATABASE,
    "MokListRT": SHIM,
    "MokListXRT": SHIM,
    "MokSBStateRT": SHIM,
    "SbatLevelRT": SHIM,
    "MokNew": SHIM,
    "MokDel": SHIM,
}


def path_of(name: str) -> str:
    """Where efivarfs has a variable. Boot entries (``Boot0001``) are global variables too."""
    return f"{FOLDER}/{name}-{GUIDS.get(name, GLOBAL)}"


def data_of(content: t.Optional[bytes]) -> t.Optional[bytes]:
    """A variable's data out of its file; None is an absent or malformed one."""
    return content[4:] if content is not None and len(content) >= 4 else None


def flag(data: t.Optional[bytes]) -> t.Optional[bool]:
    """A variable of one byte that is 0 or 1."""
    return None if not data else data[0] == 1


def boot_entry(data: t.Optional[bytes]) -> str:
    """The name of the boot entry in BootCurrent (UEFI 2.10, 3.3), empty without one."""
    return f"Boot{struct.unpack_from('<H', data)[0]:04X}" if data and len(data) >= 2 else ""


def loader_path(data: t.Optional[bytes]) -> str:
    """The file a boot entry names, with forward slashes; empty when it names none, as those of whole disks.

    EFI_LOAD_OPTION (UEFI 2.10, 3.1.3) with a media device path of the kind file path (10.3.5.4).
    """
    if not data or len(data) < 6:
        return ""
    (length,) = struct.unpack_from("<4xH", data)
    offset = 6
    while data[offset : offset + 2] not in (b"\0\0", b""):  # the description
        offset += 2
    offset += 2
    end = offset + length
    while offset + 4 <= min(end, len(data)):
        kind, subkind, size = struct.unpack_from("<BBH", data, offset)
        if (kind, subkind) == (4, 4):
            return data[offset + 4 : offset + size].decode("utf-16-le", "replace").rstrip("\0").replace("\\", "/")
        if size < 4 or kind == 0x7F:
            break
        offset += size
    return ""
