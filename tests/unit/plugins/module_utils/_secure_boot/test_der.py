# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DER, and what is none."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot import der

GOOD: list[tuple[str, int, str, str]] = [
    ("0201ff", 0x02, "ff", "0201ff"),
    ("020105ffff", 0x02, "05", "020105"),
    ("04820003616263", 0x04, "616263", "04820003616263"),
    ("3000", 0x30, "", "3000"),
]
BAD = ["", "02", "0205ff", "3080", "1f0101", "0482ffff61"]
IDENTIFIERS = [("06062a864886f70d", "1.2.840.113549"), ("0603550403", "2.5.4.3"), ("06022b0e", "1.3.14")]


@pytest.mark.parametrize(("text", "tag", "content", "encoded"), GOOD)
def test_read(text: str, tag: int, content: str, encoded: str) -> None:
    node = der.read(bytes.fromhex(text))
    assert (node.tag, node.content.hex(), node.encoded.hex()) == (tag, content, encoded)


@pytest.mark.parametrize("text", BAD)
def test_what_is_cut_short_or_not_der_is_refused(text: str) -> None:
    with pytest.raises(der.DerError):
        der.read(bytes.fromhex(text))


@pytest.mark.parametrize(("text", "dotted"), IDENTIFIERS)
def test_object_identifier(text: str, dotted: str) -> None:
    assert der.object_identifier(der.read(bytes.fromhex(text))) == dotted


def test_the_shape_is_checked() -> None:
    node = der.read(bytes.fromhex("3006020101040141"))
    assert [inner.tag for inner in node.inside(der.INTEGER, der.OCTET_STRING)] == [2, 4]
    with pytest.raises(der.DerError, match="expected tags"):
        node.inside(der.OCTET_STRING)
    with pytest.raises(der.DerError):
        der.object_identifier(node)
