# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, names
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

STAMP = "20261129061500"
BAD = ["", "a.b", "A", "-a", "_a", "a/b", "../a", "a\n", "x" * 65]


@pytest.mark.parametrize("move", BAD)
def test_journals_and_data_refuse_the_same_ids(move: str) -> None:
    with pytest.raises(InputError, match=r"^id: .* is no id of a move; use lower-case letters"):
        Store.path(move)
    with pytest.raises(InputError):
        names.gate_lock_path(move)
    if move:  # an empty option is one that is not given
        with pytest.raises(InputError, match=r"^move_id: .* is no id of a move; use lower-case letters"):
            key.check({"move_id": move}, {})


@pytest.mark.parametrize("move", ["a", "0", "shop-1_3", "x" * 64])
def test_and_take_the_same(move: str) -> None:
    assert Store.path(move) == f"{names.FOLDER}/{move}.json"
    key.check({"move_id": move}, {})


def test_the_longest_id_leaves_room_for_the_sockets_path() -> None:
    files = key.Files(names.FOLDER, "x" * names.MAX_LENGTH)
    assert len(files.relay_socket) <= 107


def test_a_project_with_a_long_name_is_refused_before_it_moves() -> None:
    longest = "p" * (64 - len(STAMP) - 1)
    assert len(names.new_id(longest, STAMP)) == 64
    with pytest.raises(InputError, match=r"has 50 characters, too many for the id of a move; .* 49 at most"):
        names.new_id(longest + "p", STAMP)
    with pytest.raises(InputError, match="is no name of a project"):
        names.new_id("a.b", STAMP)


def test_no_two_files_share_a_name() -> None:
    # the project's lock is <project>.lock, and an id may be a project's name
    assert names.gate_lock_path("shop").rpartition("/")[2] == "shop.gate.lock"
    assert not names.gate_lock_path("shop").endswith(".json")
