# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What the kernel has to say for a slice's limits, and where it says something else."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.files import (
    parse_cpu_max,
    parse_io_max,
    parse_io_weight,
    parse_number,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import MIB, Limits

# The files that are read of every slice.
FILES = (
    "cgroup.controllers", "cgroup.events", "cgroup.subtree_control", "cpu.max", "cpu.pressure", "cpu.stat",
    "cpu.weight", "io.bfq.weight", "io.max", "io.pressure", "io.weight", "memory.current", "memory.events",
    "memory.high", "memory.low", "memory.max", "memory.min", "memory.pressure", "memory.swap.max", "pids.current",
    "pids.max",
)  # fmt: skip
_MEMORY = (
    ("memory_min_mib", "memory.min"),
    ("memory_low_mib", "memory.low"),
    ("memory_high_mib", "memory.high"),
    ("memory_max_mib", "memory.max"),
    ("swap_max_mib", "memory.swap.max"),
)
_DEVICE_KEYS = (
    ("read_bytes_per_second", "rbps"),
    ("write_bytes_per_second", "wbps"),
    ("read_iops", "riops"),
    ("write_iops", "wiops"),
)

Found = t.Mapping[str, t.Optional[str]]


def limits_of(found: Found) -> dict[str, t.Any]:
    """What a slice's files say, in the words of the options: None is no limit. Memory in bytes.

    found: file name to text, None for an absent file.
    """
    weight = found.get("io.weight")
    return {
        "cpu_weight": parse_number(found.get("cpu.weight")),
        "cpu_quota_percent": parse_cpu_max(found.get("cpu.max")),
        **{name.replace("_mib", "_bytes"): parse_number(found.get(file)) for name, file in _MEMORY},
        "tasks_max": parse_number(found.get("pids.max")),
        "io_weight": parse_io_weight(found.get("io.bfq.weight") if weight is None else weight),
        "devices": parse_io_max(found.get("io.max")),
    }


def deviations(limits: Limits, found: Found, numbers: t.Mapping[str, str]) -> dict[str, tuple[t.Any, t.Any]]:
    """Where the kernel says something else than is wanted: option to (kernel's value, wanted value).

    numbers: device path to the kernel's number. A weight for input and output is missing from this: the kernel keeps it
    only for schedulers that know weights, see ``ignored_weight``.
    """
    live = limits_of(found)
    differing: dict[str, tuple[t.Any, t.Any]] = {}
    for name in ("cpu_weight", "cpu_quota_percent", "tasks_max"):
        wanted = getattr(limits, name)
        if wanted is not None and live[name] != wanted:
            differing[name] = (live[name], wanted)
    for name, _file in _MEMORY:
        wanted = getattr(limits, name)
        current = live[name.replace("_mib", "_bytes")]
        if wanted is not None and current != wanted * MIB:
            differing[name] = (None if current is None else current // MIB, wanted)
    for one in limits.devices:
        current = live["devices"].get(numbers.get(one.device, ""), {})
        for name, key in _DEVICE_KEYS:
            wanted = getattr(one, name)
            if wanted is not None and current.get(key) != wanted:
                differing[f"{one.device} {name}"] = (current.get(key), wanted)
    return differing


def stale_devices(limits: Limits, found: Found, numbers: t.Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What io.max limits and nobody asks for any more: device number to (the values there, the line that lifts them).

    systemd writes the limits it has; after a reload it doesn't know any more which devices it once limited.
    """
    wanted = {numbers.get(one.device): one for one in limits.devices}
    lines = {}
    for number, values in parse_io_max(found.get("io.max")).items():
        one = wanted.get(number)
        stale = [
            key
            for name, key in _DEVICE_KEYS
            if values.get(key) is not None and (one is None or getattr(one, name) is None)
        ]
        if stale:
            before = " ".join([number, *(f"{key}={values[key]}" for key in stale)])
            lines[number] = (before, " ".join([number, *(f"{key}=max" for key in stale)]))
    return lines


def ignored_weight(limits: Limits, found: Found) -> bool:
    """Whether a weight for input and output was asked for that this kernel has no file for."""
    return limits.io_weight is not None and found.get("io.weight") is None and found.get("io.bfq.weight") is None
