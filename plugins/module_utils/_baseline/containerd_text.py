# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The plug-ins containerd does not load, in the text of its configuration: the list is changed, the rest stays."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.toml import parse_toml

KEY = "disabled_plugins"

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_LIST = re.compile(rf"^[ \t]*{KEY}[ \t]*=[ \t]*\[", re.MULTILINE)
_VERSION = re.compile(r"^[ \t]*version[ \t]*=.*$", re.MULTILINE)


def version_of(text: str) -> int:
    """The version a configuration is written in; 1 where it does not say (containerd's docs/PLUGINS.md)."""
    version = parse_toml(text).get("", {}).get("version", 1)
    return version if isinstance(version, int) else 1


def disabled_plugins(text: str) -> list[str]:
    """The plug-ins that are not loaded."""
    found = parse_toml(text).get("", {}).get(KEY, [])
    return [str(name) for name in found] if isinstance(found, list) else []


def disable(text: str, names: t.Sequence[str]) -> str:
    """The text with more plug-ins disabled, at the head of the list."""
    quoted = ", ".join(f'"{name}"' for name in names)
    end = _end_of_root(text)
    found = _LIST.search(text, 0, end)
    if found is not None:
        separator = ", " if disabled_plugins(text) else ""
        return f"{text[: found.end()]}{quoted}{separator}{text[found.end() :]}"
    version = _VERSION.search(text, 0, end)
    if version is None:
        return f"{KEY} = [{quoted}]\n{text}"
    return f"{text[: version.end()]}\n{KEY} = [{quoted}]{text[version.end() :]}"


def enable(text: str, names: t.Iterable[str], drop_list: bool) -> str:
    """The text with plug-ins no longer disabled. drop_list: take away the list when nothing is left in it."""
    found = _LIST.search(text, 0, _end_of_root(text))
    close = -1 if found is None else text.find("]", found.end())
    if found is None or close < 0:
        return text
    inner = text[found.end() : close]
    for name in names:
        inner = re.sub(rf"([\"']){re.escape(name)}\1[ \t]*,?[ \t]*", "", inner, count=1)
    if drop_list and not inner.strip():
        before, after = text[: found.start()], text[close + 1 :]
        return before + after[1:] if after.startswith("\n") else before.removesuffix("\n") + after
    return f"{text[: found.end()]}{inner}{text[close:]}"


def differs_elsewhere(before: str, after: str) -> bool:
    """Whether two texts differ in anything but the disabled plug-ins, for containerd."""
    tables = []
    for text in (before, after):
        parsed = parse_toml(text)
        parsed[""].pop(KEY, None)
        tables.append(parsed)
    return tables[0] != tables[1]


def _end_of_root(text: str) -> int:
    """Where the first table begins: the list stands before it."""
    found = _TABLE.search(text)
    return len(text) if found is None else found.start()
