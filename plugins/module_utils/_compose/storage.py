# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Volumes, bind mounts, tmpfs and devices: short and long forms to the model."""

from __future__ import annotations

import posixpath
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import scalars
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.grants import parse_mode
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Device, Mount, Volume
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.networking import (
    read_external,
    read_labels,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.writers import DECLARATION

_PROPAGATIONS = ("private", "rprivate", "shared", "rshared", "slave", "rslave")
_WITHOUT_EFFECT = ("rw", "cached", "delegated", "consistent")
_TYPES = ("volume", "bind", "tmpfs")
# What a tmpfs mount has on both engines without being asked.
_TMPFS_DEFAULTS = ("rw", "noexec", "nosuid", "nodev")


@dataclass
class _Draft:
    type: str
    source: str
    target: str
    options: dict[str, t.Any] = field(default_factory=dict)


def read_mounts(
    reader: Reader, value: t.Any, path: Path, names: t.Mapping[str, str], project_directory: str
) -> tuple[Mount, ...]:
    """``services.*.volumes``; ``names`` maps the volumes of the file to the engine's names.

    A relative source is taken from ``project_directory``, a directory of the managed node; refused when that is empty.
    """
    result = []
    for index, entry in enumerate(reader.items(value, path)):
        place = (*path, index)
        if isinstance(entry, str):
            draft = reader.scalar(entry, place, _short_mount, None)
        elif isinstance(entry, dict):
            draft = _long_mount(reader, entry, place)
        else:
            reader.wrong(place, entry, 'text like "data:/var/lib/data" or a mapping')
            draft = None
        if draft is None:
            continue
        source = reader.scalar(draft, place, lambda one: _source(one, names, project_directory), None)
        if not draft.target.startswith("/"):
            reader.report.add(place, f"target {draft.target!r} isn't absolute", "begin it with /")
        elif source is not None:
            target = posixpath.normpath(draft.target)
            result.append(Mount(draft.type, "/" + target.lstrip("/"), source, **draft.options))
    return tuple(result)


def _short_mount(text: str) -> t.Optional[_Draft]:
    parts = text.split(":")
    if len(parts) == 1:
        raise BadValueError(
            "is a volume without a name", f"name it (name:{text}): a nameless one is lost with its container"
        )
    if len(parts) > 3 or not parts[0] or not parts[1]:
        raise BadValueError(f"{text!r} isn't a mount", "write it like name:/path or /source:/path:ro")
    kind = "bind" if parts[0].startswith(("/", ".", "~")) else "volume"
    draft = _Draft(kind, parts[0], parts[1], {"create_source": True} if kind == "bind" else {})
    for option in parts[2].split(",") if len(parts) == 3 else []:
        if option == "ro":
            draft.options["read_only"] = True
        elif option in ("z", "Z"):
            draft.options["selinux"] = option
        elif option == "nocopy" and kind == "volume":
            draft.options["copy_content"] = False
        elif option in _PROPAGATIONS and kind == "bind":
            draft.options["propagation"] = option
        elif option not in _WITHOUT_EFFECT:
            raise BadValueError(f"mount option {option!r} isn't known", "use ro, rw, z, Z, nocopy or a propagation")
    return draft


def _long_mount(reader: Reader, value: t.Any, path: Path) -> t.Optional[_Draft]:
    keys = reader.section(value, path, "service.volumes")
    kind = reader.text(keys.get("type"), (*path, "type"))
    if kind not in _TYPES:
        known = f"{kind!r} isn't supported" if kind else "is missing"
        reader.report.add((*path, "type"), known, "use volume, bind or tmpfs")
        return None
    if "target" not in keys:
        reader.report.add(path, "has no target", "give the path in the container as target")
        return None
    source = reader.text(keys.get("source"), (*path, "source"))
    draft = _Draft(kind, source, reader.text(keys["target"], (*path, "target")))
    for other in _TYPES:
        if other != kind and other in keys:
            reader.report.add((*path, other), f"has no effect on type {kind}", "remove it")
    draft.options["read_only"] = reader.boolean(keys.get("read_only"), (*path, "read_only"))
    if kind == "bind":
        bind = reader.section(keys.get("bind"), (*path, "bind"), "service.volumes.bind")
        place = (*path, "bind")
        draft.options["create_source"] = reader.boolean(
            bind.get("create_host_path"), (*place, "create_host_path"), True
        )
        draft.options["propagation"] = _choice(reader, bind.get("propagation"), (*place, "propagation"), _PROPAGATIONS)
        draft.options["selinux"] = _choice(reader, bind.get("selinux"), (*place, "selinux"), ("z", "Z"))
    elif kind == "volume":
        volume = reader.section(keys.get("volume"), (*path, "volume"), "service.volumes.volume")
        draft.options["copy_content"] = not reader.boolean(volume.get("nocopy"), (*path, "volume", "nocopy"))
        subpath = reader.text(volume.get("subpath"), (*path, "volume", "subpath"))
        if subpath.startswith("/") or ".." in subpath.split("/"):
            reader.report.add((*path, "volume", "subpath"), f"{subpath!r} leaves the volume", "write a path inside it")
        draft.options["subpath"] = subpath
        if not source and "source" not in keys:
            reader.report.add(path, "is a volume without a name", "name it: a nameless one is lost with its container")
            return None
    else:
        tmpfs = reader.section(keys.get("tmpfs"), (*path, "tmpfs"), "service.volumes.tmpfs")
        if source:
            reader.report.add((*path, "source"), "has no effect on type tmpfs", "remove it")
        draft.source = ""
        draft.options["tmpfs_size_bytes"] = reader.size(tmpfs.get("size"), (*path, "tmpfs", "size"))
        draft.options["tmpfs_mode"] = reader.scalar(tmpfs.get("mode"), (*path, "tmpfs", "mode"), parse_mode, None)
    return draft


def _choice(reader: Reader, value: t.Any, path: Path, choices: tuple[str, ...]) -> str:
    text = reader.text(value, path)
    if text and text not in choices:
        reader.report.add(path, f"{text!r} isn't known", f"use {', '.join(choices)}")
    return text


def _source(draft: _Draft, names: t.Mapping[str, str], project_directory: str) -> t.Optional[str]:
    if draft.type == "tmpfs":
        return ""
    if draft.type == "volume":
        if draft.source not in names:
            remedy = f"define {draft.source} under volumes at the top level"
            if "/" in draft.source:
                remedy = f"write ./{draft.source} for a path"
            raise BadValueError(f"volume {draft.source} isn't defined", remedy)
        return names[draft.source]
    if not draft.source:
        raise BadValueError("is a bind mount without a source", "give a path on the managed node as source")
    if draft.source.startswith("~"):
        raise BadValueError(f"{draft.source} depends on who runs it", "give an absolute path on the managed node")
    if not draft.source.startswith("/") and not project_directory:
        raise BadValueError(
            f"{draft.source} is relative",
            "give an absolute path on the managed node, or the option project_directory to take it from",
        )
    joined = posixpath.normpath(posixpath.join(project_directory, draft.source))
    return "/" + joined.lstrip("/")


def read_tmpfs(reader: Reader, value: t.Any, path: Path) -> tuple[Mount, ...]:
    """``services.*.tmpfs``: ``/path`` or ``/path:size=64m,mode=1777``."""
    result = []
    for index, text in enumerate(reader.texts(value, path)):
        place = (*path, index) if isinstance(value, list) else path
        mount = reader.scalar(text, place, _tmpfs, None)
        if mount is not None:
            result.append(mount)
    return tuple(result)


def _tmpfs(text: str) -> t.Optional[Mount]:
    target, _colon, options = text.partition(":")
    if not target.startswith("/"):
        raise BadValueError(f"{target!r} isn't an absolute path", "write it like /run or /run:size=64m")
    size = mode = None
    ids: dict[str, int] = {}
    for option in filter(None, options.split(",")):
        key, _equals, value = option.partition("=")
        if key == "size":
            size = scalars.parse_bytes(value)
        elif key == "mode":
            mode = parse_mode(value)
        elif key in ("uid", "gid"):
            ids[key] = scalars.parse_integer(value)
        elif option not in _TMPFS_DEFAULTS:
            raise BadValueError(f"tmpfs option {option!r} isn't supported", "use size=, mode=, uid= and gid=")
    return Mount(
        "tmpfs",
        posixpath.normpath(target),
        tmpfs_size_bytes=size,
        tmpfs_mode=mode,
        tmpfs_uid=ids.get("uid"),
        tmpfs_gid=ids.get("gid"),
    )


def read_devices(reader: Reader, value: t.Any, path: Path) -> tuple[Device, ...]:
    """``services.*.devices``: ``/dev/x[:/dev/y[:rwm]]`` or a mapping."""
    result = []
    for index, entry in enumerate(reader.items(value, path)):
        place = (*path, index)
        if isinstance(entry, dict):
            keys = reader.section(entry, place, "service.devices")
            parts = [reader.text(keys.get(key), (*place, key)) for key in ("source", "target", "permissions")]
        else:
            parts = reader.text(entry, place).split(":")
        device = reader.scalar(":".join(parts), place, _device, None)
        if device is not None:
            result.append(device)
    return tuple(result)


def _device(text: str) -> t.Optional[Device]:
    source, target, permissions = (*text.split(":"), "", "")[:3]
    target, permissions = target or source, permissions or "rwm"
    if text.count(":") > 2 or not source.startswith("/") or not target.startswith("/"):
        raise BadValueError(f"{text!r} isn't a device", "write it like /dev/ttyUSB0:/dev/ttyUSB0:rw")
    if not set(permissions) <= set("rwm"):
        raise BadValueError(f"permissions {permissions!r} aren't known", "use r, w and m")
    return Device(source, target, permissions)


def read_device_rules(reader: Reader, value: t.Any, path: Path) -> tuple[str, ...]:
    """``services.*.device_cgroup_rules``: type, numbers and permissions, as the kernel writes them."""
    rules = reader.texts(value, path)
    for index, rule in enumerate(rules):
        if not re.fullmatch(r"[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}", rule):
            reader.report.add((*path, index), f"{rule!r} isn't a rule", 'write it like "c 1:3 mr"')
    return rules


def read_volume(reader: Reader, key: str, value: t.Any, project: str) -> Volume:
    """``volumes.*``."""
    path: Path = ("volumes", key)
    keys = reader.section(value, path, "volume")
    external, name = read_external(reader, keys, path, key, project)
    declared = value.get(DECLARATION) if isinstance(value, dict) else None
    shared = reader.boolean(declared, (*path, DECLARATION))
    if external:
        return Volume(name, external=True, shared_writers=shared)
    return Volume(
        name=name,
        driver=reader.text(keys.get("driver"), (*path, "driver"), "local"),
        driver_opts=reader.pairs(keys.get("driver_opts"), (*path, "driver_opts")),
        labels=read_labels(reader, keys.get("labels"), (*path, "labels")),
        shared_writers=shared,
    )
