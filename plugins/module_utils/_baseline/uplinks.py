# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The interfaces on which the kernel itself takes its IPv6 default route from announcements of a router."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# RTF_ADDRCONF of linux/ipv6_route.h: made from an announcement. Network managers that listen to routers themselves make
# routes without it.
FROM_ANNOUNCEMENT = 0x00040000


def announced_uplinks(io: HostIO) -> tuple[str, ...]:
    """Their names, out of /proc/net/ipv6_route: destination, its prefix length, ..., flags and interface last."""
    found = []
    for line in (io.read_text("/proc/net/ipv6_route") or "").splitlines():
        fields = line.split()
        is_default = len(fields) == 10 and fields[1] == "00" and set(fields[0]) == {"0"} and fields[9] != "lo"
        if is_default and int(fields[8], 16) & FROM_ANNOUNCEMENT:
            found.append(fields[9])
    return tuple(dict.fromkeys(found))
