# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EFI variables as files, and what boot entries name."""

from __future__ import annotations

import struct

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import efi


def node(kind: int, subkind: int, data: bytes) -> bytes:
    return struct.pack("<BBH", kind, subkind, 4 + len(data)) + data


def option(description: str, *nodes: bytes) -> bytes:
    path = b"".join(nodes) + node(0x7F, 0xFF, b"")
    return struct.pack("<IH", 1, len(path)) + description.encode("utf-16-le") + b"\0\0" + path + b"optional"


FILE = node(4, 4, "\\EFI\\debian\\shimx64.efi\0".encode("utf-16-le"))
DISK = node(4, 1, b"\0" * 38)
ENTRIES = [
    (option("debian", DISK, FILE), "/EFI/debian/shimx64.efi"),
    (option("UEFI Misc Device", node(2, 1, b"\0" * 8), node(1, 1, b"\0\0")), ""),
    (option("", FILE), "/EFI/debian/shimx64.efi"),
    (option("cut short", FILE)[:20], ""),
    (struct.pack("<IH", 1, 100) + b"x\0\0\0" + struct.pack("<BBH", 1, 1, 0), ""),
    (b"", ""),
    (None, ""),
]


@pytest.mark.parametrize(("data", "path"), ENTRIES)
def test_loader_path(data: bytes, path: str) -> None:
    assert efi.loader_path(data) == path


def test_variables() -> None:
    assert efi.path_of("db") == "/sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f"
    assert efi.path_of("PK").endswith("/PK-8be4df61-93ca-11d2-aa0d-00e098032b8c")
    assert efi.path_of("Boot0001").endswith("/Boot0001-8be4df61-93ca-11d2-aa0d-00e098032b8c")
    assert efi.path_of("MokListRT").endswith("/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23")
    assert efi.data_of(b"\x06\0\0\0\x01") == b"\x01"
    assert efi.data_of(b"\x06\0") is None
    assert efi.data_of(None) is None
    assert [efi.flag(data) for data in (b"\x01", b"\0", b"", None)] == [True, False, None, None]
    assert [efi.boot_entry(data) for data in (b"\x0a\0", b"\x01", None)] == ["Boot000A", "", ""]
