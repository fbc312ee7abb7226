# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The drop-ins that make systemd keep the slices (systemd.resource-control(5)): intent in, files out."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    ENGINE_SLICE,
    ENGINE_UNITS,
    SYSTEM_SLICE,
    Intent,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import DeviceLimit, Limits

FOLDER = "/etc/systemd/system"
# Behind the drop-ins of the role engine, which has others for the same units.
DROP_IN = "60-container-host-cgroups.conf"
OWNED = f"{FOLDER}/*.d/{DROP_IN}"
NOTICE = "# Managed by the collection anycloud.container_host, role cgroups: changes made here are overwritten."

_PROPERTIES = (
    ("cpu_weight", "CPUWeight", "{}"),
    ("cpu_quota_percent", "CPUQuota", "{}%"),
    ("memory_min_mib", "MemoryMin", "{}M"),
    ("memory_low_mib", "MemoryLow", "{}M"),
    ("memory_high_mib", "MemoryHigh", "{}M"),
    ("memory_max_mib", "MemoryMax", "{}M"),
    ("swap_max_mib", "MemorySwapMax", "{}M"),
    ("tasks_max", "TasksMax", "{}"),
    ("io_weight", "IOWeight", "{}"),
    ("oom_swap", "ManagedOOMSwap", "{}"),
    ("oom_memory_pressure", "ManagedOOMMemoryPressure", "{}"),
    ("oom_memory_pressure_limit_percent", "ManagedOOMMemoryPressureLimit", "{}%"),
)
_DEVICE_PROPERTIES = (
    ("read_bytes_per_second", "IOReadBandwidthMax"),
    ("write_bytes_per_second", "IOWriteBandwidthMax"),
    ("read_iops", "IOReadIOPSMax"),
    ("write_iops", "IOWriteIOPSMax"),
)


def path_of(unit: str) -> str:
    """Where a unit's drop-in is."""
    return f"{FOLDER}/{unit}.d/{DROP_IN}"


def unit_of(path: str) -> str:
    """The unit a drop-in belongs to."""
    return path.removeprefix(f"{FOLDER}/").rpartition(f".d/{DROP_IN}")[0]


def properties(limits: Limits) -> list[str]:
    """The lines of a slice's [Slice] section."""
    lines = []
    for name, key, form in _PROPERTIES:
        value = getattr(limits, name)
        if value is not None:
            lines.append(f"{key}={form.format(value)}")
    for one in limits.devices:
        lines += _device_lines(one)
    return lines


def _device_lines(one: DeviceLimit) -> t.Iterator[str]:
    for name, key in _DEVICE_PROPERTIES:
        value = getattr(one, name)
        if value is not None:
            yield f"{key}={one.device} {value}"


def _render(section: str, lines: t.Sequence[str]) -> str:
    return "\n".join([NOTICE, f"[{section}]", *lines, ""])


def render(intent: Intent) -> dict[str, str]:
    """Every drop-in, path to content, in the order they are written."""
    files = {}
    for unit, limits in intent.slices().items():
        lines = properties(limits)
        # What is guaranteed, limited or weighed is counted too, on every release of systemd.
        files[path_of(unit)] = _render(
            "Slice", ["CPUAccounting=yes", "IOAccounting=yes", "MemoryAccounting=yes", *lines]
        )
    for unit in ENGINE_UNITS:
        files[path_of(unit)] = _render("Service", [f"Slice={ENGINE_SLICE}"])
    if intent.delegate_users:
        files[path_of("user@.service")] = _render("Service", [f"Delegate={' '.join(intent.delegate_users)}"])
    # Slices start at boot, so that guarantees hold before the first container, and can be read back.
    started = [unit for unit in intent.slices() if unit != SYSTEM_SLICE]
    files[path_of("slices.target")] = _render("Unit", [f"Wants={' '.join(started)}"])
    return files
