# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Parsers of the kernel's control group files (admin-guide/cgroup-v2.rst) and of pressure (accounting/psi.rst)."""

from __future__ import annotations

import re
import typing as t

Pressure = dict[str, dict[str, t.Union[float, int]]]


def parse_number(text: t.Optional[str]) -> t.Optional[int]:
    """A file of one number; None for ``max``, for nothing and for an absent file."""
    value = (text or "").strip()
    return int(value) if value.isdigit() else None


def parse_cpu_max(text: t.Optional[str]) -> t.Optional[float]:
    """cpu.max, ``150000 100000``, as percent of one processor; None for no limit."""
    words = (text or "").split()
    if len(words) != 2 or not words[0].isdigit() or not words[1].isdigit() or int(words[1]) == 0:
        return None
    return int(words[0]) * 100 / int(words[1])


def parse_keyed(text: t.Optional[str]) -> dict[str, int]:
    """A flat keyed file such as cgroup.events, memory.events, cpu.stat."""
    found = {}
    for line in (text or "").splitlines():
        key, _space, value = line.partition(" ")
        if value.strip().isdigit():
            found[key] = int(value)
    return found


def parse_io_max(text: t.Optional[str]) -> dict[str, dict[str, t.Optional[int]]]:
    """io.max: device number to rbps, wbps, riops, wiops; None is unlimited."""
    found = {}
    for line in (text or "").splitlines():
        number, *pairs = line.split() or [""]
        values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        if number:
            found[number] = {key: parse_number(value) for key, value in values.items()}
    return found


def parse_io_weight(text: t.Optional[str]) -> t.Optional[int]:
    """The default of io.weight or io.bfq.weight: ``default 100`` or a number."""
    found = re.search(r"^(?:default )?(\d+)$", text or "", re.MULTILINE)
    return int(found.group(1)) if found else None


def parse_pressure(text: t.Optional[str]) -> t.Optional[Pressure]:
    """A pressure file: ``some`` and ``full``, each with avg10, avg60, avg300 (percent) and total (microseconds).

    None when the kernel doesn't say.
    """
    found: Pressure = {}
    for line in (text or "").splitlines():
        kind, *pairs = line.split() or [""]
        values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        if "total" in values:
            averages: dict[str, t.Union[float, int]] = {
                key: float(value) for key, value in values.items() if key != "total"
            }
            found[kind] = {**averages, "total": int(values["total"])}
    return found or None
