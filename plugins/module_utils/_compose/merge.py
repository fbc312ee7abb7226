# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Merging one Compose file over another, by the rules of the Compose Specification ("Merge Compose files").

Mappings are merged key by key and lists are appended, but: commands are replaced; what can be written as a list or as a
mapping is merged as a mapping; ports, mounts, secrets, configs and devices are merged by what makes them unique.
``!reset`` takes a value away, ``!override`` puts its own in its place.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Path
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.tree import OVERRIDE, RESET, Node

_SERVICE = ("services", "*")
_REPLACED = {
    (*_SERVICE, "command"),
    (*_SERVICE, "entrypoint"),
    (*_SERVICE, "healthcheck", "test"),
}
# KEY=value lists, or KEY: value mappings.
_PAIRS = {
    *((*_SERVICE, key) for key in ("environment", "labels", "annotations", "sysctls", "extra_hosts", "storage_opt")),
    (*_SERVICE, "deploy", "labels"),
    *((*_SERVICE, "build", key) for key in ("args", "labels")),
    *((kind, "*", "labels") for kind in ("networks", "volumes", "configs", "secrets")),
    *((kind, "*", "driver_opts") for kind in ("networks", "volumes")),
}
# Lists of names, or mappings by name.
_NAMES = {(*_SERVICE, "depends_on"), (*_SERVICE, "networks")}
# One text, or a list of them.
_TEXTS = {(*_SERVICE, key) for key in ("dns", "dns_search", "env_file", "label_file", "tmpfs")}
_PORT = re.compile(
    r"(?:(?P<ip>\[[^\]]*\]|[0-9.]+):(?=[^:]*:))?(?:(?P<published>[^:/]*):)?(?P<target>[^:/]+)(?:/(?P<protocol>\w+))?"
)


def merge(base: Node, over: Node) -> Node:
    """The file ``over`` laid on the file ``base``."""
    return _merge(base, over, ())


def merge_service(base: Node, over: Node) -> Node:
    """A service laid on the one that it extends."""
    return _merge(base, over, ("services", "any"))


def settled(node: Node) -> Node:
    """A tree that nothing is merged into: what was reset is left out, and no tag is left."""
    if isinstance(node.value, dict):
        kept = {key: settled(entry) for key, entry in node.value.items() if entry.tag != RESET}
        return replace(node, value=kept, tag="")
    if isinstance(node.value, list):
        return replace(node, value=[settled(entry) for entry in node.value if entry.tag != RESET], tag="")
    return replace(node, tag="")


def _merge(base: Node, over: Node, path: Path) -> Node:
    if over.tag == OVERRIDE:
        return settled(over)
    if over.value is None:
        return base
    rule = _rule(path)
    if rule in _REPLACED or base.value is None:
        return settled(over)
    base, over = _same_shape(base, over, rule)
    if rule == (*_SERVICE, "logging") and _driver(base) and _driver(over) and _driver(base) != _driver(over):
        return settled(over)
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        return _merge_mappings(base, over, path)
    if isinstance(base.value, list) and isinstance(over.value, list):
        unique = _UNIQUE.get(rule)
        items = _merge_unique(base.value, over.value, unique) if unique else _append(base.value, over.value)
        return replace(base, value=items)
    return settled(over)


def _rule(path: Path) -> tuple[t.Union[str, int], ...]:
    return (path[0], "*", *path[2:]) if len(path) > 1 else path


def _driver(node: Node) -> t.Any:
    found = node.get("driver")
    return found.value if found else None


def _merge_mappings(base: Node, over: Node, path: Path) -> Node:
    result = dict(base.value)
    for key, entry in over.value.items():
        if entry.tag == RESET:
            result.pop(key, None)
        elif key in result:
            result[key] = _merge(result[key], entry, (*path, key))
        else:
            result[key] = settled(entry)
    return replace(base, value=result)


