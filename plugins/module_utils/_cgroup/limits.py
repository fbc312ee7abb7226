# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What one slice guarantees and limits: typed, taken from a module's options, checked against itself."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, fields

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

MIB = 1024 * 1024
MEMORY_OPTIONS = ("memory_min_mib", "memory_low_mib", "memory_high_mib", "memory_max_mib")
# Lowest and highest value of each number. systemd.resource-control(5); weights: the kernel's admin-guide/cgroup-v2.
RANGES: dict[str, tuple[int, int]] = {
    "cpu_weight": (1, 10_000),
    "cpu_quota_percent": (1, 1_000_000),
    **dict.fromkeys(MEMORY_OPTIONS, (0, 1 << 30)),
    "swap_max_mib": (0, 1 << 30),
    "tasks_max": (1, 4_194_304),
    "io_weight": (1, 10_000),
    "oom_memory_pressure_limit_percent": (1, 100),
}
OOM_CHOICES = ("auto", "kill")
DEVICE_OPTIONS = ("read_bytes_per_second", "write_bytes_per_second", "read_iops", "write_iops")
_DEVICE = re.compile(r"/dev/[A-Za-z0-9._/:+-]+")


@dataclass(frozen=True)
class DeviceLimit:
    """What a slice may do with one whole disk, in bytes and operations per second; None is unlimited."""

    device: str
    read_bytes_per_second: t.Optional[int] = None
    write_bytes_per_second: t.Optional[int] = None
    read_iops: t.Optional[int] = None
    write_iops: t.Optional[int] = None


@dataclass(frozen=True)
class Limits:
    """One slice. None leaves a value to its default: no guarantee, no limit, weight 100.

    cpu_quota_percent: 100 is one processor.
    """

    cpu_weight: t.Optional[int] = None
    cpu_quota_percent: t.Optional[int] = None
    memory_min_mib: t.Optional[int] = None
    memory_low_mib: t.Optional[int] = None
    memory_high_mib: t.Optional[int] = None
    memory_max_mib: t.Optional[int] = None
    swap_max_mib: t.Optional[int] = None
    tasks_max: t.Optional[int] = None
    io_weight: t.Optional[int] = None
    oom_swap: t.Optional[str] = None
    oom_memory_pressure: t.Optional[str] = None
    oom_memory_pressure_limit_percent: t.Optional[int] = None
    devices: tuple[DeviceLimit, ...] = ()

    @property
    def uses_oomd(self) -> bool:
        """Whether systemd-oomd has to run for this to mean anything."""
        return "kill" in (self.oom_swap, self.oom_memory_pressure)

    @property
    def controllers(self) -> frozenset[str]:
        """The kernel's controllers it takes."""
        needed = set()
        for field in fields(self):
            if getattr(self, field.name) not in (None, ()):
                needed.add(_CONTROLLERS.get(field.name.split("_")[0], ""))
        return frozenset(needed - {""})


NO_LIMITS = Limits()
# By the first word of an option's name; what concerns oomd takes none.
_CONTROLLERS = {"cpu": "cpu", "memory": "memory", "swap": "memory", "tasks": "pids", "io": "io", "devices": "io"}


def parse_limits(path: str, options: t.Optional[t.Mapping[str, t.Any]], problems: list[Problem]) -> Limits:
    """The limits in ``options``; what is wrong with them is added to ``problems``, with ``path`` before its name."""
    options = options or {}
    values: dict[str, t.Any] = {}
    for name, (low, high) in RANGES.items():
        value = options.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            message = f"{value!r} is out of range"
            problems.append(Problem(f"{path}.{name}", message, f"use a whole number from {low} to {high}"))
            continue
        values[name] = value
    for name in ("oom_swap", "oom_memory_pressure"):
        value = options.get(name)
        if value is not None and value not in OOM_CHOICES:
            problems.append(Problem(f"{path}.{name}", f"{value!r} is unknown", f"use one of: {', '.join(OOM_CHOICES)}"))
        elif value is not None:
            values[name] = value
    values["devices"] = _parse_devices(path, options.get("devices") or (), problems)
    limits = Limits(**values)
    problems += _contradictions(path, limits)
    return limits


def _parse_devices(
    path: str, entries: t.Sequence[t.Mapping[str, t.Any]], problems: list[Problem]
) -> tuple[DeviceLimit, ...]:
    found: list[DeviceLimit] = []
    for index, entry in enumerate(entries):
        where = f"{path}.devices[{index}]"
        device = str(entry.get("device") or "")
        if not _DEVICE.fullmatch(device):
            problems.append(Problem(f"{where}.device", f"{device!r} is no device", "use a path such as /dev/sda"))
        if device in {one.device for one in found}:
            problems.append(Problem(f"{where}.device", f"{device!r} is there twice", "join the two entries"))
        values = {name: entry[name] for name in DEVICE_OPTIONS if entry.get(name) is not None}
        if not values:
            message = "limits nothing"
            problems.append(Problem(where, message, f"give at least one of: {', '.join(DEVICE_OPTIONS)}"))
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                problems.append(Problem(f"{where}.{name}", f"{value!r} is out of range", "use a whole number above 0"))
        found.append(DeviceLimit(device, **values))
    return tuple(found)


def _contradictions(path: str, limits: Limits) -> list[Problem]:
    """A lower bound above an upper one, in the order min <= low <= high <= max."""
    problems = []
    given = [(name, getattr(limits, name)) for name in MEMORY_OPTIONS if getattr(limits, name) is not None]
    for (lower, low), (upper, high) in zip(given, given[1:]):
        if low > high:
            message = f"{low} MiB is above {upper}, {high} MiB"
            problems.append(Problem(f"{path}.{lower}", message, "keep memory_min <= low <= high <= max"))
    if limits.oom_memory_pressure_limit_percent is not None and limits.oom_memory_pressure != "kill":
        where = f"{path}.oom_memory_pressure_limit_percent"
        problems.append(Problem(where, "is a limit nobody watches", "set oom_memory_pressure to kill, or leave it out"))
    return problems
