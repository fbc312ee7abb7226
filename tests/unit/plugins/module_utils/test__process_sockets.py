# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets of a process are found among its descriptors."""

from __future__ import annotations

import os
import socket

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._process_sockets import socket_inodes


def test_a_socket_is_found_while_it_is_open() -> None:
    before = socket_inodes(HostIO(), str(os.getpid()))
    with socket.socket() as opened:
        inode = str(os.fstat(opened.fileno()).st_ino)
        assert socket_inodes(HostIO(), str(os.getpid())) == before | {inode}
    assert inode not in socket_inodes(HostIO(), str(os.getpid()))


def test_a_process_that_is_gone_has_none() -> None:
    assert socket_inodes(HostIO(), "4194305") == set()
