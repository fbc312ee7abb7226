# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_decision: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_decision
short_description: Decide from the journals of both hosts what a run of a move does
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Tells whether a move is begun, resumed, rolled back, cleared from the target, or can't go on, or the workload is
    where it shall go already, and which steps are left.
  - Takes what M(anycloud.container_host.move_info) returned on either host. A host that does not answer has no
    RV(anycloud.container_host.move_info#module:moves) and counts as unreachable.
positional: target
options:
  _input:
    description: The result of the source.
    type: dict
    required: true
  target:
    description: The result of the target.
    type: dict
    required: true
  wish:
    description: What to do with an interrupted move where both are possible.
    type: str
    choices: [resume, roll_back]
    default: resume
  target_is_lost:
    description: Your word that the target is off and stays off.
    type: bool
    default: false
  source_name:
    description: The source's name in the inventory. With it and O(target_name), a workload that is being moved between
      other hosts is found, and nothing can be done then.
    type: str
    default: ''
  target_name:
    description: The target's name in the inventory.
    type: str
    default: ''
seealso:
  - module: anycloud.container_host.move_info
"""

EXAMPLES = r"""
- name: See what a run would do
  ansible.builtin.debug:
    msg: "{{ (source | anycloud.container_host.move_decision(target)).reason }}"
"""

RETURN = r"""
_value:
  description:
    - C(action), C(code), C(reason), C(remedy), C(steps) (each with C(host), C(name), C(phase)).
    - C(id), C(rung) and C(id_maps) of the move that is unfinished, or has brought the workload there already; empty for
      a move that begins.
    - C(unjudged), whether a verdict is due before the steps are taken.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import recovery
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import SOURCE, TARGET, Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import from_plain


def seen(result: t.Any, side: str) -> list[t.Any]:
    """The journals of a result; a word for a host that didn't answer."""
    if not isinstance(result, t.Mapping):
        raise AnsibleFilterError(f"move_decision: a result of move_info is due, not {type(result).__name__}")
    if "moves" not in result:
        return [recovery.UNREACHABLE]
    return [from_plain(dict(entry), f"journal of the {side}") for entry in result["moves"]]


def filter_move_decision(
    source: t.Any,
    target: t.Any,
    wish: str = recovery.RESUME,
    target_is_lost: bool = False,
    source_name: str = "",
    target_name: str = "",
) -> dict[str, t.Any]:
    if wish not in (recovery.RESUME, recovery.ROLL_BACK):
        raise AnsibleFilterError(f"move_decision: no wish {wish}; choose resume or roll_back")
    try:
        sources, targets = seen(source, SOURCE), seen(target, TARGET)
        decision = recovery.another_move(known(sources, targets), source_name, target_name)
        here, there = pair(of_side(sources, SOURCE), of_side(targets, TARGET))
        decision = decision or recovery.decide(here, there, wish, target_is_lost)
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_decision: {error}") from error
    move = next((side for side in (here, there) if isinstance(side, Journal) and side.unfinished), None)
    if decision.action == recovery.BEGIN:
        keeps = bool(target.get("definition")) and not target.get("fenced")
        move = recovery.already_there(
            of_side(sources, SOURCE), of_side(targets, TARGET), bool(source.get("fenced")), keeps
        )
        decision = recovery.there(move) if move else decision
    return {
        **decision.as_dict(),
        "id": move.id if move else "",
        "rung": move.rung if move else "",
        "id_maps": dict(move.facts.get("id_maps") or {}) if move else {},
        "unjudged": recovery.is_unjudged(decision),
    }


def of_side(journals: list[t.Any], side: str) -> list[t.Any]:
    """Only those where the host is on this side, and the word for a host that didn't answer."""
    return [entry for entry in journals if isinstance(entry, str) or entry.side == side]


def known(sources: list[t.Any], targets: list[t.Any]) -> list[Journal]:
    """All journals that were read."""
    return [entry for entry in (*sources, *targets) if not isinstance(entry, str)]


def pair(sources: list[t.Any], targets: list[t.Any]) -> tuple[t.Any, t.Any]:
    """The two journals of the move that is unfinished on either host; what a host hasn't got of it is None."""
    move = next((entry.id for entry in known(sources, targets) if entry.unfinished), "")
    found = []
    for side in (sources, targets):
        silent = [entry for entry in side if isinstance(entry, str)]
        found.append(silent[0] if silent else next((entry for entry in side if entry.id == move), None))
    return found[0], found[1]


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_decision": filter_move_decision}
