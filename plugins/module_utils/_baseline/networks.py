# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Networks, and ports open to networks, as a person writes them."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader

Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
)
"""Private and link-local networks: RFC 1918, RFC 3927, RFC 4193, RFC 4291."""

ANY = "any"
PORT_PROTOCOLS = ("tcp", "udp", "sctp", "dccp", "udplite")
OTHER_PROTOCOLS = ("ah", "esp", "gre", "igmp", "vrrp")
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Networks:
    """Networks of both families without overlaps, as texts in a stable order."""

    ipv4: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether every address is in them."""
        return self.ipv4 == ("0.0.0.0/0",) and self.ipv6 == ("::/0",)

    def holds(self, address: str) -> bool:
        """Whether an address is in one of them; one with a zone (fe80::1%eth0) counts without it."""
        try:
            wanted = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(wanted, "ipv4_mapped", None)
        wanted = mapped or wanted
        return any(wanted in ipaddress.ip_network(network) for network in (*self.ipv4, *self.ipv6))


@dataclass(frozen=True)
class Opening:
    """A port (or a range such as 8000-8010; empty for protocols without ports) and who may reach it."""

    protocol: str
    port: str
    sources: Networks


EVERYBODY = Networks(("0.0.0.0/0",), ("::/0",))


def collapse(networks: t.Iterable[Network]) -> Networks:
    """Both families, sorted, overlaps merged: nft refuses overlapping ones."""
    given = list(networks)
    four = [network for network in given if isinstance(network, ipaddress.IPv4Network)]
    six = [network for network in given if isinstance(network, ipaddress.IPv6Network)]
    return Networks(
        tuple(str(network) for network in ipaddress.collapse_addresses(four)),
        tuple(str(network) for network in ipaddress.collapse_addresses(six)),
    )


def read_networks(entries: t.Iterable[t.Any], reader: Reader, name: str) -> Networks:
    """Networks out of a list of texts; what is wrong with them is noted in the reader."""
    found: list[Network] = []
    for index, entry in enumerate(entries):
        if entry == ANY:
            found.extend(ipaddress.ip_network(network) for network in (*EVERYBODY.ipv4, *EVERYBODY.ipv6))
            continue
        try:
            # A number would be taken for an address.
            found.append(ipaddress.ip_network(entry if isinstance(entry, str) else repr(entry)))
        except ValueError as error:
            remedy = 'give a network such as 10.1.0.0/16 or 2001:db8::/32 without host bits, an address, or "any"'
            reader.wrong(f"{name}[{index}]", f"is {entry!r} ({error})", remedy)
    return collapse(found)


def read_opening(entry: t.Any, reader: Reader, name: str, default_sources: Networks | None) -> Opening | None:
    """A mapping with port, protocol and from; None when something is wrong, which is noted in the reader."""
    before = len(reader.problems)
    inner = Reader(entry, f"{reader.path}.{name}", reader.problems)
    protocol = inner.choice("protocol", (*PORT_PROTOCOLS, *OTHER_PROTOCOLS), "tcp")
    port = inner.text("port", "")
    if isinstance(inner.given.get("from"), str):
        inner.given = {**inner.given, "from": [inner.given["from"]]}
    sources = inner.entries("from")
    inner.finish()
    if protocol in OTHER_PROTOCOLS and port:
        inner.wrong("port", f"is {port!r}, but {protocol} has no ports", "leave it out")
    if protocol in PORT_PROTOCOLS and not _is_port(port):
        inner.wrong("port", f"is {port!r}", f"give a port from 1 to {HIGHEST_PORT}, or a range such as 8000-8010")
    if not sources and default_sources is None:
        inner.wrong("from", "is missing", 'say which networks may reach it; "any" for all the world')
    networks = read_networks(sources, inner, "from") if sources else default_sources
    if len(reader.problems) > before or networks is None:
        return None
    return Opening(protocol, port, networks)


def _is_port(text: str) -> bool:
    low, dash, high = text.partition("-")
    numbers = [low, high] if dash else [low]
    if not all(number.isascii() and number.isdigit() and 1 <= int(number) <= HIGHEST_PORT for number in numbers):
        return False
    return not dash or int(low) < int(high)
