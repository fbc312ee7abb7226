# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema says what the validator does."""

from __future__ import annotations

import pathlib
import typing as t

import jsonschema
import pytest
import yaml

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys import SECTIONS, Support
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.load import load
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.schema import schema
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.schema_types import TYPES
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ROOT = pathlib.Path(__file__).resolve().parents[5]
TAKEN = [
    *sorted((ROOT / "examples" / "workloads").glob("*/compose*.yml")),
    *sorted((ROOT / "tests" / "unit" / "plugins" / "plugin_utils" / "compose_files").glob("[!n]*.yml")),
    *sorted((ROOT / "tests" / "unit" / "fixtures" / "compose").glob("*.yml")),
]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_supported_key_has_a_type_and_no_other() -> None:
    supported = {
        name: {key.name for key in section.keys.values() if key.support is Support.SUPPORTED}
        for name, section in SECTIONS.items()
    }
    assert {name: set(keys) for name, keys in TYPES.items()} == supported


def test_every_reference_leads_somewhere() -> None:
    def references(value: t.Any) -> t.Iterator[str]:
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for entry in value.values():
                yield from references(entry)
        elif isinstance(value, list):
            for entry in value:
                yield from references(entry)

    found = {entry.rpartition("/")[2] for entry in references(SCHEMA)}
    assert found == set(SCHEMA["$defs"])


@pytest.mark.parametrize("path", TAKEN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_are_taken(path: pathlib.Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))] == []


def test_there_are_examples() -> None:
    assert len(TAKEN) > 4


REFUSED = [
    "[]",
    "{sevices: {}}",
    "{services: {web: {build: [.]}}}",
    "{services: {web: {image: [a]}}}",
    "{services: {web: {image: a, prots: []}}}",
    "{services: {web: {image: a, ports: '80:80'}}}",
    "{services: {web: {image: a, ports: [{target: 80, publish: 80}]}}}",
    "{services: {web: {image: a, healthcheck: {interval: 10}}}}",
    "{services: {web: {image: a, pull_policy: daily}}}",
    "{services: {web: {image: a, deploy: {update_config: {order: start-first}}}}}",
    "{services: {web: {image: a}}, networks: {n: {driver: overlay}}}",
    "{services: {web: {image: a}}, secrets: {s: {external: true}}}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_schema_refuses_the_validator_refuses(text: str) -> None:
    document = yaml.safe_load(text)
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(InputError):
        load(document, project_name="p")


def test_a_variable_may_stand_for_a_value_and_extensions_anywhere() -> None:
    text = """
    x-top: 1
    services:
      x-frame: {anything: 1}
      web: {image: "${I}", init: "${B}", scale: "${N}", pull_policy: "${P}", x-mine: 1, healthcheck: {x-y: 2}}
    """
    assert VALIDATOR.is_valid(yaml.safe_load(text))
