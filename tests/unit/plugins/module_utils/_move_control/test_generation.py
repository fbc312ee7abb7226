# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    Journal,
    Lease,
    MoveRefusedError,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.generation import (
    demand_may_carry,
    demand_may_close,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store


def host(side: str = "source", **values: t.Any) -> FakeHostIO:
    io = FakeHostIO()
    Store(io).write(Journal("m1", "shop", side, "alpha", "bravo", lease=Lease("second", 2, 0), **values))
    return io


@pytest.mark.parametrize("demand", [demand_may_carry, demand_may_close])
@pytest.mark.parametrize("side", ["source", "target"])
def test_only_the_present_generation(demand: t.Callable[..., None], side: str) -> None:
    demand(host(side), "m1", 2)
    for generation in (1, 3):
        with pytest.raises(MoveRefusedError, match=f"in generation 2, and this run has generation {generation}"):
            demand(host(side), "m1", generation)
    with pytest.raises(MoveRefusedError, match="give the option generation"):
        demand(host(side), "m1", 0)


@pytest.mark.parametrize("demand", [demand_may_carry, demand_may_close])
def test_a_move_without_a_journal_has_no_generation(demand: t.Callable[..., None]) -> None:
    demand(FakeHostIO(), "m1", 0)
    with pytest.raises(HostError, match=r"moves/m1\.json: there is no journal of this move"):
        demand(FakeHostIO(), "m1", 1)


def test_a_journal_that_can_not_be_read_is_not_taken_for_none() -> None:
    io = FakeHostIO(unreadable=[names.journal_path("m1")])
    with pytest.raises(HostError, match="become root"):
        demand_may_carry(io, "m1", 0)


def test_no_data_after_the_end_nor_once_all_are_there() -> None:
    for outcome in ("rolling_back", "rolled_back", "released"):
        with pytest.raises(MoveRefusedError, match=f"is {outcome}: it can't carry data"):
            demand_may_carry(host(outcome=outcome), "m1", 2)
    for values in ({"phase": "final_delta"}, {"intent": "started"}):
        with pytest.raises(MoveRefusedError, match="are on the target, so no more come"):
            demand_may_carry(host("target", **values), "m1", 2)
    demand_may_carry(host("target", phase="volumes_precopied"), "m1", 2)
    demand_may_carry(host("source", intent="started"), "m1", 2)


def test_the_key_goes_after_the_end_too() -> None:
    demand_may_close(host(outcome="released"), "m1", 0)
    demand_may_close(host(outcome="rolled_back"), "m1", 1)
