# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks and openings as people write them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.networks import (
    EVERYBODY,
    Networks,
    Opening,
    read_networks,
    read_opening,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        (["10.2.0.0/16", "10.1.0.0/16"], Networks(("10.1.0.0/16", "10.2.0.0/16"))),
        (["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3"], Networks(("10.0.0.0/8",))),
        (["192.0.2.7", "2001:db8::/32"], Networks(("192.0.2.7/32",), ("2001:db8::/32",))),
        (["10.0.0.0/9", "10.128.0.0/9"], Networks(("10.0.0.0/8",))),
        (["any"], EVERYBODY),
        ([], Networks()),
    ],
)
def test_networks(entries: list[t.Any], wanted: Networks) -> None:
    reader = Reader({}, "x", [])
    assert read_networks(entries, reader, "from") == wanted
    assert reader.problems == []


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "10.0.0.0/33", "everywhere", 10, None, True, {}, ["10.0.0.0/8"], ""])
def test_no_network(entry: t.Any) -> None:
    reader = Reader({}, "x", [])
    assert read_networks(["192.0.2.0/24", entry], reader, "from") == Networks(("192.0.2.0/24",))
    assert [problem.path for problem in reader.problems] == ["x.from[1]"]


HERE = Networks(("10.0.0.0/8",), ("fe80::/10",))


@pytest.mark.parametrize(
    ("address", "is_held"),
    [("10.1.2.3", True), ("11.1.2.3", False), ("fe80::1%eth0", True), ("::ffff:10.1.2.3", True), ("UNKNOWN", False)],
)
def test_holds(address: str, is_held: bool) -> None:
    assert HERE.holds(address) is is_held


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"port": 443, "from": ["any"]}, Opening("tcp", "443", EVERYBODY)),
        ({"port": "8000-8010", "protocol": "udp", "from": "10.0.0.0/8"}, Opening("udp", "8000-8010", Networks(("10.0.0.0/8",)))),
        ({"protocol": "vrrp", "from": ["10.0.0.0/8"]}, Opening("vrrp", "", Networks(("10.0.0.0/8",)))),
    ],
)  # fmt: skip
def test_opening(entry: dict[str, t.Any], wanted: Opening) -> None:
    reader = Reader({}, "x", [])
    assert read_opening(entry, reader, "allow[0]", None) == wanted
    assert reader.problems == []


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"port": 443}, "x.allow[0].from"),
        ({"port": 0, "from": ["any"]}, "x.allow[0].port"),
        ({"port": 65536, "from": ["any"]}, "x.allow[0].port"),
        ({"port": "9-8", "from": ["any"]}, "x.allow[0].port"),
        ({"port": "http", "from": ["any"]}, "x.allow[0].port"),
        ({"from": ["any"]}, "x.allow[0].port"),
        ({"port": 1, "protocol": "vrrp", "from": ["any"]}, "x.allow[0].port"),
        ({"port": 1, "protocol": "icmp", "from": ["any"]}, "x.allow[0].protocol"),
        ({"port": 1, "from": [], "to": "x"}, "x.allow[0].to"),
        ("443", "x.allow[0]"),
    ],
)
def test_no_opening(entry: t.Any, path: str) -> None:
    reader = Reader({}, "x", [])
    assert read_opening(entry, reader, "allow[0]", None) is None
    assert path in [problem.path for problem in reader.problems]


def test_sources_that_are_not_said_are_everybody_where_the_caller_says_so() -> None:
    assert read_opening({"port": 1}, Reader({}, "x", []), "allow[0]", EVERYBODY) == Opening("tcp", "1", EVERYBODY)
