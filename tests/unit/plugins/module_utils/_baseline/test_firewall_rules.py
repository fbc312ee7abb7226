# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules as text, and the listing without what changes by itself."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.firewall_rules import (
    HOOKS,
    PARTS,
    USERS_SOCKETS,
    Rules,
    chain_lines,
    normal_form,
    parse_table,
    render_table,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.networks import (
    EVERYBODY,
    Networks,
    Opening,
)

HERE = Networks(("10.0.0.0/8", "192.168.0.0/16"), ("fe80::/10",))
WEB = Opening("tcp", "443", EVERYBODY)
DATABASE = Opening("tcp", "5432", Networks(("10.1.0.0/16",)))
RULES = Rules(HERE, (WEB, DATABASE), (Opening("tcp", "9100", HERE),), (22, 2222), bridges=("docker0",))


def test_published_ports_are_judged_by_the_port_before_translation() -> None:
    assert chain_lines("published", RULES)[1:] == [
        "ct state established,related accept",
        'iifname "docker0" accept',
        "ct status dnat meta l4proto tcp ct original proto-dst 443 accept",
        "ct status dnat meta l4proto tcp ct original proto-dst 5432 ip saddr 10.1.0.0/16 accept",
        "ct status dnat meta l4proto tcp ct original proto-dst 5432 counter drop",
        "ct status dnat ip saddr { 10.0.0.0/8, 192.168.0.0/16 } accept",
        "ct status dnat ip6 saddr fe80::/10 accept",
        "ct status dnat counter drop",
    ]


def test_nothing_is_forwarded_that_is_not_of_a_container() -> None:
    assert chain_lines("forward", RULES) == [
        "type filter hook forward priority -10; policy drop;",
        "ct state established,related accept",
        'iifname "docker0" accept',
        'oifname "docker0" ct status dnat accept',
        "counter",
    ]


@pytest.mark.parametrize("part", ["world", "input"])
def test_ssh_answers_and_loopback_get_in_whatever_is_said(part: str) -> None:
    lines = chain_lines(part, Rules(Networks(), ssh_ports=(2222,)))
    for wanted in ('iifname "lo" accept', "ct state established,related accept", "tcp dport 2222 accept"):
        assert wanted in lines
    assert "policy drop" in HOOKS[part]


def test_only_the_first_level_trusts_networks() -> None:
    trusting = "ip saddr { 10.0.0.0/8, 192.168.0.0/16 } accept"
    assert trusting in chain_lines("world", RULES)
    assert trusting not in chain_lines("input", RULES)
    assert 'iifname "docker0" accept' in chain_lines("world", RULES)
    assert 'iifname "docker0" accept' not in chain_lines("input", RULES)
    assert 'iifname "docker0" udp dport 53 accept' in chain_lines("input", RULES)


def test_ports_of_users_containers_follow_the_published_ones() -> None:
    lines = chain_lines("input", Rules(HERE, users_sockets=True))
    assert f"{USERS_SOCKETS} ip6 saddr fe80::/10 accept" in lines
    assert not any(USERS_SOCKETS in line for line in chain_lines("input", Rules(HERE)))


@pytest.mark.parametrize(
    ("networks", "wanted"),
    [
        (EVERYBODY, ["ct status dnat accept"]),
        (Networks(("0.0.0.0/0",)), ["ct status dnat meta nfproto ipv4 accept", "ct status dnat counter drop"]),
        (Networks(), ["ct status dnat counter drop"]),
    ],
)
def test_everybody_and_nobody(networks: Networks, wanted: list[str]) -> None:
    assert [line for line in chain_lines("published", Rules(networks)) if "dnat" in line] == wanted


def test_table_is_made_anew_in_one_transaction_and_never_flushes_others() -> None:
    chains = {part: chain_lines(part, RULES) for part in PARTS}
    text = render_table(chains)
    assert text.splitlines()[:3] == [
        "table inet container_host",
        "delete table inet container_host",
        "table inet container_host {",
    ]
    assert "flush" not in text
    assert parse_table(text) == chains
    assert parse_table(None) == {}


# As nft 1.0.6 lists it.
LISTING: dict[str, t.Any] = {
    "nftables": [
        {"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}},
        {"table": {"family": "inet", "name": "container_host", "handle": 4}},
        {"chain": {"name": "input", "handle": 4, "type": "filter", "hook": "input", "prio": -10, "policy": "drop"}},
        {"rule": {"chain": "input", "handle": 5, "expr": [{"counter": {"packets": 7, "bytes": 420}}, {"drop": None}]}},
    ]
}


def changed(**fields: t.Any) -> dict[str, t.Any]:
    """The listing with other fields in its rule."""
    rule = {**LISTING["nftables"][3]["rule"], **fields}
    return {"nftables": [*LISTING["nftables"][:3], {"rule": rule}]}


@pytest.mark.parametrize(
    ("listing", "is_same"),
    [
        (changed(handle=99), True),
        (changed(expr=[{"counter": {"packets": 0, "bytes": 0}}, {"drop": None}]), True),
        (changed(expr=[{"drop": None}]), False),
        (changed(expr=[{"counter": {"packets": 7, "bytes": 420}}, {"accept": None}]), False),
        ({"nftables": LISTING["nftables"][:3]}, False),
        ({"nftables": [*LISTING["nftables"], {"set": {"name": "x"}}]}, False),
    ],
)
def test_normal_form(listing: dict[str, t.Any], is_same: bool) -> None:
    assert (normal_form(listing) == normal_form(LISTING)) is is_same
