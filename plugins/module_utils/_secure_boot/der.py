# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reading DER (ITU-T X.690, 8 and 10), as far as certificates and signatures need it."""

from __future__ import annotations

import typing as t

INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER = 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET = 0x30, 0x31


class DerError(ValueError):
    """The bytes are no DER, or not of the shape that was expected."""


class Node(t.NamedTuple):
    """One value. encoded: the whole of it, tag and length included."""

    tag: int
    content: bytes
    encoded: bytes

    def children(self) -> list[Node]:
        """The values inside a constructed one."""
        found, offset = [], 0
        while offset < len(self.content):
            node = read(self.content, offset)
            found.append(node)
            offset += len(node.encoded)
        return found

    def inside(self, *tags: int) -> list[Node]:
        """The values inside, which have to begin with those of these tags."""
        found = self.children()
        if [node.tag for node in found[: len(tags)]] != list(tags):
            raise DerError(f"expected tags {tags}, got {[node.tag for node in found]}")
        return found


def read(data: bytes, offset: int = 0) -> Node:
    """The value that begins at an offset; what follows it is ignored. Raises DerError."""
    try:
        tag, length, start = data[offset], data[offset + 1], offset + 2
    except IndexError as error:
        raise DerError("cut short") from error
    if tag & 0x1F == 0x1F or length == 0x80:
        raise DerError("a form that signatures don't use")
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + length > len(data):
        raise DerError("cut short")
    return Node(tag, data[start : start + length], data[offset : start + length])


def object_identifier(node: Node) -> str:
    """An object identifier in dotted form."""
    if node.tag != OBJECT_IDENTIFIER or not node.content:
        raise DerError("no object identifier")
    numbers, value = [], 0
    for byte in node.content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))
