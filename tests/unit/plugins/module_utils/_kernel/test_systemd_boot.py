# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd-boot tells in EFI variables."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import Entry
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.systemd_boot import (
    find_release,
    parse_variable,
)

ENTRIES = (Entry("id-6.12", "6.12", ()), Entry("id-6.1", "6.1", ()))


def test_variable() -> None:
    assert parse_variable(b"\x07\0\0\0" + "id-6.1.conf\0".encode("utf-16-le")) == "id-6.1.conf"
    assert parse_variable(None) == ""


@pytest.mark.parametrize(
    ("wanted", "release"), [("id-6.1.conf", "6.1"), ("id-6.12*.conf", "6.12"), ("gone.conf", ""), ("", "")]
)
def test_find_release(wanted: str, release: str) -> None:
    assert find_release(ENTRIES, wanted) == release
