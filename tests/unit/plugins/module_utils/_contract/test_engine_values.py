# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both engines' readers share."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.engine_values import (
    address_pools,
    capabilities,
    no_engine,
    overlay,
    size_bytes,
)

TEST_SIZES: list[tuple[t.Any, int]] = [
    ("64M", 64 * 2**20),
    ("65536k", 64 * 2**20),
    ("1GiB", 2**30),
    ("123", 123),
    (456, 456),
    (None, 7),
    ("", 7),
    ("a lot", 7),
]


@pytest.mark.parametrize(("text", "size"), TEST_SIZES)
def test_size(text: t.Any, size: int) -> None:
    assert size_bytes(text, 7) == size


TEST_POOLS: list[tuple[list[t.Optional[str]], list[tuple[str, int]], list[str]]] = [
    ([None], [], ["default"]),
    (["10.88.0.0/16"], [], ["10.88.0.0/16"]),
    (["172.20.0.1/24"], [("172.20.0.0/16", 24)], ["172.20.0.0/16:24"]),
    (["172.21.0.1/24"], [("172.20.0.0/16", 24)], ["172.21.0.1/24", "172.20.0.0/16:24"]),
    (["172.20.0.1/25"], [("172.20.0.0/16", 24)], ["172.20.0.1/25", "172.20.0.0/16:24"]),
    (["fd00::/64"], [("172.20.0.0/16", 64)], ["fd00::/64", "172.20.0.0/16:64"]),
    (["nonsense"], [("172.20.0.0/16", 24)], ["nonsense", "172.20.0.0/16:24"]),
]


@pytest.mark.parametrize(("subnets", "pools", "expected"), TEST_POOLS)
def test_pools(subnets: list[t.Optional[str]], pools: list[tuple[str, int]], expected: list[str]) -> None:
    assert address_pools(subnets, pools) == expected


def test_names() -> None:
    assert capabilities(["CAP_KILL", " chown", ""]) == ["CHOWN", "KILL"]
    assert [overlay(name) for name in ("overlay2", "overlay", "overlayfs", "zfs", None)] == ["overlay"] * 3 + [
        "zfs",
        None,
    ]


def test_no_engine() -> None:
    found = no_engine("docker")
    assert (found.pop("engine.name"), found.pop("engine.running")) == ("docker", False)
    assert set(found.values()) == {None}
