# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""POSIX access lists as Linux keeps them in extended attributes (acl(5); include/uapi/linux/posix_acl_xattr.h)."""

from __future__ import annotations

import struct
import typing as t

ATTRIBUTES = {"system.posix_acl_access": "access", "system.posix_acl_default": "default"}

_VERSION = 2
_TAGS = {0x01: "user", 0x02: "user", 0x04: "group", 0x08: "group", 0x10: "mask", 0x20: "other"}
_NAMED_USER, _NAMED_GROUP = 0x02, 0x08

IdMap = t.Callable[[int], int]


class AclEntry(t.NamedTuple):
    """One line of an access list. id: of a user or group it names, None for the owner, the owning group and others."""

    tag: str
    id: t.Optional[int]
    permissions: int

    def text(self) -> str:
        """As getfacl(1) writes it, with numbers."""
        bits = "".join(letter if self.permissions & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
        return f"{self.tag}:{'' if self.id is None else self.id}:{bits}"


def parse(value: bytes) -> t.Optional[tuple[AclEntry, ...]]:
    """The entries of an attribute's value, or None when it is not in the known form."""
    if len(value) < 4 or (len(value) - 4) % 8 or struct.unpack_from("<I", value)[0] != _VERSION:
        return None
    found = []
    for tag, permissions, number in struct.iter_unpack("<HHI", value[4:]):
        if tag not in _TAGS:
            return None
        found.append(AclEntry(_TAGS[tag], number if tag in (_NAMED_USER, _NAMED_GROUP) else None, permissions & 7))
    return tuple(found)


def text(value: bytes) -> str:
    """The access list in one line, its entries in a fixed order; hexadecimal when it is not in the known form."""
    entries = parse(value)
    if entries is None:
        return value.hex()
    order = {"user": 0, "group": 1, "mask": 2, "other": 3}
    return ",".join(
        entry.text() for entry in sorted(entries, key=lambda e: (order[e.tag], -1 if e.id is None else e.id))
    )


def translated(line: str, user: IdMap, group: IdMap) -> str:
    """A line of :func:`text` with the ids of named users and groups translated."""
    parts = []
    for part in line.split(","):
        tag, _colon, rest = part.partition(":")
        number, _colon, bits = rest.partition(":")
        if number.isdigit() and tag in ("user", "group"):
            number = str((user if tag == "user" else group)(int(number)))
        parts.append(f"{tag}:{number}:{bits}" if bits else part)
    return ",".join(parts)
