# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What differs between two contracts, one entry per field, each with its reason code."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.document import (
    Document,
    check_document,
    flatten,
    unread_paths,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import HASHED, IDENTITY
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import FIELDS

SCHEMA_REASON = "schema_version"
UNREAD_REASON = "unread"


def contract_diff(left: t.Any, right: t.Any, unhashed: bool = False) -> list[dict[str, t.Any]]:
    """The differences from ``left`` to ``right``, in the schema's order; empty when a container can't tell them apart.

    Each entry has ``path``, ``group``, ``left``, ``right``, ``reason`` (a code), ``hashed`` and ``why`` (why a
    container can notice). A hashed field that one side couldn't read is a difference with the reason ``unread``,
    also when both couldn't: nothing is known about it. With ``unhashed`` the reported fields are compared as well;
    identity never is. Contracts of different schema versions differ in that alone: their fields don't compare.
    Raises InputError when a side is no contract.
    """
    left, right = check_document(left, "left"), check_document(right, "right")
    if left["schema_version"] != right["schema_version"]:
        return [
            {
                "path": "schema_version",
                "group": "schema_version",
                "left": left["schema_version"],
                "right": right["schema_version"],
                "reason": SCHEMA_REASON,
                "hashed": True,
                "why": "The contracts were written by different versions of the collection; read both again.",
            }
        ]
    return list(_differences(left, right, unhashed))


def _differences(left: Document, right: Document, unhashed: bool) -> t.Iterator[dict[str, t.Any]]:
    values = flatten(left), flatten(right)
    unread = {**unread_paths(left), **unread_paths(right)}
    for field in FIELDS:
        if field.path not in values[0] or field.section == IDENTITY or (field.section != HASHED and not unhashed):
            continue
        is_unread = field.path in unread and field.section == HASHED
        if values[0][field.path] == values[1][field.path] and not is_unread:
            continue
        yield {
            "path": field.path,
            "group": field.group,
            "left": values[0][field.path],
            "right": values[1][field.path],
            "reason": UNREAD_REASON if is_unread else field.reason,
            "hashed": field.section == HASHED,
            "why": f"It couldn't be read: {unread[field.path]}" if is_unread else field.why,
        }
