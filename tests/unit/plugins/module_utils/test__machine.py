# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be true of a machine before anything on it is managed."""

from __future__ import annotations

import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._machine import check_machine, check_own_root

ROOT = "Uid:\t0\t0\t0\t0\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"/proc/self/status": "Uid:\t7\t7\t7\t7\n", "/run/systemd/system/x": ""},
            "no privileges: apples are managed as root",
        ),
        ({"/proc/self/status": ROOT}, "systemd does not run here: they need it"),
        (
            {"/proc/self/status": ROOT, "/run/systemd/system/x": "", "/run/systemd/container": "lxc\n"},
            r"this is a container \(lxc\): apples",
        ),
        ({"/proc/self/status": ROOT, "/run/systemd/system/x": ""}, None),
    ],
)
def test_machine(files: dict[str, str], message: t.Optional[str]) -> None:
    host = FakeHostIO(files=files)
    if message is None:
        check_machine(host, "apples", "they need it")
    else:
        with pytest.raises(HostError, match=message):
            check_machine(host, "apples", "they need it")


@pytest.mark.parametrize(("status", "is_chroot"), [(0, True), (1, False)])
def test_chroot(status: int, is_chroot: bool) -> None:
    host = FakeHostIO(commands={("systemd-detect-virt", "--chroot"): (status, "", "")})
    if is_chroot:
        with pytest.raises(HostError, match="this is a chroot"):
            check_own_root(host)
    else:
        check_own_root(host)
