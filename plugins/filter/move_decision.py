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
  description: C(action), C(code), C(reason), C(remedy), C(steps) (each with C(host), C(name), C(phase)) and C(id),
    which is empty for a move that begins.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import recovery
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import from_plain


def seen(result: t.Any, side: str) -> list[t.Any]:
    """The journals of a result, only those where the host is on this side; a word for a host that didn't answer."""
    if not isinstance(result, t.Mapping):
        raise AnsibleFilterError(f"move_decision: a result of move_info is due, not {type(result).__name__}")
    if "moves" not in result:
        return [recovery.UNREACHABLE]
    journals = [from_plain(dict(entry), f"journal of the {side}") for entry in result["moves"]]
    return [journal for journal in journals if journal.side == side]


def filter_move_decision(
    source: t.Any, target: t.Any, wish: str = recovery.RESUME, target_is_lost: bool = False
) -> dict[str, t.Any]:
    if wish not in (recovery.RESUME, recovery.ROLL_BACK):
        raise AnsibleFilterError(f"move_decision: no wish {wish}; choose resume or roll_back")
    try:
        sources, targets = seen(source, "source"), seen(target, "target")
        here, there = pair(sources, targets)
        decision = recovery.decide(here, there, wish, target_is_lost)
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_decision: {error}") from error
    ids = [side.id for side in (here, there) if not isinstance(side, str) and side is not None and side.unfinished]
    if decision.action == recovery.BEGIN:
        keeps = bool(target.get("definition")) and not target.get("fenced")
        arrived = recovery.already_there(sources, targets, bool(source.get("fenced")), keeps)
        if arrived is not None:
            decision, ids = recovery.there(arrived), [arrived.id]
    return {**decision.as_dict(), "id": ids[0] if ids else ""}


def pair(sources: list[t.Any], targets: list[t.Any]) -> tuple[t.Any, t.Any]:
    """The two journals of the move that is unfinished on either host; what a host hasn't got of it is None."""
    known = [entry for entry in (*sources, *targets) if not isinstance(entry, str)]
    move = next((entry.id for entry in known if entry.unfinished), "")
    found = []
    for side in (sources, targets):
        silent = [entry for entry in side if isinstance(entry, str)]
        found.append(silent[0] if silent else next((entry for entry in side if entry.id == move), None))
    return found[0], found[1]


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_decision": filter_move_decision}
