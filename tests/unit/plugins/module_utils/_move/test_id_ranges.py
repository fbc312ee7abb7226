# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import id_ranges

RANGES = (id_ranges.IdRange(1000, 5000, 10), id_ranges.IdRange(2000, 1000, 1))


@pytest.mark.parametrize(("number", "expected"), [(999, 999), (1000, 5000), (1009, 5009), (1010, 1010), (2000, 1000)])
def test_translate(number: int, expected: int) -> None:
    assert id_ranges.translate(number, RANGES) == expected


def test_rsync_is_told_the_ids_in_use_that_change() -> None:
    assert id_ranges.rsync_map([1001, 0, 2000, 1001], RANGES) == "1001:5001,2000:1000"
    assert id_ranges.rsync_map([0, 7], RANGES) == ""


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([(0, 0, 0)], ["m[0]"]),
        ([(-1, 0, 1)], ["m[0]"]),
        ([(0, 100, 10), (9, 200, 1)], ["m[1]"]),  # one id, two meanings
        ([(0, 100, 10), (50, 109, 1)], ["m[1]"]),  # two ids become one
        ([(0, 100, 10), (0, 100, 10)], ["m[1]", "m[1]"]),
        ([(0, 100, 10), (10, 110, 10)], []),
    ],
)
def test_ranges_that_mean_nothing_are_refused(values: list[tuple[int, int, int]], places: list[str]) -> None:
    options = [dict(zip(("source", "target", "count"), value)) for value in values]
    if not places:
        assert len(id_ranges.read(options, "m")) == len(values)
        return
    with pytest.raises(InputError) as caught:
        id_ranges.read(options, "m")
    assert [problem.path for problem in caught.value.problems] == places


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ([(100, 10)], [(100, 10)], []),
        ([(100, 10)], [(500, 10)], [(100, 500, 10)]),
        ([(100, 10)], [(500, 4), (900, 20)], [(100, 500, 4), (104, 900, 6)]),
        ([(100, 4), (300, 6)], [(500, 20)], [(100, 500, 4), (300, 504, 6)]),
        ([(100, 10)], [(500, 9)], None),
        ([(100, 10)], [], None),
        ([], [(500, 9)], []),
    ],
)
def test_ranges_are_laid_side_by_side(
    source: list[tuple[int, int]],
    target: list[tuple[int, int]],
    expected: t.Optional[list[tuple[int, int, int]]],
) -> None:
    found = id_ranges.aligned(source, target)
    wanted = None if expected is None else [id_ranges.IdRange(*entry) for entry in expected]
    assert found == wanted


def test_ranges_of_one_user() -> None:
    entries = ["containers:1:2", "dockremap:165536:65536", "dockremap:300000:10"]
    assert id_ranges.subordinate(entries, "dockremap") == [(165536, 65536), (300000, 10)]
