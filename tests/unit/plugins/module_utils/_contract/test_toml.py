# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TOML that engines are configured in."""

from __future__ import annotations

import sys

import pytest
from contract_hosts import CONTAINERS_CONF

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import merge_tables, parse_toml

SAMPLES = [
    CONTAINERS_CONF,
    "a = 1\n[b]\nc = \"x # no comment\" # comment\nd = 'lit\\eral'\n",
    "[x]\nlist = [\n  \"one\", # first\n  'two',\n]\nempty = []\nyes = true\nno = false\nbig = 65_536\nneg = -1\n",
    '[x.y]\ninline = { a = "1", b = [1, 2] }\nescaped = "say \\"hi\\"\\n"\n',
    "",
]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library has tomllib from 3.11 on")
@pytest.mark.parametrize("text", SAMPLES)
def test_reads_what_the_standard_library_reads(text: str) -> None:
    import tomllib

    def tables(value: dict, name: str = "") -> dict:
        found = {name: {k: v for k, v in value.items() if (name in ("",) and not isinstance(v, dict)) or name}}
        for key, inner in value.items():
            if isinstance(inner, dict) and (name == "" or name == "x"):
                found.update(tables(inner, f"{name}.{key}".lstrip(".")))
        if name == "x":
            found[name] = {k: v for k, v in value.items() if k != "y"}
        return found

    expected = {name: table for name, table in tables(tomllib.loads(text)).items() if table}
    assert {name: table for name, table in parse_toml(text).items() if table} == expected


def test_merge_is_key_by_key() -> None:
    merged = merge_tables(["[a]\nx = 1\ny = 2\n", "[a]\ny = 3\n[b]\nz = 4\n"])
    assert merged["a"] == {"x": 1, "y": 3}
    assert merged["b"] == {"z": 4}


def test_broken_text_is_skipped() -> None:
    assert parse_toml("[a]\nx = 1\nwhat is this\ny = 2\n")["a"] == {"x": 1, "y": 2}
