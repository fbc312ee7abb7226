# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.denials import (
    blocking,
    parse_denials,
    parse_line,
)

AVC = (
    'type=AVC msg=audit(1700000000.123:42): avc:  denied  { read open } for  pid=7 comm="cat" path="/etc/shadow" dev="vda1"'
    " ino=9 scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=system_u:object_r:shadow_t:s0 tclass=file permissive=1\n"
)
KERNEL = (
    "[   12.3] audit: type=1400 audit(1700000005.000:7): avc:  denied  { map_create } for  pid=1 comm=73797374656D642D6E"
    " scontext=system_u:system_r:systemd_networkd_t:s0 tcontext=system_u:system_r:systemd_networkd_t:s0 tclass=bpf"
    " permissive=0\n"
)
APPARMOR = 'type=AVC msg=audit(1700000001.5:8): apparmor="{0}" operation="{1}" profile="docker-default" {2} comm="sh"\n'


def test_selinux() -> None:
    found = parse_line(AVC)
    assert found is not None
    assert found.rule == "allow container_t shadow_t:file { read open };"
    assert (found.when, found.enforced, found.command, found.path) == (1700000000.123, False, "cat", "/etc/shadow")
    kernel = parse_line(KERNEL)
    assert kernel is not None
    assert kernel.rule == "allow systemd_networkd_t self:bpf { map_create };"
    assert (kernel.command, kernel.enforced) == ("systemd-n", True)


@pytest.mark.parametrize(
    ("operation", "fields", "rule"),
    [
        ("open", 'name="/proc/sysrq-trigger" requested_mask="w" denied_mask="w"', "/proc/sysrq-trigger w,"),
        ("exec", 'name="/bin/x" requested_mask="x" denied_mask="x"', "/bin/x ix,"),
        ("capable", 'capability=16 capname="sys_module"', "capability sys_module,"),
        ("ptrace", 'requested_mask="trace" denied_mask="trace" peer="unconfined"', "ptrace (trace) peer=unconfined,"),
        ("mount", 'name="/mnt/" info="failed flags match" error=-13', "mount /mnt/,"),
        ("userns_create", 'requested="userns_create"', "userns_create userns_create,"),
    ],
)
def test_apparmor(operation: str, fields: str, rule: str) -> None:
    found = parse_line(APPARMOR.format("DENIED", operation, fields))
    assert found is not None
    assert found.rule == rule
    assert found.enforced
    noted = parse_line(APPARMOR.format("ALLOWED", operation, fields))
    assert noted is not None
    assert not noted.enforced


@pytest.mark.parametrize(
    "line",
    [
        "",
        "type=SYSCALL msg=audit(1700000000.1:42): arch=c000003e syscall=2",
        'audit: type=1400 audit(1700000000.1:3): apparmor="STATUS" operation="profile_load" name="docker-default"',
        "type=AVC msg=audit(1700000000.1:42): avc:  granted  { load_policy } scontext=a:b:c tcontext=a:b:d tclass=security",
        "avc:  denied  { read } without a time scontext=a:b:c",
    ],
)
def test_what_is_no_refusal(line: str) -> None:
    assert parse_line(line) is None


def test_those_of_one_kind_are_joined() -> None:
    other = AVC.replace("read open", "getattr").replace("1700000000.123", "1700000009.0")
    found = parse_denials(AVC + other + KERNEL)
    assert [(one.source, one.count) for one in found] == [("container_t", 2), ("systemd_networkd_t", 1)]
    assert found[0].permissions == ("read", "open", "getattr")
    assert found[0].when == 1700000009.0
    assert "2 times; allow it by: allow container_t shadow_t:file { read open getattr };" in str(found[0])


def test_since_and_provider() -> None:
    text = AVC + KERNEL + APPARMOR.format("DENIED", "capable", 'capname="x"')
    assert [one.source for one in parse_denials(text, "selinux", 1700000001)] == ["systemd_networkd_t"]
    assert [one.source for one in parse_denials(text, "apparmor")] == ["docker-default"]


def test_blocking() -> None:
    found = parse_denials(AVC + KERNEL)
    assert [one.source for one in blocking(found, ["container*"])] == ["container_t"]
    assert blocking(found, []) == []
