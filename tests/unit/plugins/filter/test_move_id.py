# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_id."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.move_id import FilterModule

STAMP = "20261129061500"
move_id = FilterModule().filters()["move_id"]


def test_project_and_time() -> None:
    assert move_id("shop", STAMP) == f"shop-{STAMP}"


@pytest.mark.parametrize(
    ("project", "stamp", "message"),
    [
        ("x" * 50, STAMP, "project_name: .* has 50 characters"),
        ("a.b", STAMP, "is no name of a project"),
        ("shop", "today", "'today' is no time"),
        ("shop", 20261129061500, "is no time"),
    ],
)
def test_bad_input(project: str, stamp: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        move_id(project, stamp)
