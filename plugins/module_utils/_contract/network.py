# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The host's network, from the kernel's tables and iproute2's JSON."""

from __future__ import annotations

import json
import re
import typing as t


def default_interface(routes: str) -> t.Optional[str]:
    """The interface of the IPv4 default route with the lowest metric, from ``/proc/net/route``."""
    found = []
    for line in routes.splitlines()[1:]:
        columns = line.split()
        if len(columns) >= 8 and columns[1] == "00000000" and columns[7] == "00000000" and columns[6].isdigit():
            found.append((int(columns[6]), columns[0]))
    return min(found)[1] if found else None


def default_interface_ipv6(routes: str) -> t.Optional[str]:
    """The same from ``/proc/net/ipv6_route``; routes of the loopback interface are the kernel's own."""
    found = []
    for line in routes.splitlines():
        columns = line.split()
        if len(columns) >= 10 and columns[0] == "0" * 32 and columns[1] == "00" and columns[9] != "lo":
            found.append((int(columns[5], 16), columns[9]))
    return min(found)[1] if found else None


def addresses(text: str, interfaces: t.Container[str]) -> list[str]:
    """The lasting addresses of some interfaces, with prefix, from ``ip -json address``; sorted.

    Link-local addresses say nothing, temporary IPv6 ones (RFC 8981) change by the day.
    """
    try:
        links = json.loads(text)
    except ValueError:
        return []
    return sorted(
        f"{entry['local']}/{entry['prefixlen']}"
        for link in links
        if link.get("ifname") in interfaces
        for entry in link.get("addr_info", [])
        if entry.get("scope") == "global" and not entry.get("temporary")
    )


def iptables_backend(version: str) -> t.Optional[str]:
    """``nf_tables`` or ``legacy`` in ``iptables --version``; versions before 1.8 know only the latter."""
    if "iptables" not in version:
        return None
    found = re.search(r"\((nf_tables|legacy)\)", version)
    return found.group(1) if found else "legacy"


def resolver(text: str) -> tuple[list[str], list[str]]:
    """Name servers and search domains of resolv.conf(5), in their order."""
    servers: list[str] = []
    search: list[str] = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            servers.append(words[1])
        elif len(words) > 1 and words[0] in ("search", "domain"):
            search = words[1:]
    return servers, search
