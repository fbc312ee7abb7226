# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The contract's digests: one over all that is hashed, one per group."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.canonical import canonical_json
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import SCHEMA_VERSION


def sha256_hex(value: t.Any) -> str:
    """SHA-256 over the canonical JSON of ``value``, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def contract_id(hashed: t.Mapping[str, t.Mapping[str, t.Any]], schema_version: int = SCHEMA_VERSION) -> str:
    """The contract's id: the digest of ``{"hashed": ..., "schema_version": ...}``."""
    return sha256_hex({"hashed": hashed, "schema_version": schema_version})


def group_ids(hashed: t.Mapping[str, t.Mapping[str, t.Any]], schema_version: int = SCHEMA_VERSION) -> dict[str, str]:
    """One digest per group, so that hosts with different engines can be seen to agree in all other groups."""
    return {
        group: sha256_hex({"fields": fields, "group": group, "schema_version": schema_version})
        for group, fields in hashed.items()
    }
