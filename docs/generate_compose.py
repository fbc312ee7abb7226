# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate the tables of docs/compose.md from the table that the validator itself reads."""

from __future__ import annotations

import importlib
import json
import re
import sys
import typing as t
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parent.parent / ".cache" / "collections"
PACKAGE = "ansible_collections.anycloud.container_host.plugins.module_utils._compose"
_HEAD = {
    "supported": "| key | note |\n| --- | --- |\n",
    "accepted, no effect": "| key accepted without effect | why |\n| --- | --- |\n",
    "refused": "| key refused | instead |\n| --- | --- |\n",
}


def sections() -> list[t.Any]:
    """The sections of the validator's table."""
    if str(COLLECTIONS) not in sys.path:
        sys.path.append(str(COLLECTIONS))
    return list(importlib.import_module(f"{PACKAGE}.keys").SECTIONS.values())


def tables(known: t.Iterable[t.Any]) -> str:
    """One heading for each section, with its keys by what becomes of them."""
    parts = []
    for section in known:
        parts.append(f"### `{section.where}`\n")
        for support, head in _HEAD.items():
            keys = [key for key in section.keys.values() if key.support.value == support]
            if keys:
                parts.append(head + "\n".join(f"| `{key.name}` | {_cell(key.text)} |" for key in keys) + "\n")
    return "\n".join(parts)


def schema() -> str:
    """The JSON Schema for editors."""
    sections()
    return json.dumps(importlib.import_module(f"{PACKAGE}.schema").schema(), indent=2) + "\n"


def lacks() -> str:
    """What one engine can't do, from the table that refuses it."""
    if str(COLLECTIONS) not in sys.path:
        sys.path.append(str(COLLECTIONS))
    module = importlib.import_module(f"{PACKAGE.rpartition('.')[0]}._engine.lacks")
    rows = [
        f"| `{lack.key}` | {lack.needs('docker') or 'no'} | {lack.needs('podman') or 'no'} | {_cell(lack.remedy)} |"
        for lack in module.LACKS
    ]
    head = "### What an engine lacks\n\n| key | Docker | Podman | instead |\n| --- | --- | --- | --- |\n"
    return head + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def page(text: str) -> str:
    """The page with the tables between its marks made anew."""
    content = f"{tables(sections())}\n{lacks()}"
    filled, count = re.subn(
        r"(<!-- begin keys -->\n).*?(<!-- end keys -->)",
        lambda found: f"{found[1]}\n{content}\n{found[2]}",
        text,
        flags=re.DOTALL,
    )
    if count != 1:
        raise SystemExit(f"docs/compose.md has the mark 'keys' {count} times; it needs it once")
    return filled
