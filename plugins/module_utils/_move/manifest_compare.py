# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Two manifests -> what differs between them, file by file. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._move.manifest import Entry, Manifest, order

_VALUES = (
    ("kind", "type"),
    ("mode", "mode"),
    ("uid", "owner"),
    ("gid", "group"),
    ("size_bytes", "size"),
    ("sha256", "SHA-256"),
    ("target", "link's target"),
    ("same_as", "is one file with"),
    ("device", "device"),
    ("acl", "access lists"),
    ("xattrs", "extended attributes"),
    ("mtime_ns", "time"),
)
SHOWN_CHARACTERS = 80


def _shown(name: str, value: t.Any) -> str:
    if name == "mode":
        return f"{value:04o}"
    if name in ("acl", "xattrs"):
        value = " ".join(f"{key}={text}" for key, text in value)
    shown = "none" if value in (None, "") else str(value)
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}..."


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def describe(sent: t.Optional[Entry], found: t.Optional[Entry]) -> str:
    """One line for a file that differs; empty for one that doesn't. None: not there."""
    entry = sent or found
    if entry is None or sent == found:
        return ""
    name = _printable(entry.path)
    if found is None:
        return f"{name}: is missing"
    if sent is None:
        return f"{name}: is there and was not sent"
    words = [
        f"{title} {_shown(key, getattr(found, key))} instead of {_shown(key, getattr(sent, key))}"
        for key, title in _VALUES
        if getattr(sent, key) != getattr(found, key)
    ]
    return f"{name}: {', '.join(words)}"


def differences(sent: Manifest, found: Manifest, most: int) -> tuple[list[str], int]:
    """The first ``most`` differences, by path, and how many there are in all."""
    before = {entry.path: entry for entry in sent.entries}
    after = {entry.path: entry for entry in found.entries}
    different = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    different.sort(key=order)
    return [describe(before.get(path), after.get(path)) for path in different[:most]], len(different)
