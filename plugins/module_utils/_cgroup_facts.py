# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host's slices are: what they limit, what they use, how much there is waited in them. Shared by the modules
cgroup_slices and cgroup_slices_info.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.files import (
    parse_keyed,
    parse_number,
    parse_pressure,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    ENGINE_SLICE,
    SYSTEM_SLICE,
    WORKLOAD_SLICE,
    cgroup_path,
    tenant_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.live import limits_of
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_observe import (
    ROOT,
    read_hierarchy,
    read_slice,
    read_users,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

RESOURCES = ("cpu", "memory", "io")


def host_facts(io: HostIO) -> dict[str, t.Any]:
    """The hierarchy, its controllers, and the pressure on the host as a whole."""
    return {
        "hierarchy": read_hierarchy(io),
        "controllers": (io.read_text(f"{ROOT}/cgroup.controllers") or "").split(),
        "pressure": {name: parse_pressure(io.read_text(f"/proc/pressure/{name}")) for name in RESOURCES},
    }


def slice_facts(io: HostIO) -> dict[str, t.Any]:
    """The slices that are there, by unit name: the system's, the engine's, the workloads', the tenants'."""
    below = io.list_directory(f"{ROOT}/{cgroup_path(WORKLOAD_SLICE)}")
    units = [SYSTEM_SLICE, ENGINE_SLICE, WORKLOAD_SLICE, *(name for name in below if tenant_of(name))]
    facts = {}
    for unit in units:
        found = read_slice(io, unit)
        if found is None:
            continue
        facts[unit] = {
            "path": f"{ROOT}/{cgroup_path(unit)}",
            "tenant": tenant_of(unit) or None,
            "controllers": (found["cgroup.controllers"] or "").split(),
            "handed_on": (found["cgroup.subtree_control"] or "").split(),
            "limits": limits_of(found),
            "memory_bytes": parse_number(found["memory.current"]),
            "tasks": parse_number(found["pids.current"]),
            "cpu_seconds": parse_keyed(found["cpu.stat"]).get("usage_usec", 0) / 1_000_000,
            "oom_kills": parse_keyed(found["memory.events"]).get("oom_kill"),
            "pressure": {name: parse_pressure(found[f"{name}.pressure"]) for name in RESOURCES},
            "used_by": read_users(io, unit) if unit not in (SYSTEM_SLICE, WORKLOAD_SLICE) else [],
        }
    return facts
