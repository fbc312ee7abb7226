# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What the CPUs can do, from the kernel's texts."""

from __future__ import annotations

import struct
import typing as t
from dataclasses import dataclass

# x86-64 psABI, "Micro-architecture levels", in the names of /proc/cpuinfo: pni is SSE3, abm has LZCNT, and the
# kernel shows xsave only when the operating system uses it (OSXSAVE).
X86_64_LEVELS: tuple[tuple[str, frozenset[str]], ...] = (
    ("v1", frozenset({"lm", "cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2"})),
    ("v2", frozenset({"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"})),
    ("v3", frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"})),
    ("v4", frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})),
)
_AT_NULL, _AT_PAGESZ = 0, 6  # getauxval(3)


@dataclass(frozen=True)
class Cpus:
    """All CPUs of a host: how many, the first one's model, the flags common to all, sorted."""

    count: int
    model: t.Optional[str]
    flags: tuple[str, ...]


def parse_cpuinfo(text: str) -> Cpus:
    """Read ``/proc/cpuinfo``: ``flags`` on x86, ``Features`` on arm64."""
    count, model = 0, None
    common: t.Optional[set[str]] = None
    seen = set()
    for line in text.splitlines():
        key, _colon, value = (part.strip() for part in line.partition(":"))
        if key == "processor":
            count += 1
        elif key == "model name" and model is None:
            model = value or None
        elif key in ("flags", "Features") and value not in seen:
            seen.add(value)
            common = set(value.split()) if common is None else common & set(value.split())
    return Cpus(count, model, tuple(sorted(common or ())))


def x86_64_level(machine: t.Optional[str], flags: t.Iterable[str]) -> t.Optional[str]:
    """The highest level whose flags, and those of all lower levels, are there; None on other architectures."""
    if machine != "x86_64":
        return None
    present = set(flags)
    reached = None
    for level, needed in X86_64_LEVELS:
        if not needed <= present:
            break
        reached = level
    return reached


def page_size_bytes(auxiliary_vector: bytes) -> t.Optional[int]:
    """AT_PAGESZ in ``/proc/self/auxv``: pairs of native unsigned longs."""
    pair = struct.Struct("=QQ")
    usable = len(auxiliary_vector) - len(auxiliary_vector) % pair.size
    for key, value in pair.iter_unpack(auxiliary_vector[:usable]):
        if key == _AT_NULL:
            break
        if key == _AT_PAGESZ:
            return int(value)
    return None
