# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Relative paths in a file that was included or extended: written anew, so that they begin at the project's directory.

Paths of the control node (``env_file``, ``label_file``, contexts of builds, files of configs and secrets) and of the
managed node (sources of bind mounts) have the same way from one file's directory to the other's.
"""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import replace

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path, Report
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import Node


def moved(path: str, directory: str) -> str:
    """``path`` as seen from the project's directory, when ``directory`` is where it begins."""
    if not directory or path.startswith(("/", "~")):
        return path
    joined = posixpath.normpath(posixpath.join(directory, path))
    return joined if joined.startswith(("/", ".")) else f"./{joined}"


def relocate_document(node: Node, directory: str, report: Report) -> Node:
    """A whole included file."""
    if not directory or not isinstance(node.value, dict):
        return node
    result = dict(node.value)
    services = node.get("services")
    if services is not None and isinstance(services.value, dict):
        moved_services = {
            key: relocate_service(entry, directory, report, ("services", key)) for key, entry in services.value.items()
        }
        result["services"] = replace(services, value=moved_services)
    for kind in ("configs", "secrets"):
        holder = node.get(kind)
        if holder is not None and isinstance(holder.value, dict):
            entries = {
                key: _at(entry, "file", lambda text: moved(text, directory)) for key, entry in holder.value.items()
            }
            result[kind] = replace(holder, value=entries)
    return replace(node, value=result)


def relocate_service(node: Node, directory: str, report: Report, path: Path) -> Node:
    """One service of an included or extended file."""
    if not directory or not isinstance(node.value, dict):
        return node
    result = dict(node.value)
    for key in ("env_file", "label_file"):
        if key in result:
            result[key] = _texts(result[key], lambda text: moved(text, directory))
    if "build" in result:
        result["build"] = _context(result["build"], directory)
    volumes = result.get("volumes")
    if volumes is not None and isinstance(volumes.value, list):
        result["volumes"] = replace(
            volumes,
            value=[
                _mount(entry, directory, report, (*path, "volumes", index)) for index, entry in enumerate(volumes.value)
            ],
        )
    return replace(node, value=result)


def _context(node: Node, directory: str) -> Node:
    """``build``: a text, or a mapping with a context. The Dockerfile's path begins there."""

    def change(text: str) -> str:
        return text if ":" in text else moved(text, directory)

    if isinstance(node.value, str):
        return replace(node, value=change(node.value))
    if isinstance(node.value, dict) and "context" not in node.value:
        return replace(node, value={**node.value, "context": Node(directory)})
    return _at(node, "context", change)


def _mount(entry: Node, directory: str, report: Report, path: Path) -> Node:
    def change(source: str) -> str:
        if not source.startswith("."):
            return source
        if directory.startswith("/"):
            remedy = "give an absolute path on the managed node"
            report.add_at(entry.place, path, f"{source} is relative to {directory} of the control node", remedy)
        return moved(source, directory)

    if isinstance(entry.value, str) and ":" in entry.value:
        source, _colon, rest = entry.value.partition(":")
        return replace(entry, value=f"{change(source)}:{rest}")
    kind = entry.get("type")
    return _at(entry, "source", change) if kind is not None and kind.value == "bind" else entry


def _at(node: Node, key: str, change: t.Callable[[str], str]) -> Node:
    found = node.get(key)
    if found is None or not isinstance(found.value, str):
        return node
    return replace(node, value={**node.value, key: replace(found, value=change(found.value))})


def _texts(node: Node, change: t.Callable[[str], str]) -> Node:
    """``env_file``: a text, a mapping with a path, or a list of those."""
    if isinstance(node.value, str):
        return replace(node, value=change(node.value))
    if isinstance(node.value, list):
        return replace(node, value=[_texts(entry, change) for entry in node.value])
    return _at(node, "path", change)
