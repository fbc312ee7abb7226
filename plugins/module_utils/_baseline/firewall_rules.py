# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The rules of the host firewall as nft(8) reads them: one table of our own, a chain for each part. Pure.

A packet has to pass every base chain of a hook: ours can only forbid, never open what an engine or another table
closes. Nothing of theirs is touched, so that their rules may come and go in any order.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.networks import (
    EVERYBODY,
    Networks,
    Opening,
)

TABLE = "container_host"
PARTS = ("published", "world", "forward", "input")
DEFAULT_BRIDGES = ("docker*", "br-*", "podman*", "cni*", "nerdctl*", "virbr*")
"""Names of the bridges engines and hypervisors make."""

# Before the engines' chains, which are at 0; the order among ours does not matter.
HOOKS = {
    "published": "type filter hook forward priority -15; policy accept;",
    "world": "type filter hook input priority -15; policy drop;",
    "forward": "type filter hook forward priority -10; policy drop;",
    "input": "type filter hook input priority -10; policy drop;",
}

ANSWERS = "ct state established,related accept"
# What IPv4 and IPv6 don't work without (RFC 4890, 4.4.1), and echo requests.
ICMP = (
    "icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept",
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } accept",
    "icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept",
    "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept",
)
DHCP = ("udp sport 67 udp dport 68 accept", "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept")
DNS_PORTS = ("udp dport 53", "tcp dport 53")
# Sockets of users' sessions: how ports of rootless containers arrive. The slice is there as long as the host is up.
USERS_SOCKETS = 'socket cgroupv2 level 1 "user.slice"'


@dataclass(frozen=True)
class Rules:
    """What the chains are made of.

    published: who may reach ports of containers. openings: ports of containers with an answer of their own.
    allow: ports of the host. ssh_ports, ssh_from: where sshd listens, and for whom. bridges: interfaces of
    containers. users_sockets: whether the kernel knows the sockets of users' sessions.
    """

    published: Networks
    openings: tuple[Opening, ...] = ()
    allow: tuple[Opening, ...] = ()
    ssh_ports: tuple[int, ...] = (22,)
    ssh_from: Networks = EVERYBODY
    bridges: tuple[str, ...] = DEFAULT_BRIDGES
    users_sockets: bool = False


def set_of(values: t.Sequence[str]) -> str:
    """One value, or a set of several."""
    return values[0] if len(values) == 1 else f"{{ {', '.join(values)} }}"


def from_each(networks: Networks, match: str, verdict: str = "accept") -> list[str]:
    """A rule for each family of the sources."""
    start = f"{match} " if match else ""
    if networks.is_any:
        return [f"{start}{verdict}"]
    lines = []
    for family, sources in (("ip", networks.ipv4), ("ip6", networks.ipv6)):
        if sources in (EVERYBODY.ipv4, EVERYBODY.ipv6):
            lines.append(f"{start}meta nfproto {'ipv4' if family == 'ip' else 'ipv6'} {verdict}")
        elif sources:
            lines.append(f"{start}{family} saddr {set_of(sources)} {verdict}")
    return lines


def _opened(opening: Opening) -> str:
    if not opening.port:
        return f"meta l4proto {opening.protocol}"
    return f"{opening.protocol} dport {opening.port}"


def _published_port(opening: Opening) -> str:
    """The port as it was before the engine's translation."""
    return f"ct status dnat meta l4proto {opening.protocol} ct original proto-dst {opening.port}"


def _from_bridges(rules: Rules, more: str = "") -> list[str]:
    return [f'iifname "{bridge}" {more}accept' for bridge in rules.bridges]


def _published(rules: Rules) -> list[str]:
    lines = [ANSWERS, *_from_bridges(rules)]
    for opening in rules.openings:
        lines += from_each(opening.sources, _published_port(opening))
        if not opening.sources.is_any:
            lines.append(f"{_published_port(opening)} counter drop")
    lines += from_each(rules.published, "ct status dnat")
    if not rules.published.is_any:
        lines.append("ct status dnat counter drop")
    return lines


def _forward(rules: Rules) -> list[str]:
    to_published = [f'oifname "{bridge}" ct status dnat accept' for bridge in rules.bridges]
    return [ANSWERS, *_from_bridges(rules), *to_published, "counter"]


def _arriving(rules: Rules) -> list[str]:
    """What both chains of the input hook begin with. Published ports with a proxy arrive here too."""
    ssh = f"tcp dport {set_of([str(port) for port in rules.ssh_ports])}"
    lines = ['iifname "lo" accept', ANSWERS, *ICMP, *DHCP, *from_each(rules.ssh_from, ssh)]
    for opening in rules.allow:
        lines += from_each(opening.sources, _opened(opening))
    for opening in rules.openings:
        lines += from_each(opening.sources, _opened(opening))
        if not opening.sources.is_any:
            lines.append(f"{_opened(opening)} counter drop")
    return lines


def _world(rules: Rules) -> list[str]:
    return [*_arriving(rules), *_from_bridges(rules), *from_each(rules.published, ""), "counter"]


def _input(rules: Rules) -> list[str]:
    lines = _arriving(rules)
    for port in DNS_PORTS:
        lines += _from_bridges(rules, f"{port} ")
    if rules.users_sockets:
        lines += from_each(rules.published, USERS_SOCKETS)
    return [*lines, "counter"]


CHAINS: dict[str, t.Callable[[Rules], list[str]]] = {
    "published": _published,
    "world": _world,
    "forward": _forward,
    "input": _input,
}


def chain_lines(part: str, rules: Rules) -> list[str]:
    """The chain of one part: its hook, then its rules in order."""
    return [HOOKS[part], *CHAINS[part](rules)]


def render_table(chains: t.Mapping[str, t.Sequence[str]]) -> str:
    """The file nft loads in one transaction: the table is made anew, everything else stays as it is."""
    lines = [f"table inet {TABLE}", f"delete table inet {TABLE}", f"table inet {TABLE} {{"]
    for name, rules in chains.items():
        lines.append(f"\tchain {name} {{")
        lines.extend(f"\t\t{rule}" for rule in rules)
        lines.append("\t}")
    return "\n".join([*lines, "}"]) + "\n"


def parse_table(text: str | None) -> dict[str, list[str]]:
    """The chains of a file rendered by us; nothing else is understood."""
    chains: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (text or "").splitlines():
        words = line.split()
        if line.startswith("\tchain ") and len(words) == 3:
            current = chains.setdefault(words[1], [])
        elif line.startswith("\t\t"):
            current.append(line.strip())
    return chains


def normal_form(listing: t.Mapping[str, t.Any]) -> dict[str, list[t.Any]]:
    """What ``nft -j list table`` answered (libnftables-json(5)) without what changes by itself: handles and counts.

    Chain -> its properties, then the expressions of its rules; whatever else is in the table is under the empty name.
    """
    chains: dict[str, list[t.Any]] = {}
    for entry in listing.get("nftables", []):
        for what, thing in entry.items():
            if what in ("metainfo", "table"):
                continue
            name = {"chain": thing.get("name", ""), "rule": thing.get("chain", "")}.get(what, "")
            kept = {key: value for key, value in thing.items() if key not in ("handle", "index")}
            chains.setdefault(name, []).append(_without_counts(kept))
    return chains


def _without_counts(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {
            key: {} if key == "counter" and isinstance(inner, dict) else _without_counts(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_counts(inner) for inner in value]
    return value
