# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CPUs from /proc/cpuinfo and the auxiliary vector."""

from __future__ import annotations

import struct
import typing as t

import pytest
from contract_hosts import CPU

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.cpu import (
    X86_64_LEVELS,
    page_size_bytes,
    parse_cpuinfo,
    x86_64_level,
)

V1, V2, V3, V4 = (flags for _, flags in X86_64_LEVELS)

TEST_LEVELS: list[tuple[t.Optional[str], frozenset[str], t.Optional[str]]] = [
    ("x86_64", frozenset(), None),
    ("x86_64", V1, "v1"),
    ("x86_64", V1 | V2, "v2"),
    ("x86_64", V1 | V2 | V3, "v3"),
    ("x86_64", V1 | V2 | V3 | V4, "v4"),
    # A level needs all lower ones: AVX-512 without FMA is no v4.
    ("x86_64", (V1 | V2 | V3 | V4) - {"fma"}, "v2"),
    ("aarch64", V1 | V2, None),
    (None, V1, None),
]


@pytest.mark.parametrize(("machine", "flags", "level"), TEST_LEVELS)
def test_level(machine: t.Optional[str], flags: frozenset[str], level: t.Optional[str]) -> None:
    assert x86_64_level(machine, flags) == level


def test_cpuinfo_takes_what_all_cpus_have() -> None:
    cpus = parse_cpuinfo(CPU)
    assert (cpus.count, cpus.model) == (2, "QEMU TCG CPU version 2.5+")
    assert "extra" not in cpus.flags
    assert x86_64_level("x86_64", cpus.flags) == "v3"


def test_cpuinfo_of_arm() -> None:
    cpus = parse_cpuinfo(
        "processor\t: 0\nFeatures\t: fp asimd\nCPU part\t: 0xd0c\n\nprocessor\t: 1\nFeatures\t: fp asimd\n"
    )
    assert (cpus.count, cpus.model, cpus.flags) == (2, None, ("asimd", "fp"))


TEST_PAGES: list[tuple[bytes, t.Optional[int]]] = [
    (struct.pack("=QQQQQQ", 33, 7, 6, 65536, 0, 0), 65536),
    (struct.pack("=QQQQ", 0, 0, 6, 4096), None),
    (b"", None),
    (b"\x06\x00\x00", None),
]


@pytest.mark.parametrize(("vector", "size"), TEST_PAGES)
def test_page_size(vector: bytes, size: t.Optional[int]) -> None:
    assert page_size_bytes(vector) == size
