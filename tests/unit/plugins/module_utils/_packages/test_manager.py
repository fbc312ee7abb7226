# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    upstream_version,
    version_matches,
)


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("26.1.5+dfsg1-9", "26.1.5", True),
        ("26.1.5+dfsg1-9", "26.1", True),
        ("26.1.5+dfsg1-9", "26", True),
        ("26.1.5+dfsg1-9", "26.1.5+dfsg1-9", True),
        ("5:27.3.1-1~debian.13~trixie", "27.3.1", True),
        ("5:27.3.1-1~debian.13~trixie", "5:27.3.1-1~debian.13~trixie", True),
        ("26.1.50-1", "26.1.5", False),
        ("26.10.0-1", "26.1", False),
        ("20.10.24+dfsg1-1", "10", False),
        ("5:27.3.1-1", "5", False),
        ("5.4.2", "5.4.2rc1", False),
        ("5.4.2rc1", "5.4.2", False),
    ],
)
def test_version_matches(version: str, wanted: str, expected: bool) -> None:
    assert version_matches(version, wanted) is expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("5:27.3.1-1", (27, 3, 1)), ("26.1.5+dfsg1-9", (26, 1, 5)), ("4.9.3+ds1", (4, 9, 3)), ("", ()), ("git", ())],
)
def test_upstream_version(version: str, expected: tuple[int, ...]) -> None:
    assert upstream_version(version) == expected
