# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repeating arms in turn, and what their figures come to."""

from __future__ import annotations

import os
import statistics
import time
import typing as t

T = t.TypeVar("T")


def interleave(arms: t.Mapping[str, t.Callable[[], T]], repetitions: int, warm_up: bool = True) -> dict[str, list[T]]:
    """Run every arm in turn, again and again, so that what else the machine does meets all of them alike."""
    if warm_up:
        for arm in arms.values():
            arm()
    taken: dict[str, list[T]] = {name: [] for name in arms}
    for number in range(repetitions):
        for name, arm in arms.items():
            started = time.monotonic()
            taken[name].append(arm())
            print(f"  {number + 1}/{repetitions}  {name}  {time.monotonic() - started:.2f} s", flush=True)
    return taken


def spread(values: t.Iterable[float], digits: int = 3) -> dict[str, float]:
    """The minimum and the median."""
    values = list(values)
    return {"min": round(min(values), digits), "median": round(statistics.median(values), digits)}


def slope(points: t.Mapping[int, float]) -> float:
    """How much is added by one more: the straight line through the points, by least squares."""
    return statistics.linear_regression(list(points), list(points.values())).slope


def load() -> list[float]:
    """The load averages over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def facts() -> dict[str, t.Any]:
    """What the machine is, as far as it matters to time."""
    with open("/proc/meminfo", encoding="ascii") as lines:
        memory = int(next(lines).split()[1]) * 1024
    return {"processors": os.cpu_count(), "memory_bytes": memory, "load_at_start": load()}
