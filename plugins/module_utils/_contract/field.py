# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What the rows of the contract's field table are made of."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

HASHED = "hashed"
REPORTED = "reported"
IDENTITY = "identity"
VOLATILE = "volatile"

BOOLEAN = "boolean"
INTEGER = "integer"
LIMIT = "limit"
LIST = "list"
MAPPING = "mapping"
STRING = "string"

# Said instead of a number where the kernel sized the limit by the machine's memory and nothing pins it.
SIZED_BY_KERNEL = "sized by the kernel"
UNLIMITED = "unlimited"

_TYPES: dict[str, tuple[type, ...]] = {
    BOOLEAN: (bool,),
    INTEGER: (int,),
    LIMIT: (int, str),
    LIST: (list,),
    MAPPING: (dict,),
    STRING: (str,),
}


@dataclass(frozen=True)
class Field:
    """One field of the contract.

    path: ``group.name``, unique over all sections.
    kind: one of the kinds above; every field may also be null, which says: this host doesn't have it.
    what: what the value is and where it is read.
    why: why a container can notice it (hashed), or why it is left out of the hash (all others).
    reason: the reason code of a difference in this field.
    section: ``hashed``; ``reported`` (stable, not hashed); ``identity``; ``volatile`` (a moment's state).
    """

    path: str
    kind: str
    what: str
    why: str
    reason: str
    section: str = HASHED

    @property
    def group(self) -> str:
        """The group: what stands before the dot."""
        return self.path.split(".", 1)[0]

    @property
    def name(self) -> str:
        """The name in the group: what stands after the dot."""
        return self.path.split(".", 1)[1]

    def accepts(self, value: t.Any) -> bool:
        """Whether the value is of the field's kind. A boolean is no integer."""
        if value is None:
            return True
        if isinstance(value, bool) and self.kind != BOOLEAN:
            return False
        return isinstance(value, _TYPES[self.kind])


def hashed(path: str, kind: str, what: str, why: str, reason: str) -> Field:
    """A field a container can notice."""
    return Field(path, kind, what, why, reason)


def reported(path: str, kind: str, what: str, why: str) -> Field:
    """A stable field that isn't hashed."""
    return Field(path, kind, what, why, path.replace(".", "_"), REPORTED)


def identity(path: str, kind: str, what: str, why: str) -> Field:
    """A field that says which host this is."""
    return Field(path, kind, what, why, path.replace(".", "_"), IDENTITY)


def volatile(path: str, kind: str, what: str, why: str) -> Field:
    """A field that changes while the host stays the same host."""
    return Field(path, kind, what, why, path.replace(".", "_"), VOLATILE)
