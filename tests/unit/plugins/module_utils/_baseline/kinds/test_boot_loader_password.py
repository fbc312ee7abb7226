# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boot loader's password."""

from __future__ import annotations

import pytest
from baseline_host import make_host
from baseline_kind import finding, parse

CFG = "/boot/grub/grub.cfg"
FREE = "menuentry 'Linux' --class gnu --unrestricted {\n}\n"
LOCKED = "submenu 'More' {\n\tmenuentry \"It's old\" --class x {\n}\n}\n"
USERS = 'set superusers="root"\n'
HASH = "password_pbkdf2 root grub.pbkdf2.sha512.1.2\n"


@pytest.mark.parametrize(
    ("files", "status", "reason"),
    [
        ({}, "not_applicable", "not started by GRUB"),
        ({CFG: FREE}, "not_applicable", "a secret of yours"),
        ({CFG: USERS + FREE}, "not_applicable", "a secret of yours"),
        ({CFG: USERS + HASH + FREE}, "passed", ""),
        ({CFG: USERS + HASH + LOCKED}, "failed", "More; It's old"),
        ({"/boot/grub2/grub.cfg": USERS + FREE, "/boot/grub2/user.cfg": "GRUB2_PASSWORD=grub.x\n"}, "passed", ""),
    ],
)
def test_finding(files: dict[str, str], status: str, reason: str) -> None:
    host, _programs = make_host(files)
    found = finding("boot_loader_password", host, {})
    assert found.status == status
    assert reason in found.reason


def test_no_parameters() -> None:
    assert parse("boot_loader_password", {"password": "x"})[1] == ["p.password: is not known here; leave it out"]
