# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of TOML that containers.conf and storage.conf are written in; the standard library has it from 3.11 on."""

from __future__ import annotations

import re
import typing as t

_TOKEN = re.compile(
    r"""
    (?P<space>[\s,]+)
    | (?P<comment>\#[^\n]*)
    | (?P<text>\"\"\".*?\"\"\" | '''.*?''' | "(?:\\.|[^"\\])*" | '[^']*')
    | (?P<bracket>[\[\]{}=])
    | (?P<word>[^\s,\[\]{}=\#]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def parse_toml(text: str) -> dict[str, dict[str, t.Any]]:
    """Tables (by their dotted name; the root is "") with their values: strings, integers, booleans, arrays, inline
    tables. What can't be understood is skipped up to the next line; the engine itself refuses such a file.
    """
    tables: dict[str, dict[str, t.Any]] = {}
    table = tables.setdefault("", {})
    for statement in _statements(text):
        header = re.fullmatch(r"\[+\s*([^\[\]]+?)\s*\]+", statement)
        if header:
            table = tables.setdefault(header.group(1).replace('"', ""), {})
            continue
        key, equals, value = statement.partition("=")
        if equals:
            tokens = [token for token in _tokens(value) if token is not None]
            table[key.strip().strip("\"'")] = _value(tokens)
    return tables


def _statements(text: str) -> t.Iterator[str]:
    """Lines without comments; lines of an open bracket joined."""
    statement, depth = "", 0
    for line in text.splitlines():
        bare = "".join(match.group(0) for match in _TOKEN.finditer(line) if match.lastgroup != "comment")
        outside = re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", "", bare)
        depth += sum(outside.count(c) for c in "[{") - sum(outside.count(c) for c in "]}")
        statement += " " + bare
        if depth <= 0:
            if statement.strip():
                yield statement.strip()
            statement, depth = "", 0


def _tokens(text: str) -> t.Iterator[t.Any]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup in ("text", "bracket", "word"):
            yield match.group(0)


def _value(tokens: list[str]) -> t.Any:
    token = tokens.pop(0) if tokens else ""
    if token == "[":  # noqa: S105 - a bracket, no password
        items = []
        while tokens and tokens[0] != "]":
            items.append(_value(tokens))
        del tokens[:1]
        return items
    if token == "{":  # noqa: S105 - a bracket, no password
        table = {}
        while len(tokens) > 2 and tokens[0] != "}":
            key = tokens.pop(0).strip("\"'")
            del tokens[:1]
            table[key] = _value(tokens)
        del tokens[:1]
        return table
    if token[:1] == "'":
        return token[1:-1]
    if token[:1] == '"':
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(0)), token[1:-1])
    if token in ("true", "false"):
        return token == "true"  # noqa: S105 - a boolean, no password
    digits = token.replace("_", "")
    return int(digits) if re.fullmatch(r"[+-]?\d+", digits) else token


def merge_tables(texts: t.Iterable[str]) -> dict[str, dict[str, t.Any]]:
    """Several files, later ones winning key by key, as containers.conf(5) reads its own."""
    merged: dict[str, dict[str, t.Any]] = {}
    for text in texts:
        for name, table in parse_toml(text).items():
            merged.setdefault(name, {}).update(table)
    return merged
