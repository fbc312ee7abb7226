# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never two writers on one volume."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.digest import volume_digest
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Volume
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

LONG = "{type: volume, source: data, target: /d, volume: {subpath: %s}}"

CASES: list[tuple[str, str, list[str]]] = [
    ("one writer", "{a: {volumes: ['data:/d']}, b: {volumes: ['data:/d:ro']}}", []),
    ("two writers", "{a: {volumes: ['data:/d']}, b: {volumes: ['data:/e']}}", ["b"]),
    ("three writers", "{a: {volumes: ['data:/d']}, b: {volumes: ['data:/e']}, c: {volumes: ['data:/f']}}", ["b", "c"]),
    ("two volumes", "{a: {volumes: ['data:/d']}, b: {volumes: ['other:/d']}}", []),
    ("declared", "{a: {volumes: ['shared:/d']}, b: {volumes: ['shared:/d']}}", []),
    ("replicas", "{a: {scale: 2, volumes: ['data:/d']}}", ["a"]),
    ("replicas that read", "{a: {scale: 2, volumes: ['data:/d:ro']}}", []),
    ("two parts", f"{{a: {{volumes: [{LONG % 'x'}]}}, b: {{volumes: [{LONG % 'y/z'}]}}}}", []),
    ("a part in a part", f"{{a: {{volumes: [{LONG % 'x'}]}}, b: {{volumes: [{LONG % 'x/y'}]}}}}", ["b"]),
    ("a part and all", f"{{a: {{volumes: [{LONG % 'x'}]}}, b: {{volumes: ['data:/d']}}}}", ["b"]),
    (
        "one after the other",
        "{a: {volumes: ['data:/d']}, b: {volumes: ['data:/d'], depends_on: {a: {condition: DONE}}}}",
        [],
    ),
    (
        "one long after the other",
        "{a: &w {volumes: ['data:/d']}, b: {<<: *w, depends_on: [m]}, m: {depends_on: {a: {condition: DONE}}}}",
        [],
    ),
    ("one beside the other", "{a: {volumes: ['data:/d']}, b: {volumes: ['data:/d'], depends_on: [a]}}", ["b"]),
]


@pytest.mark.parametrize(("_case", "services", "expected"), CASES)
def test_writers(_case: str, services: str, expected: list[str]) -> None:
    document: dict[str, t.Any] = {
        "services": yaml.safe_load(services.replace("DONE", "service_completed_successfully"))
    }
    for keys in document["services"].values():
        keys["image"] = "x"
    document["volumes"] = {"data": {}, "other": {}, "shared": {"x-shared-writers": True}}
    try:
        load(document, project_name="p")
        found = []
    except InputError as error:
        found = [problem.path for problem in error.problems]
    assert found == [f"services.{name}.volumes" for name in expected]


def test_the_remedy_names_the_declaration() -> None:
    document = {
        "services": {name: {"image": "x", "volumes": ["data:/d"]} for name in ("a", "b")},
        "volumes": {"data": {"x-shared-writers": "perhaps"}},
    }
    with pytest.raises(InputError) as caught:
        load(document, project_name="p")
    first, second = caught.value.problems
    assert first.path == "volumes.data.x-shared-writers"
    assert "a writes to volume data as well" in second.message
    assert "x-shared-writers: true on volume data" in second.remedy


def test_a_declaration_makes_no_other_volume() -> None:
    assert volume_digest(Volume("v", shared_writers=True)) == volume_digest(Volume("v"))
