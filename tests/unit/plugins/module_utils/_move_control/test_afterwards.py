# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be done with a copy that a move left stopped."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    Journal,
    MoveRefusedError,
    due,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.afterwards import demand_allowed
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Mark

KEPT = Journal("shop-1", "shop", "source", "alpha", "bravo", phase="released", outcome="released", kept_until=100)
COMING = Journal("shop-2", "shop", "target", "bravo", "alpha")
MARK = Mark("shop-1", "bravo")
LATER = Mark("shop-3", "bravo")


@pytest.mark.parametrize(
    ("step", "others", "mark", "is_down", "now", "message"),
    [
        ("clean", [], MARK, False, 99, "stays for another 1 s"),
        ("clean", [], MARK, False, 100, ""),
        ("clean", [COMING], MARK, False, 100, "shop is being moved .move shop-2."),
        ("revive", [], MARK, False, 1, "bravo may run shop"),
        ("revive", [], MARK, True, 1, ""),
        ("revive", [], None, True, 1, ""),  # begun before, or come back: it may live here
        ("revive", [], LATER, True, 1, "was moved again since"),
        ("revive", [COMING], MARK, True, 1, "shop is being moved"),
    ],
)
def test_when(
    step: str, others: list[Journal], mark: t.Optional[Mark], is_down: bool, now: float, message: str
) -> None:
    def act() -> None:
        demand_allowed(step, KEPT, [KEPT, *others], mark, is_down, now)

    if not message:
        act()
        return
    with pytest.raises(MoveRefusedError, match=message):
        act()


def test_what_is_due() -> None:
    other = dataclasses.replace(KEPT, id="blog-1", project="blog")
    assert due([KEPT, other], 100) == ["shop-1", "blog-1"]
    assert due([KEPT, other], 99) == []
    assert due([KEPT, other, COMING], 100) == ["blog-1"]
    assert due([dataclasses.replace(KEPT, outcome="cleaned"), dataclasses.replace(KEPT, side="target")], 100) == []
