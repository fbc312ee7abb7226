# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes run replaced files, from what /proc says."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._patch.processes import (
    Process,
    in_container,
    parse_process,
    replaced_files,
    unit_of,
)

MAPS = """\
55d0c0a00000-55d0c0a10000 r--p 00000000 08:01 131 /usr/sbin/sshd
55d0c0a10000-55d0c0a90000 r-xp 00010000 08:01 131 /usr/sbin/sshd
7f1c5a000000-7f1c5a200000 r-xp 00026000 08:01 412 /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)
7f1c5a200000-7f1c5a400000 r--p 00000000 08:01 413 /usr/lib/x86_64-linux-gnu/libz.so.1 (deleted)
7f1c5a400000-7f1c5a500000 r-xp 00000000 08:01 414 /usr/lib64/libcrypto.so.3.0.7;67409a1b (deleted)
7f1c5a500000-7f1c5a600000 r-xp 00000000 08:01 415 /usr/bin/tool.dpkg-tmp (deleted)
7f1c5a600000-7f1c5a700000 r-xp 00000000 00:01 999 /memfd:jit (deleted)
7f1c5a700000-7f1c5a800000 r-xp 00000000 00:19 998 /tmp/ffiX (deleted)
7f1c5a800000-7f1c5a900000 rwxs 00000000 00:01 997 /dev/zero (deleted)
7ffd3a1c2000-7ffd3a1c4000 r-xp 00000000 00:00 0 [vdso]
"""
ID = "0123456789abcdef" * 4


def test_only_code_of_packages_counts() -> None:
    assert replaced_files(MAPS) == (
        "/usr/bin/tool",
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/lib64/libcrypto.so.3.0.7",
    )
    assert replaced_files("") == ()


CGROUPS: list[tuple[str, bool, str]] = [
    ("0::/system.slice/ssh.service\n", False, "ssh.service"),
    ("0::/system.slice/system-getty.slice/getty@tty1.service\n", False, "getty@tty1.service"),
    ("0::/init.scope\n", False, "init.scope"),
    ("0::/user.slice/user-1000.slice/session-3.scope\n", False, "session-3.scope"),
    ("0::/user.slice/user-0.slice/user@0.service/app.slice/x.service\n", False, "user@0.service"),
    ("12:pids:/x\n1:name=systemd:/system.slice/cron.service\n", False, "cron.service"),
    ("0::/\n", False, ""),
    (f"0::/system.slice/docker-{ID}.scope\n", True, f"docker-{ID}.scope"),
    (f"0::/docker/{ID}\n", True, ""),
    (f"0::/machine.slice/libpod-{ID}.scope/container\n", True, f"libpod-{ID}.scope"),
    (f"0::/machine.slice/libpod-conmon-{ID}.scope\n", False, f"libpod-conmon-{ID}.scope"),
    ("0::/system.slice/docker.service\n", False, "docker.service"),
]


@pytest.mark.parametrize(("text", "container", "unit"), CGROUPS)
def test_cgroups(text: str, container: bool, unit: str) -> None:
    assert in_container(text) is container
    assert unit_of(text) == unit


PROCESSES: list[tuple[str, str, t.Optional[Process]]] = [
    (CGROUPS[0][0], "", None),
    (CGROUPS[7][0], MAPS, None),
    (CGROUPS[0][0], MAPS, Process(7, "sshd", "ssh.service", replaced_files(MAPS))),
]


@pytest.mark.parametrize(("cgroup", "maps", "expected"), PROCESSES)
def test_processes(cgroup: str, maps: str, expected: t.Optional[Process]) -> None:
    assert parse_process(7, "sshd\n", cgroup, maps) == expected
