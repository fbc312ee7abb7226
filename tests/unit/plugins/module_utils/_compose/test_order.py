# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import find_cycle, start_order

ORDERS: list[tuple[dict[str, list[str]], list[str]]] = [
    ({}, []),
    ({"a": [], "b": []}, ["a", "b"]),
    ({"web": ["app"], "app": ["db"], "db": []}, ["db", "app", "web"]),
    ({"a": ["c"], "b": [], "c": []}, ["c", "a", "b"]),
    ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, ["d", "b", "c", "a"]),
    ({"a": ["elsewhere"]}, ["a"]),
    # a chain longer than Python's stack
    ({str(number): [str(number + 1)] for number in range(5000)}, [str(number) for number in range(4999, -1, -1)]),
]
CYCLES: list[tuple[dict[str, list[str]], list[str]]] = [
    ({"a": ["a"]}, ["a", "a"]),
    ({"a": ["b"], "b": ["a"]}, ["a", "b", "a"]),
    ({str(number): [str((number + 1) % 5000)] for number in range(5000)}, [*map(str, range(5000)), "0"]),
    ({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}, ["a", "b", "c", "a"]),
]


@pytest.mark.parametrize(("depends_on", "expected"), ORDERS)
def test_start_order(depends_on: dict[str, list[str]], expected: list[str]) -> None:
    assert start_order(depends_on) == expected
    assert find_cycle(depends_on) == []


@pytest.mark.parametrize(("depends_on", "expected"), CYCLES)
def test_cycles(depends_on: dict[str, list[str]], expected: list[str]) -> None:
    assert find_cycle(depends_on) == expected
    with pytest.raises(ValueError, match=" -> ".join(expected)):
        start_order(depends_on)