def _append(base: list[Node], over: list[Node]) -> list[Node]:
    """Both lists; a scalar that is there already is not repeated."""
    taken = [entry.value for entry in base if not isinstance(entry.value, (dict, list))]
    return [
        *base,
        *(settled(entry) for entry in over if isinstance(entry.value, (dict, list)) or entry.value not in taken),
    ]


def _merge_unique(base: list[Node], over: list[Node], unique: t.Callable[[t.Any], t.Any]) -> list[Node]:
    """Entries of the same unique key are merged when both are mappings; else the later takes the earlier's place."""
    result = list(base)
    for entry in over:
        key = unique(entry.plain())
        index = next((at for at, there in enumerate(result) if key is not None and unique(there.plain()) == key), None)
        if index is None:
            result.append(settled(entry))
        elif isinstance(result[index].value, dict) and isinstance(entry.value, dict):
            result[index] = _merge_mappings(result[index], entry, ())
        else:
            result[index] = settled(entry)
    return result


def _same_shape(base: Node, over: Node, rule: tuple[t.Union[str, int], ...]) -> tuple[Node, Node]:
    if rule in _PAIRS or rule in _NAMES:
        return _as_mapping(base, rule in _NAMES), _as_mapping(over, rule in _NAMES)
    if rule in _TEXTS:
        return _as_list(base), _as_list(over)
    if rule == (*_SERVICE, "build"):
        return _as_build(base), _as_build(over)
    return base, over


def _as_build(node: Node) -> Node:
    """A text is the context."""
    return replace(node, value={"context": replace(node, tag="")}) if isinstance(node.value, str) else node


def _as_list(node: Node) -> Node:
    return node if isinstance(node.value, list) else replace(node, value=[replace(node, tag="")])


def _as_mapping(node: Node, names: bool) -> Node:
    """A list in the form of a mapping; as it is when it holds anything but text."""
    if not isinstance(node.value, list) or not all(isinstance(entry.value, str) for entry in node.value):
        return node
    result = {}
    for entry in node.value:
        key, mark, text = (entry.value, "", "") if names else _pair(entry.value)
        result[key] = replace(entry, value=text if mark else None)
    return replace(node, value=result)


def _pair(text: str) -> tuple[str, str, str]:
    # extra_hosts may have a colon between name and address; names of variables and labels have none before their =.
    return text.partition("=") if "=" in text or ":" not in text else text.partition(":")


def _port(entry: t.Any) -> t.Any:
    if isinstance(entry, dict):
        parts = [str(entry.get(key) or "") for key in ("host_ip", "published", "target")]
        return (*parts, str(entry.get("protocol") or "tcp"))
    match = _PORT.fullmatch(str(entry))
    if not match:
        return None
    return ((match["ip"] or "").strip("[]"), match["published"] or "", match["target"], match["protocol"] or "tcp")


def _mount(entry: t.Any) -> t.Any:
    target = entry.get("target") if isinstance(entry, dict) else [*str(entry).split(":"), ""][1] or entry
    return str(target).rstrip("/") if target else None


def _grant(entry: t.Any) -> t.Any:
    """A secret or config of a service: its target, by default its own name."""
    return entry.get("target") or entry.get("source") if isinstance(entry, dict) else entry


def _device(entry: t.Any) -> t.Any:
    if isinstance(entry, dict):
        return entry.get("target") or entry.get("source")
    parts = str(entry).split(":")
    return parts[1] if len(parts) > 1 else parts[0]


_UNIQUE: dict[tuple[t.Union[str, int], ...], t.Callable[[t.Any], t.Any]] = {
    (*_SERVICE, "ports"): _port,
    (*_SERVICE, "volumes"): _mount,
    (*_SERVICE, "secrets"): _grant,
    (*_SERVICE, "configs"): _grant,
    (*_SERVICE, "devices"): _device,
    ("networks", "*", "ipam", "config"): lambda entry: entry.get("subnet") if isinstance(entry, dict) else None,
}
