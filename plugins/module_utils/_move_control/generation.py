# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether a run may carry data of a move now, by the journal of the host it is on."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def demand_may_carry(io: HostIO, move: str, generation: int) -> None:
    """Raises MoveRefusedError when the move's journal doesn't let this generation carry data.

    A move without a journal is one whose modules are called by themselves: generation is 0 then. Raises HostError for
    another one, whose journal is lost.
    """
    _demand(io, move, generation, journals.demand_may_carry)


def demand_may_close(io: HostIO, move: str, generation: int) -> None:
    """The same for taking the move's key away, which may also be done after its end."""
    _demand(io, move, generation, journals.demand_generation)


def _demand(io: HostIO, move: str, generation: int, demand: t.Callable[[journals.Journal, int], None]) -> None:
    journal = Store(io).find(move)
    if journal is not None:
        demand(journal, generation)
    elif generation:
        raise HostError(
            f"{Store.path(move)}: there is no journal of this move, whose generation is said to be {generation}; "
            "leave generation out, or restore the journal"
        )
