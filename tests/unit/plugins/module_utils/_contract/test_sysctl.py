# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings and limits."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.sysctl import (
    limit,
    number,
    parse_sysctl_file,
    sysctl_path,
)


def test_path() -> None:
    assert sysctl_path("net.ipv4.ip_forward") == "/proc/sys/net/ipv4/ip_forward"


def test_file() -> None:
    text = "# comment\n; another\n\nkernel.pid_max = 1\n-fs.file-max=2\nkernel/threads-max = 3\nnet.ipv4.conf.eth0/1.rp_filter=0\n-net.core.x\nnonsense\n"
    assert parse_sysctl_file(text) == {
        "kernel.pid_max",
        "fs.file-max",
        "kernel.threads-max",
        "net.ipv4.conf.eth0/1.rp_filter",
    }


TEST_NUMBERS: list[tuple[t.Optional[str], t.Optional[int]]] = [
    ("5\n", 5),
    ("-1", -1),
    ("", None),
    (None, None),
    ("1 2", None),
]


@pytest.mark.parametrize(("text", "value"), TEST_NUMBERS)
def test_number(text: t.Optional[str], value: t.Optional[int]) -> None:
    assert number(text) == value


TEST_LIMITS: list[tuple[str, t.Optional[str], set[str], t.Union[int, str, None]]] = [
    ("vm.max_map_count", "65530\n", set(), 65530),
    ("fs.inotify.max_user_watches", "14619", set(), "sized by the kernel"),
    ("fs.inotify.max_user_watches", "524288", {"fs.inotify.max_user_watches"}, 524288),
    ("kernel.pid_max", "4194304", {"kernel.pid_max"}, 4194304),
    ("fs.file-max", "9223372036854775807", set(), "unlimited"),
    ("fs.file-max", "200000", set(), "sized by the kernel"),
    ("fs.file-max", None, set(), None),
]


@pytest.mark.parametrize(("name", "text", "configured", "value"), TEST_LIMITS)
def test_limit(name: str, text: t.Optional[str], configured: set[str], value: t.Union[int, str, None]) -> None:
    assert limit(name, text, configured) == value
