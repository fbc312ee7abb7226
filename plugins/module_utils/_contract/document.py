# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The contract's document: observed values in, sections and ids out."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.canonical import canonical_json
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.digest import contract_id, group_ids
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import (
    HASHED,
    IDENTITY,
    REPORTED,
    VOLATILE,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import (
    FIELDS,
    FIELDS_BY_PATH,
    SCHEMA_VERSION,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

Document = dict[str, t.Any]


def build_document(values: t.Mapping[str, t.Any], unread: t.Mapping[str, str]) -> tuple[Document, dict[str, t.Any]]:
    """The document, and beside it the volatile values as path -> value.

    ``values`` has every field of the schema that could be read (null says: not on this host); ``unread`` has the
    others, each with the reason. The document is::

        schema_version, contract_id, group_ids {group: id},
        hashed {group: {field: value}}, reported {group: {field: value}}, identity {field: value},
        unread [{path, reason}]

    An id covers what was read only: the contract's id is null while any hashed field is unread, a group's id while
    any of its own is. Raises InputError when a field is missing, unknown, or of the wrong kind.
    """
    _check(values, unread)
    sections: dict[str, dict[str, dict[str, t.Any]]] = {HASHED: {}, REPORTED: {}, IDENTITY: {}, VOLATILE: {}}
    for field in FIELDS:
        sections[field.section].setdefault(field.group, {})[field.name] = values.get(field.path)
    hashed = sections[HASHED]
    incomplete = {path.split(".")[0] for path in unread if FIELDS_BY_PATH[path].section == HASHED}
    ids: dict[str, t.Optional[str]] = {
        group: None if group in incomplete else digest for group, digest in group_ids(hashed).items()
    }
    document: Document = {
        "schema_version": SCHEMA_VERSION,
        "contract_id": None if incomplete else contract_id(hashed),
        "group_ids": ids,
        "hashed": hashed,
        "reported": sections[REPORTED],
        "identity": sections[IDENTITY]["identity"],
        "unread": [{"path": path, "reason": unread[path]} for path in sorted(unread)],
    }
    volatile = {f"{group}.{name}": v for group, fields in sections[VOLATILE].items() for name, v in fields.items()}
    return document, volatile


def _check(values: t.Mapping[str, t.Any], unread: t.Mapping[str, str]) -> None:
    problems = [
        Problem(path, "is no field of the contract", "add it to the schema's table")
        for path in sorted({*values, *unread} - set(FIELDS_BY_PATH))
    ]
    for field in FIELDS:
        if field.path not in values:
            if field.path not in unread:
                problems.append(Problem(field.path, "was not observed", "say null when the host doesn't have it"))
            continue
        value = values[field.path]
        if not field.accepts(value):
            problems.append(Problem(field.path, f"is {value!r}", f"a value of kind {field.kind} is due"))
            continue
        try:
            canonical_json(value)
        except InputError as error:
            problems.extend(Problem(field.path, problem.message, problem.remedy) for problem in error.problems)
    if problems:
        raise InputError(problems)


def flatten(document: Document) -> dict[str, t.Any]:
    """All stable fields of a document as path -> value, in the schema's order."""
    flat = {}
    for field in FIELDS:
        if field.section == IDENTITY:
            flat[field.path] = document["identity"].get(field.name)
        elif field.section != VOLATILE:
            flat[field.path] = document[field.section].get(field.group, {}).get(field.name)
    return flat


def unread_paths(document: Document) -> dict[str, str]:
    """The fields that couldn't be read, as path -> reason."""
    return {entry["path"]: entry["reason"] for entry in document["unread"]}


def check_document(document: t.Any, where: str) -> Document:
    """The document itself when it is one; InputError naming ``where`` and what is wrong when it isn't."""
    remedy = "give the value `contract` that host_contract_info returned"
    if not isinstance(document, dict):
        raise InputError([Problem(where, f"is {type(document).__name__}, not a contract", remedy)])
    kinds = {"schema_version": int, "group_ids": dict, "hashed": dict, "reported": dict, "identity": dict}
    problems = [
        Problem(f"{where}.{key}", "is missing" if key not in document else "is of the wrong type", remedy)
        for key, kind in {**kinds, "unread": list}.items()
        if not isinstance(document.get(key), kind)
    ]
    if "contract_id" not in document:
        problems.append(Problem(f"{where}.contract_id", "is missing", remedy))
    if problems:
        raise InputError(problems)
    return document
