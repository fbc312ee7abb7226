# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The shape of the table of keys."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass


class Support(enum.Enum):
    """What becomes of a key."""

    SUPPORTED = "supported"
    ACCEPTED = "accepted, no effect"
    REFUSED = "refused"


@dataclass(frozen=True)
class Key:
    """One key: ``text`` is a note, or for a refused key the remedy."""

    name: str
    support: Support
    text: str


@dataclass(frozen=True)
class Section:
    """One mapping of a Compose file and all the keys it can have."""

    name: str
    where: str
    keys: dict[str, Key]


def section(
    name: str,
    where: str,
    supported: t.Mapping[str, str],
    refused: t.Optional[t.Mapping[str, str]] = None,
    accepted: t.Optional[t.Mapping[str, str]] = None,
) -> Section:
    """A section from its keys, each with its note or remedy."""
    kinds = ((Support.SUPPORTED, supported), (Support.ACCEPTED, accepted or {}), (Support.REFUSED, refused or {}))
    return Section(name, where, {key: Key(key, kind, text) for kind, keys in kinds for key, text in keys.items()})
