# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_gate
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import snapshots


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/data", "/srv/.data.move-m1"),
        ("/srv/data/", "/srv/.data.move-m1"),
        ("/var/lib/docker/volumes/shop_data/_data", "/var/lib/docker/volumes/shop_data/._data.move-m1"),
        ("/data", "/.data.move-m1"),
    ],
)
def test_snapshots_are_beside_the_volume(path: str, expected: str) -> None:
    assert snapshots.staging(path, "m1") == expected


MET = {
    "compares_by_content": False,
    "compresses": False,
    "translates_ids": False,
    "is_subvolume": True,
    "has_program": True,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"compares_by_content": True}, "by content"),
        ({"compresses": True}, "compress"),
        ({"translates_ids": True}, "translated"),
        ({"has_program": False}, "install btrfs-progs on the source"),
        # what most volumes are is said before what else there is
        (dict.fromkeys(MET, False), snapshots.NO_SUBVOLUME),
    ],
)
def test_why_a_volume_is_sent_with_rsync(changes: dict[str, bool], words: str) -> None:
    why = snapshots.unmet(**{**MET, **changes})
    assert words in why
    assert bool(why) == bool(words)


MOUNTS = """22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 0:40 /@v /srv/data rw,relatime shared:1 - btrfs /dev/sdb rw
24 22 0:41 / /srv/with\\040blank/in rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/srv/data", True), ("/srv/dat", False), ("/srv", True), ("/srv/data/in", False), ("/srv/with blank", True)],
)
def test_mounts_at_a_directory_or_below(path: str, expected: bool) -> None:
    assert snapshots.is_mounted(MOUNTS, path) is expected


def test_a_difference_or_all_of_it() -> None:
    assert snapshots.send_argv("/s", "7", "") == ["btrfs", "send", "--quiet", "/s/7"]
    assert snapshots.send_argv("/s", "7", "5") == ["btrfs", "send", "--quiet", "-p", "/s/5", "/s/7"]


def test_the_gate_understands_what_it_is_asked() -> None:
    places, staging = {"data": "/srv/data"}, {"data": "/srv/.data.move-m1"}
    generation, asked = _move_gate.claimed(snapshots.receive_words("data", "7", "", 3))
    assert (generation, _move_gate.judge(asked, places, staging)) == (
        3,
        ["receive", "/srv/data", "/srv/.data.move-m1", "7", "-"],
    )
    assert _move_gate.judge(snapshots.receive_words("data", "7", "5", 0), places, staging)[-2:] == ["7", "5"]
    generation, asked = _move_gate.claimed(snapshots.ask_words("data", 3))
    assert generation == 3
    assert _move_gate.judge(asked, places, staging) == ["ask", "/srv/data", "/srv/.data.move-m1"]


def test_what_the_target_says() -> None:
    assert snapshots.read_here('{"why": "", "have": ["7"]}\n') == snapshots.Here("", frozenset({"7"}))
    for text in ("", "[]", '{"why": ""}', "sudo: a password is required"):
        with pytest.raises(HostError, match="can't be understood"):
            snapshots.read_here(text)


def test_the_newest_of_numbers() -> None:
    assert snapshots.newest({"9", "10", "new"}) == "10"
    assert snapshots.newest(set()) == ""
