# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move import acl

VALUE = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", *entry)
    for entry in [(0x01, 6, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF), (0x02, 7, 9), (0x02, 4, 8), (0x04, 4, 0), (0x10, 7, 0)]
)


def test_text_has_a_fixed_order() -> None:
    assert acl.text(VALUE) == "user::rw-,user:8:r--,user:9:rwx,group::r--,mask::rwx,other::---"


@pytest.mark.parametrize("value", [b"", b"\x01\0\0\0", VALUE[:-1], struct.pack("<IHHI", 2, 0x40, 7, 0)])
def test_another_form_is_kept_as_it_is(value: bytes) -> None:
    assert acl.parse(value) is None
    assert acl.text(value) == value.hex()


def test_only_named_ids_are_translated() -> None:
    line = "user::rw-,user:8:r--,group::r--,group:8:r-x,mask::rwx,other::---"
    after = acl.translated(line, lambda number: number + 1, lambda number: number + 2)
    assert after == "user::rw-,user:9:r--,group::r--,group:10:r-x,mask::rwx,other::---"
