# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estimate of bytes and downtime, in numbers that can be checked by hand: 100 MB of volumes, a 50 MB image."""

from __future__ import annotations

import typing as t

import move_pairs
import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict import from_plain

MB = 1_000_000


def made(image_there: bool = True, volumes: bool = True, **wishes: t.Any) -> dict[str, t.Any]:
    source, target = move_pairs.source(), move_pairs.side()
    target["images"][0]["exists"] = image_there
    if not volumes:
        source["volumes"][0]["allocated_bytes"] = 0
    return from_plain(source, target, move_pairs.text(), ("a", "b"), **wishes).estimate.as_dict()


@pytest.mark.parametrize(
    ("link", "changed", "budget_ms", "total", "rounds", "downtime_ms"),
    [
        # Nothing is written: one round, and nothing left.
        (10 * MB, 0, 0, 100 * MB, 1, 0),
        # A tenth of the link, no budget: 100 + 10 + 1 + ... until the count of rounds ends it, then hardly a byte.
        (10 * MB, MB, 0, 111_111_111, 8, 0),
        # The rounds end once the last copy fits: 100 + 10 + 1 MB, of which the last takes 100 ms.
        (10 * MB, MB, 150, 111 * MB, 2, 100),
        # Rounds that would not shrink are not made: all of it is copied while nothing runs.
        (10 * MB, 8 * MB, 0, 100 * MB, 0, 10_000),
    ],
)
def test_precopy(link: float, changed: float, budget_ms: int, total: int, rounds: int, downtime_ms: int) -> None:
    got = made(link_bytes_per_second=link, changed_bytes_per_second=changed, downtime_budget_ms=budget_ms)
    assert (got["total_bytes"], got["rounds"], got["downtime_ms"]) == (total, rounds, downtime_ms)


def test_cold_copies_all_of_it_while_nothing_runs() -> None:
    got = made(rung="cold", link_bytes_per_second=10 * MB, restart_ms=500)
    assert (got["total_bytes"], got["downtime_ms"], got["unknown"]) == (100 * MB, 10_500, [])


def test_an_image_the_target_lacks_counts_once() -> None:
    got = made(image_there=False, link_bytes_per_second=10 * MB, changed_bytes_per_second=0)
    assert (got["image_bytes"], got["total_bytes"], got["downtime_ms"]) == (50 * MB, 150 * MB, 0)


def test_what_is_not_known_is_said() -> None:
    got = made()
    assert (got["volume_bytes"], got["total_bytes"], got["downtime_ms"]) == (100 * MB, None, None)
    assert got["unknown"] == ["link_bytes_per_second", "changed_bytes_per_second", "restart_ms"]
    assert made(link_bytes_per_second=0)["unknown"][0] == "link_bytes_per_second"


def test_without_volumes_no_rate_is_needed() -> None:
    got = made(volumes=False, restart_ms=700)
    assert (got["total_bytes"], got["downtime_ms"], got["unknown"]) == (0, 700, [])
