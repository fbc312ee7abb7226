# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel parameters."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse, plan

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.sysctl import (
    DROP_IN,
    Assignment,
    parse_file,
    path_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile, WriteValue

DMESG = {"values": {"kernel.dmesg_restrict": 1}}
KPTR = {"values": {"kernel.kptr_restrict": 2}}
FILE_MAX = {"values": {"fs.file-max": 1000000}, "compare": "at_least"}
FORBIDDEN = {"forbidden": {"net.ipv4.ip_forward": 0}}
OURS_KPTR = {DROP_IN: "kernel.kptr_restrict = 2\n"}
LATER = "/etc/sysctl.d/99-zzz.conf"

CASES: list[tuple[str, dict[str, t.Any], dict[str, str], str, str]] = [
    # name, parameters, more files, status, reason
    ("deviates now", DMESG, {}, "deviates", ""),
    ("holds, not written down", KPTR, {}, "unkept", "holds now"),
    ("holds and is written down", KPTR, OURS_KPTR, "passed", ""),
    ("written down by another earlier", KPTR, {"/etc/sysctl.d/10-a.conf": "kernel.kptr_restrict=2\n"}, "unkept", ""),
    ("wrong at boot", KPTR, {"/etc/sysctl.d/10-a.conf": "kernel.kptr_restrict=1\n"}, "deviates", ""),
    ("undone later", KPTR, {**OURS_KPTR, LATER: "#\n-kernel/kptr_restrict = 0\n"}, "failed", f"{LATER} line 2 sets"),
    ("undone by sysctl.conf", KPTR, {**OURS_KPTR, "/etc/sysctl.conf": "kernel.kptr_restrict=0\n"}, "failed", "after ours"),
    ("undone before ours is written", KPTR, {LATER: "kernel.kptr_restrict=0\n"}, "failed", "after ours"),
    ("same value later", KPTR, {**OURS_KPTR, LATER: "kernel.kptr_restrict = 2\n"}, "passed", ""),
    ("pattern later leaves what is named", KPTR, {**OURS_KPTR, LATER: "kernel.kptr_*=0\n"}, "passed", ""),
    ("hidden by one of the same name", KPTR, {
        **OURS_KPTR, "/usr/lib/sysctl.d/99-zzz.conf": "kernel.kptr_restrict=0\n", LATER: ""}, "passed", ""),
    ("bound met", FILE_MAX, {}, "passed", ""),
    ("bound undercut at boot", FILE_MAX, {"/etc/sysctl.d/10-a.conf": "fs.file-max=5\n"}, "deviates", ""),
    ("missing key", {"values": {"kernel.nothing": 1}}, {}, "failed", "this kernel does not have kernel.nothing"),
    ("missing key that may be", {"values": {"kernel.nothing": 1}, "if_missing": "not_applicable"}, {},
     "not_applicable", "kernel.nothing"),
    ("one of two missing that may be", {"values": {"kernel.nothing": 1, "kernel.kptr_restrict": 2},
     "if_missing": "not_applicable"}, OURS_KPTR, "passed", ""),
    ("key that comes with a module", {"values": {"net.x": 1}, "module": "x"}, {}, "deviates", ""),
    ("several numbers in a value", {"values": {"net.ipv4.tcp_rmem": "4096  131072 6291456"}},
     {DROP_IN: "net.ipv4.tcp_rmem = 4096 131072 6291456\n"}, "passed", ""),
    ("nothing forbidden", FORBIDDEN, {}, "passed", ""),
    ("forbidden at boot", FORBIDDEN, {"/etc/sysctl.d/50-x.conf": "a=1\nnet.ipv4.ip_forward = 0\n"}, "failed",
     "/etc/sysctl.d/50-x.conf line 2 sets net.ipv4.ip_forward to 0 at boot: take that line away"),
    ("forbidden, yet put right later", FORBIDDEN, {"/etc/sysctl.d/50-x.conf": "net.ipv4.ip_forward=0\n",
     "/etc/sysctl.d/60-x.conf": "net.ipv4.ip_forward=1\n"}, "passed", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "files", "status", "reason"), CASES)
def test_finding(name: str, parameters: dict[str, t.Any], files: dict[str, str], status: str, reason: str) -> None:
    host, _programs = make_host(files)
    found = finding("sysctl", host, parameters)
    assert found.status == status, name
    assert reason in found.reason


def test_all_values_go_into_one_file_before_they_are_set() -> None:
    host, _programs = make_host()
    steps = plan("sysctl", host, [DMESG, KPTR]).steps
    assert isinstance(steps[0], WriteFile)
    assert steps[0].controls == ("c0", "c1")
    assert steps[0].content is not None
    assert steps[0].content.splitlines()[1:] == ["kernel.dmesg_restrict = 1", "kernel.kptr_restrict = 2"]
    assert steps[1:] == (WriteValue(("c0",), "/proc/sys/kernel/dmesg_restrict", "1"),)


def test_met_bound_is_left_alone() -> None:
    host, _programs = make_host()
    assert plan("sysctl", host, FILE_MAX).steps == ()


def test_line_for_a_bound_is_written_again_when_it_is_lost() -> None:
    host, _programs = make_host({"/proc/sys/fs/file-max": "5\n"})
    kept = plan("sysctl", host, [FILE_MAX]).keep
    met, _programs = make_host({"/proc/sys/fs/file-max": "1000000\n"})
    assert [found.status for found in plan("sysctl", met, [FILE_MAX], kept).findings] == ["unkept"]


def test_one_way_value_comes_back_with_the_next_boot() -> None:
    host, _programs = make_host()
    parameters = {"values": {"kernel.kexec_load_disabled": 1}, "one_way": True}
    kept = plan("sysctl", host, parameters).keep
    host.files["/proc/sys/kernel/kexec_load_disabled"] = b"1\n"
    back = plan("sysctl", host, [], kept)
    assert back.steps == ()
    assert "next boot" in next(entry.reason for entry in back.restorations if entry.key.startswith("value:"))


PATHS = [
    ("kernel.kptr_restrict", "/proc/sys/kernel/kptr_restrict"),
    ("net.ipv4.conf.eth0/1.rp_filter", "/proc/sys/net/ipv4/conf/eth0.1/rp_filter"),
    ("net/ipv4/conf/eth0.1/rp_filter", "/proc/sys/net/ipv4/conf/eth0.1/rp_filter"),
]


@pytest.mark.parametrize(("key", "path"), PATHS)
def test_path_of_a_key(key: str, path: str) -> None:
    assert path_of(key) == path


def test_file_is_read_as_systemd_does() -> None:
    text = "# a\n; b\n\n-net/ipv4/ip_forward = 1\nkernel.x =  a \t b\n-net.ipv4.conf.all.rp_filter\n"
    assert parse_file(text, "f") == [
        Assignment("net.ipv4.ip_forward", "1", "f", 4),
        Assignment("kernel.x", "a b", "f", 5),
    ]


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({}, "p.values: is missing; give values, or forbidden ones"),
    ({"values": {"a": "x"}, "compare": "at_least"}, "p.values.a: is 'x'; give a whole number to compare at_least"),
    ({"values": {"a": 1}, "compare": "about"}, "p.compare: is 'about'"),
    ({"values": {"a": [1]}}, "p.values.a: is a list"),
]


@pytest.mark.parametrize(("parameters", "complaint"), BAD)
def test_bad_parameters(parameters: dict[str, t.Any], complaint: str) -> None:
    assert complaint in "\n".join(parse("sysctl", parameters)[1])


def test_a_key_for_each_announced_uplink() -> None:
    zeros = "0" * 32
    route = f"{zeros} 00 {zeros} 00 {zeros} 00000400 1 0 00450003     ens3\n"
    host, _programs = make_host({"/proc/net/ipv6_route": route, "/proc/sys/net/ipv6/conf/ens3/accept_ra": "1\n"})
    found = finding("sysctl", host, {"values": {"net.ipv6.conf.{uplink}.accept_ra": 2}})
    assert (found.before, found.after) == ({"net.ipv6.conf.ens3.accept_ra": "1"}, {"net.ipv6.conf.ens3.accept_ra": "2"})
