# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A JSON Schema (draft 2020-12) of the Compose files that are taken, for editors, made of the tables of keys.

It is wider than the validator where JSON Schema can't say it, or where a variable may stand (``"${PORT}"``), and never
narrower: what the validator takes, the schema takes.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys import SECTIONS
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_table import Section, Support
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.schema_types import EMPTY_ALLOWED, TYPES

Schema = dict[str, t.Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENSION = "^x-"


def schema() -> Schema:
    """The whole schema; its root is the section ``project``."""
    definitions = {name: _section(section) for name, section in SECTIONS.items() if name != "project"}
    return {
        "$schema": DIALECT,
        "title": "Compose file of a workload",
        "description": "The part of the Compose Specification that one container host carries out.",
        **_section(SECTIONS["project"]),
        "$defs": definitions,
    }


def _section(section: Section) -> Schema:
    properties = {}
    for key in section.keys.values():
        if key.support is Support.REFUSED:
            properties[key.name] = {"not": {}, "description": f"Not supported: {key.text}."}
        elif key.support is Support.ACCEPTED:
            properties[key.name] = {"description": f"Without effect: {key.text}."}
        else:
            note = {"description": key.text} if key.text else {}
            properties[key.name] = {**TYPES[section.name][key.name], **note}
    return {
        "type": ["object", "null"] if section.name in EMPTY_ALLOWED else "object",
        "properties": properties,
        "patternProperties": {_EXTENSION: {}},
        "additionalProperties": False,
    }
