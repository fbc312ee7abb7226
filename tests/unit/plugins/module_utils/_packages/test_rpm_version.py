# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of versions. tests/dnf_host asks rpm itself about the same ones."""

from __future__ import annotations

import pytest
from rpm_versions import ORDERED

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm_version import (
    newest_first,
    sort_key,
)


@pytest.mark.parametrize(("older", "newer"), ORDERED)
def test_the_order_of_two(older: str, newer: str) -> None:
    assert sort_key(older) < sort_key(newer)
    assert newest_first([older, newer, older]) == [newer, older]


def test_what_separates_does_not_count() -> None:
    assert sort_key("1.0_1-1") == sort_key("1.0.1-1") == sort_key("0:1.0.1-1")
    assert sort_key("1.05-1") == sort_key("1.5-1")
