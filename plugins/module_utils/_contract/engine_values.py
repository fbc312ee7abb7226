# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What both engines' readers share: the fields an engine answers, and sizes and limits as configurations write them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import UNLIMITED, VOLATILE
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import FIELDS

ENGINE_GROUPS = ("engine", "oci_runtime", "engine_network", "storage")
DEFAULT_POOLS = ["default"]
BUILTIN, UNCONFINED = "builtin", "unconfined"
BRIDGE_MTU_BYTES = 1500

_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def engine_paths() -> list[str]:
    """The fields that only an engine can answer."""
    return [field.path for field in FIELDS if field.group in ENGINE_GROUPS and field.section != VOLATILE]


def no_engine(name: t.Optional[str] = None) -> dict[str, t.Any]:
    """All fields of a host without an engine, or with one (``name``) that doesn't run."""
    return {**dict.fromkeys(engine_paths()), "engine.name": name, "engine.running": False}


def size_bytes(text: t.Union[str, int, None], default: int) -> int:
    """A size such as ``64m`` or ``65536k`` in bytes; the default when it is absent or no size."""
    found = re.fullmatch(r"\s*(\d+)\s*([bkmg]?)(?:i?b)?\s*", str(text or "").lower())
    return int(found.group(1)) * _UNITS[found.group(2)] if found else default


def pids_limit(value: t.Any, default: t.Union[int, str]) -> t.Union[int, str]:
    """A limit of processes: none is ``unlimited``, which 0 and negative numbers mean."""
    if not isinstance(value, int):
        return default
    return value if value > 0 else UNLIMITED


def capabilities(names: t.Iterable[str]) -> list[str]:
    """Capabilities without ``CAP_``, sorted."""
    bare = (name.strip().upper() for name in names)
    return sorted(name[4:] if name.startswith("CAP_") else name for name in bare if name)


def overlay(driver: t.Optional[str]) -> t.Optional[str]:
    """The storage driver by what the kernel mounts: three names are one file system."""
    return "overlay" if driver in ("overlay", "overlay2", "overlayfs") else driver
