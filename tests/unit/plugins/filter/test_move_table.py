# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_table over results of move_info."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.filter.move_table import filter_move_table
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import to_plain

SOURCE = to_plain(Journal("shop-1", "shop", "source", "alpha", "bravo", phase="verdict"))
TARGET = to_plain(Journal("shop-1", "shop", "target", "alpha", "bravo"))
TOLD = {"what": "images", "done_bytes": 10, "percent": 50, "bytes_per_second": 10, "seconds_left": 1}


def test_both_hosts_make_one_row() -> None:
    found = filter_move_table(
        [{"moves": [SOURCE], "progress": {"shop-1": TOLD}}, {"moves": [TARGET]}, {"unreachable": True}]
    )
    assert [(row["id"], row["progress"]) for row in found["moves"]] == [
        ("shop-1", "images: 10 B, 50 %, 10 B/s, 1 s left")
    ]
    assert found["unfinished"] == 1
    assert len(found["lines"]) == 2


def test_no_moves() -> None:
    assert filter_move_table([{"moves": []}])["unfinished"] == 0


def test_a_broken_journal_is_told() -> None:
    with pytest.raises(AnsibleFilterError, match="move_table: a journal"):
        filter_move_table([{"moves": [{}]}])
