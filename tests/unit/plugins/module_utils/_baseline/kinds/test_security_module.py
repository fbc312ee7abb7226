# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether AppArmor or SELinux is in force."""

from __future__ import annotations

import typing as t

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import Item, Scope
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import KINDS

LSM = "/sys/kernel/security/lsm"
LIST = "/sys/kernel/security/apparmor/profiles"
APPARMOR = {LSM: "lockdown,capability,apparmor", LIST: "docker-default (enforce)\n/usr/bin/man (enforce)\n"}
COMPLAINING = {
    **APPARMOR,
    LIST: "docker-default (complain)\nunused (complain)\nusr.bin.x (y) (enforce)\n",
    "/proc/1/attr/current": "unconfined\n",
    "/proc/7/attr/current": "docker-default (complain)\0",
    "/proc/8/attr/current": "usr.bin.x (y) (enforce)\n",
}
SELINUX = {LSM: "capability,selinux", "/sys/fs/selinux/enforce": "1", "/etc/selinux/config": "# x\nSELINUX=enforcing\n"}
PERMISSIVE = {**SELINUX, "/sys/fs/selinux/enforce": "0"}
LOADED = {"module": "apparmor", "check": "profiles_loaded", "profiles": ["docker-*"]}
NO_COMPLAIN = {"module": "apparmor", "check": "none_complaining"}

CASES: list[tuple[dict[str, str], dict[str, t.Any], str, str]] = [
    # files, parameters, status, reason
    (APPARMOR, {"module": "apparmor"}, "passed", ""),
    ({**APPARMOR, LIST: ""}, {"module": "apparmor"}, "failed", "start apparmor.service"),
    ({LSM: "capability"}, {"module": "apparmor"}, "failed", "nothing confines containers"),
    (SELINUX, {"module": "apparmor"}, "not_applicable", "confined by selinux"),
    (APPARMOR, LOADED, "passed", ""),
    (COMPLAINING, LOADED, "failed", "aa-enforce"),
    ({**APPARMOR, LIST: ""}, LOADED, "failed", "restart the engine"),
    (APPARMOR, {**LOADED, "requires_path": "/run/docker.pid"}, "not_applicable", "/run/docker.pid is not there"),
    ({**APPARMOR, "/run/docker.pid": "1"}, {**LOADED, "requires_path": "/run/docker.pid"}, "passed", ""),
    (APPARMOR, NO_COMPLAIN, "passed", ""),
    (COMPLAINING, NO_COMPLAIN, "failed", "programs run under docker-default, which"),
    (COMPLAINING, {**NO_COMPLAIN, "complain": ["docker-*"]}, "passed", ""),
    (SELINUX, {"module": "selinux"}, "passed", ""),
    (PERMISSIVE, {"module": "selinux"}, "failed", "what would be denied"),
    ({**SELINUX, "/etc/selinux/config": "SELINUX=permissive"}, {"module": "selinux"}, "failed", ""),
    (APPARMOR, {"module": "selinux"}, "not_applicable", "confined by apparmor"),
]


@pytest.mark.parametrize(("files", "parameters", "status", "reason"), CASES)
def test_finding(files: dict[str, str], parameters: dict[str, t.Any], status: str, reason: str) -> None:
    host, _programs = make_host(files)
    found = finding("security_module", host, parameters)
    assert found.status == status
    assert reason in found.reason


def test_profiles_about_to_be_installed_are_foretold() -> None:
    host, _programs = make_host({LSM: "capability,apparmor"})
    kind = KINDS["security_module"]
    items = [Item("c", parse("security_module", {"module": "apparmor"})[0])]
    seen = kind.observe(Scope(host, items, {}, arriving=frozenset({"apparmor"})))
    assert kind.compare(items, seen, {}).findings[0].status == "deviates"


def test_bad_parameters() -> None:
    assert parse("security_module", {"module": "selinux", "check": "none_complaining"})[1] == [
        "p.check: is 'none_complaining' for selinux; only enforcing is looked at there"
    ]
    assert parse("security_module", {"module": "apparmor", "check": "profiles_loaded"})[1] == [
        "p.profiles: is missing; name the profiles that have to be loaded"
    ]
