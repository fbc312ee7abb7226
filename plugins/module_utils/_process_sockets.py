# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The sockets a process has open."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

_SOCKET = re.compile(r"socket:\[(\d+)\]")


def socket_inodes(io: HostIO, pid: str) -> set[str]:
    """The inodes of a process's sockets, by its descriptors (proc(5)); none when it is gone."""
    targets = (io.read_link(f"/proc/{pid}/fd/{name}") for name in io.list_directory(f"/proc/{pid}/fd"))
    matches = (_SOCKET.fullmatch(target or "") for target in targets)
    return {match[1] for match in matches if match}
