# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document and its ids: what is hashed changes them, what isn't doesn't."""

from __future__ import annotations

import hashlib
import json
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.canonical import canonical_json
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.document import (
    build_document,
    check_document,
    flatten,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import (
    BOOLEAN,
    HASHED,
    INTEGER,
    LIMIT,
    LIST,
    MAPPING,
    STRING,
    Field,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import (
    FIELDS,
    FIELDS_BY_PATH,
    GROUP_TITLES,
    HASHED_FIELDS,
    HASHED_GROUPS,
    SCHEMA_VERSION,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

SAMPLES: dict[str, tuple[t.Any, t.Any]] = {
    BOOLEAN: (True, False),
    INTEGER: (1, 2),
    LIMIT: (1, "unlimited"),
    LIST: (["a"], ["a", "b"]),
    MAPPING: ({"a": 1}, {"a": 2}),
    STRING: ("a", "b"),
}
VALUES = {field.path: SAMPLES[field.kind][0] for field in FIELDS}


def changed(field: Field) -> dict[str, t.Any]:
    return {**VALUES, field.path: SAMPLES[field.kind][1]}


def test_schema() -> None:
    assert len(FIELDS_BY_PATH) == len(FIELDS), "a path stands twice in the table"
    assert {field.group for field in FIELDS} == set(GROUP_TITLES)
    for field in FIELDS:
        assert field.path.count(".") == 1, field.path
        assert field.what.strip(), field.path
        assert field.why.strip(), field.path
        assert field.reason.replace("_", "").isalnum(), field.path


@pytest.mark.parametrize("field", HASHED_FIELDS, ids=lambda field: field.path)
def test_a_hashed_field_changes_the_ids(field: Field) -> None:
    before, _ = build_document(VALUES, {})
    for value in (SAMPLES[field.kind][1], None):
        after, _ = build_document({**VALUES, field.path: value}, {})
        assert after["contract_id"] != before["contract_id"]
        moved = {group for group in before["group_ids"] if after["group_ids"][group] != before["group_ids"][group]}
        assert moved == {field.group}


@pytest.mark.parametrize("field", [f for f in FIELDS if f.section != HASHED], ids=lambda field: field.path)
def test_no_other_field_changes_an_id(field: Field) -> None:
    before, _ = build_document(VALUES, {})
    after, _ = build_document(changed(field), {})
    assert (after["contract_id"], after["group_ids"]) == (before["contract_id"], before["group_ids"])


def test_the_id_is_what_the_documentation_says() -> None:
    document, _ = build_document(VALUES, {})
    text = json.dumps(
        {"hashed": document["hashed"], "schema_version": SCHEMA_VERSION}, sort_keys=True, separators=(",", ":")
    )
    assert document["contract_id"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_document_has_every_field_and_survives_json() -> None:
    document, volatile = build_document(VALUES, {})
    again = json.loads(json.dumps(document))
    assert canonical_json(again) == canonical_json(document)
    assert {**flatten(again), **volatile} == VALUES
    assert set(document["group_ids"]) == set(HASHED_GROUPS)


def test_unread_fields_take_the_ids_away() -> None:
    values = {path: value for path, value in VALUES.items() if path not in ("lsm.active", "os.id")}
    document, _ = build_document(values, {"lsm.active": "run as root", "os.id": "x"})
    assert document["contract_id"] is None
    assert [group for group, digest in document["group_ids"].items() if digest is None] == ["lsm"]
    assert document["unread"] == [{"path": "lsm.active", "reason": "run as root"}, {"path": "os.id", "reason": "x"}]
    complete, _ = build_document({**VALUES, "os.id": None}, {"os.id": "x"})
    assert complete["contract_id"] is not None


TEST_PROBLEMS: list[tuple[dict[str, t.Any], list[str], str]] = [
    ({}, ["kernel.release"], "kernel.release: was not observed; say null"),
    ({"kernel.colour": 1}, [], "kernel.colour: is no field of the contract"),
    ({"kernel.release": 6}, [], "kernel.release: is 6; a value of kind string is due"),
    ({"engine.running": 1}, [], "engine.running: is 1; a value of kind boolean is due"),
    ({"limits.pid_max": True}, [], "limits.pid_max: is True; a value of kind limit is due"),
    ({"limits.pid_max": 2**60}, [], "limits.pid_max: 1152921504606846976 is too large an integer"),
    ({"kernel.config_options": {"HZ": 0.5}}, [], "kernel.config_options: a value of type float"),
]


@pytest.mark.parametrize(("more", "less", "message"), TEST_PROBLEMS)
def test_problems(more: dict[str, t.Any], less: list[str], message: str) -> None:
    values = {path: value for path, value in {**VALUES, **more}.items() if path not in less}
    with pytest.raises(InputError) as caught:
        build_document(values, {})
    assert str(caught.value).startswith(message)
    assert len(caught.value.problems) == 1


def test_all_problems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        build_document({}, {})
    assert len(caught.value.problems) == len(FIELDS)


TEST_NO_DOCUMENTS: list[tuple[t.Any, str]] = [
    ("text", "left: is str, not a contract"),
    ({}, "left.schema_version: is missing"),
    ({"schema_version": "1"}, "left.schema_version: is of the wrong type"),
]


@pytest.mark.parametrize(("value", "message"), TEST_NO_DOCUMENTS)
def test_no_document(value: t.Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        check_document(value, "left")
    assert str(caught.value).startswith(message)
