# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What both engines' readers share: the fields an engine answers, and sizes and limits as configurations write them."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import UNLIMITED, VOLATILE
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import FIELDS

ENGINE_GROUPS = ("engine", "container_defaults", "oci_runtime", "engine_network", "storage")
_SECCOMP = "seccomp.default_profile"
DEFAULT_POOLS = ["default"]
BUILTIN, UNCONFINED, FILE = "builtin", "unconfined", "file"
BRIDGE_MTU_BYTES = 1500

_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def engine_paths() -> list[str]:
    """The fields that only an engine can answer."""
    return [
        field.path
        for field in FIELDS
        if (field.group in ENGINE_GROUPS and field.section != VOLATILE) or field.path.startswith(_SECCOMP)
    ]


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


def seccomp_profile(profile: str) -> dict[str, t.Optional[str]]:
    """The fields of the default seccomp profile: the engine's own, none, or a file by its path."""
    is_file = profile.startswith("/")
    return {_SECCOMP: FILE if is_file else profile, f"{_SECCOMP}_path": profile if is_file else None}


def address_pools(subnets: t.Iterable[t.Optional[str]], pools: t.Iterable[tuple[t.Any, t.Any]]) -> list[str]:
    """Pools as ``base:size`` and, before them, single subnets as they are, in the configuration's order.

    A subnet that a pool would give anyway is left out: one engine takes its first network from the pool, the other
    has to be told.
    """
    known = [(str(base), str(size)) for base, size in pools]
    found = [subnet for subnet in subnets if subnet and not any(_gives(pool, subnet) for pool in known)]
    return [*found, *(f"{base}:{size}" for base, size in known)] or DEFAULT_POOLS


def _gives(pool: tuple[str, str], subnet: str) -> bool:
    try:
        inner, outer = ipaddress.ip_network(subnet, strict=False), ipaddress.ip_network(pool[0], strict=False)
    except ValueError:
        return False
    if inner.version != outer.version or str(inner.prefixlen) != pool[1]:
        return False
    return int(outer[0]) <= int(inner[0]) and int(inner[-1]) <= int(outer[-1])
