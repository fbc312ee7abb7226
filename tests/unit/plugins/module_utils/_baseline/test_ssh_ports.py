# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where sshd listens."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import Connection
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.ssh_ports import find_ports

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0
   2: 0100007F:08AF 0100007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0
"""
RUNNING = {"/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs": "40\n", "/proc/net/tcp": TCP}
LINKS = {"/proc/40/fd/3": "socket:[111]", "/proc/40/fd/4": "/dev/null"}
MAIN = "/etc/ssh/sshd_config"


@pytest.mark.parametrize(
    ("files", "connection", "wanted"),
    [
        ({}, None, (22,)),
        (RUNNING, None, (2222,)),
        ({**RUNNING, MAIN: "#Port 1\nPort 22\n"}, None, (22, 2222)),
        ({MAIN: "port=2200\nListenAddress [::]:2201\nListenAddress 192.0.2.1\n"}, None, (2200, 2201)),
        ({"/etc/ssh/sshd_config.d/50-x.conf": "Port 2203\n"}, None, (2203,)),
        ({"/etc/systemd/system/ssh.socket.d/x.conf": "[Socket]\nListenStream=\nListenStream=[::]:2202\n"}, None, (2202,)),
        (RUNNING, Connection("a", "192.0.2.7", "192.0.2.1", 2022), (2022, 2222)),
    ],
)  # fmt: skip
def test_ports(files: dict[str, str], connection: Connection | None, wanted: tuple[int, ...]) -> None:
    assert find_ports(FakeHostIO(files=files, links=LINKS), connection) == wanted
