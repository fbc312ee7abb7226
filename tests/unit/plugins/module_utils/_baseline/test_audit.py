# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit rules in one form."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import audit

SAME = [
    # as written, as auditctl -l prints it
    ("-w /etc/passwd -p wa -k identity", "-w /etc/passwd -p wa -k identity"),
    ("-w /etc/passwd -p wa -k identity", "-a always,exit -S all -F path=/etc/passwd -F perm=wa -F key=identity"),
    ("-w /etc/sudoers.d/ -p aw -k scope", "-w /etc/sudoers.d -p wa -k scope"),
    ("-w /etc/sudoers.d -p wa -k scope", "-a always,exit -F dir=/etc/sudoers.d -F perm=wa -F key=scope"),
    ("-w /etc/docker -k docker", "-w /etc/docker -p rwxa -k docker"),
    (
        "-a exit,always -F arch=x86_64 -S settimeofday -S adjtimex -k time",
        "-a always,exit -F arch=b64 -S adjtimex,settimeofday -F key=time",
    ),
    (
        "-a always,exit -F arch=b64 -S execve -C euid!=uid -F auid!=unset -k user",
        "-a always,exit -F arch=b64 -S execve -C uid!=euid -F auid!=-1 -F key=user",
    ),
    ("-a always,exit -F path=/x -F loginuid!=4294967295", "-a always,exit -S all -F path=/x -F auid!=-1"),
    ("-a always,exit -S open -F exit=-EACCES -F uid=root", "-a always,exit -S open -F exit=-13 -F uid=0"),
    ("-a always,exit -S clock_settime -F a0=0x0", "-a always,exit -S clock_settime -F a0=0"),
]


@pytest.mark.parametrize(("written", "listed"), SAME)
def test_one_rule_has_one_form(written: str, listed: str) -> None:
    assert audit.parse_line(written) == audit.parse_line(listed)


DIFFERENT = [
    ("-w /etc/passwd -p wa -k a", "-w /etc/passwd -p w -k a"),
    ("-w /etc/passwd -p wa -k a", "-w /etc/passwd -p wa -k b"),
    ("-a always,exit -F arch=b64 -S open -k a", "-a always,exit -F arch=b32 -S open -k a"),
    ("-a always,exit -F arch=b64 -S open -k a", "-a never,exit -F arch=b64 -S open -k a"),
    ("-a always,exit -S open -F auid>=1000", "-a always,exit -S open -F auid>1000"),
    ("-a always,exit -S open", "-a always,exit -S open,openat"),
    ("-a always,exit -S open -F exit=-EACCES", "-a always,exit -S open -F exit=-EPERM"),
]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_rules_stay_different(left: str, right: str) -> None:
    assert audit.parse_line(left) != audit.parse_line(right)


@pytest.mark.parametrize("line", ["", "# a comment", "-D", "--backlog_wait_time 60000"])
def test_lines_that_are_no_rules(line: str) -> None:
    assert audit.parse_line(line) is None


def test_setting_is_named_as_in_the_status() -> None:
    assert audit.parse_line("-f 1") == audit.Setting("failure", "1")


BAD = ["-w", "-w etc/passwd -p wa", "-x 1", "-e on", "-a always,exit -F nonsense", "-a always,exit -S", "-k a -w /etc"]


@pytest.mark.parametrize("line", BAD)
def test_lines_that_cannot_be_understood(line: str) -> None:
    with pytest.raises(audit.RuleError):
        audit.parse_line(line)


def test_listing_without_rules_is_empty() -> None:
    assert audit.parse_listing("No rules\n") == frozenset()


def test_status() -> None:
    text = "enabled 2\nfailure 1\npid 412\nbacklog_limit 8192\nloginuid_immutable 0 unlocked\n"
    assert audit.parse_status(text)["enabled"] == audit.LOCKED


FLOODING = [
    ("-w /var/lib/docker -p wa", True),
    ("-w /var/lib/docker/ -k docker", True),
    ("-w /var/lib/containers/storage/overlay -p wa", True),
    ("-w /var/lib -p wa", True),
    ("-w / -p wa", True),
    ("-w /home -p wa", True),
    ("-w /home/admin/.local/share/containers -p wa", True),
    ("-a always,exit -F dir=/var/lib/containerd -F perm=wa", True),
    ("-a always,exit -F path=/var/lib/docker -F perm=wa", False),
    ("-w /etc/docker -p wa", False),
    ("-w /var/lib/container-host -p wa", False),
    ("-w /home/admin/.ssh -p wa", False),
]


@pytest.mark.parametrize(("line", "floods"), FLOODING)
def test_container_storage_is_recognised(line: str, floods: bool) -> None:
    assert audit.floods(line) is floods


def elf(machine: int, order: int = 1) -> bytes:
    return b"\x7fELF\x02" + bytes([order]) + bytes(12) + machine.to_bytes(2, "little" if order == 1 else "big")


CALLS = "-a always,exit -S chmod,fchmod,stime -F auid>=1000 -k x"
MACHINES = [
    (
        elf(62),
        [
            "-a always,exit -F arch=b64 -S chmod,fchmod -F auid>=1000 -k x",
            "-a always,exit -F arch=b32 -S chmod,fchmod,stime -F auid>=1000 -k x",
        ],
    ),
    (
        elf(183),
        [
            "-a always,exit -F arch=b64 -S fchmod -F auid>=1000 -k x",
            "-a always,exit -F arch=b32 -S chmod,fchmod -F auid>=1000 -k x",
        ],
    ),
    (elf(243), ["-a always,exit -F arch=b64 -S fchmod -F auid>=1000 -k x"]),
    (elf(22, 2), ["-a always,exit -F arch=b64 -S fchmod -F auid>=1000 -k x"]),
    (b"#!/bin/sh", ["-a always,exit -F arch=b64 -S fchmod -F auid>=1000 -k x"]),
]


@pytest.mark.parametrize(("header", "lines"), MACHINES)
def test_calls_are_watched_in_each_abi_that_has_them(header: bytes, lines: list[str]) -> None:
    abis = audit.ABIS_OF_MACHINE.get(audit.machine_of(header), audit.OTHER_ABIS)
    assert audit.for_abis(CALLS, abis) == lines


def test_calls_no_abi_has_are_left_out() -> None:
    assert audit.for_abis("-a always,exit -S stime -k x", audit.OTHER_ABIS) == []


@pytest.mark.parametrize("line", ["-w /etc/passwd -p wa", "-a always,exit -F arch=b64 -S open -k x"])
def test_lines_with_an_abi_or_without_calls_stay(line: str) -> None:
    assert audit.for_abis(line, audit.ABIS_OF_MACHINE[62]) == [line]
