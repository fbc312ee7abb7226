# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.apparmor import (
    declared,
    loosened,
    parse_profiles,
    render,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import Profile


def test_profiles_in_the_kernel() -> None:
    text = "docker-default (enforce)\nfirefox//child (x) (complain)\n/usr/bin/man (unconfined)\n\n"
    assert parse_profiles(text) == {
        "docker-default": "enforce",
        "firefox//child (x)": "complain",
        "/usr/bin/man": "unconfined",
    }
    assert parse_profiles(None) == {}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("#include <tunables/global>\nprofile a /usr/bin/a {\n}\n", "a"),
        ("/usr/bin/b {\n}\n", "/usr/bin/b"),
        ("profile c flags=(attach_disconnected) { }", "c"),
        ("# profile x\n", ""),
    ],
)
def test_declared(content: str, name: str) -> None:
    assert declared(content) == name


@pytest.mark.parametrize(
    ("content", "loose"),
    [
        ("profile a /usr/bin/a {\n  /etc/x r,\n}\n", "profile a /usr/bin/a flags=(complain) {\n  /etc/x r,\n}\n"),
        ("/usr/bin/b {\n}\n", "/usr/bin/b flags=(complain) {\n}\n"),
        ("profile c flags=(attach_disconnected) { }", "profile c flags=(complain,attach_disconnected) { }"),
        ("profile d {\n  profile e {\n }\n}", "profile d flags=(complain) {\n  profile e flags=(complain) {\n }\n}"),
        ("profile f {\n  /etc/{a,b} r,\n}", "profile f flags=(complain) {\n  /etc/{a,b} r,\n}"),
    ],
)
def test_loosened(content: str, loose: str) -> None:
    assert loosened(content) == loose


def test_files() -> None:
    one = Profile("a", "profile b {\n}\n", "b", "c.service")
    drop_in = "/etc/systemd/system/c.service.d/60-container-host-apparmor.conf"
    assert render([one])[drop_in] == "[Service]\nAppArmorProfile=b\n"
    assert "flags=(complain)" in render([one], enforcing=False)["/etc/apparmor.d/container-host.a"]
