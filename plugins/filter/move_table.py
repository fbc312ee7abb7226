# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_table: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_table
short_description: Show where every move stands, from what its hosts say
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Puts the journals of all hosts together, so that each move is one row, whichever of its hosts answers.
  - Those that are not through come first, then the newest.
options:
  _input:
    description: What M(anycloud.container_host.move_info) returned on each host. Those that did not answer are left
      out.
    type: list
    elements: dict
    required: true
seealso:
  - module: anycloud.container_host.move_info
"""

EXAMPLES = r"""
- name: Show where moves stand
  ansible.builtin.debug:
    msg: "{{ ([alpha, bravo] | anycloud.container_host.move_table).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(moves), one for each with C(id), C(workload), C(source), C(target), C(rung), C(state), C(phase), C(held_by) (the
      run that may write), C(progress) (of a copy under way, one line) and C(next) (what to do about it, empty for
      nothing).
    - C(unfinished), how many are not through.
    - C(lines), the same as a table.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import table
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import from_plain


def filter_move_table(results: t.Any) -> dict[str, t.Any]:
    known = [result for result in results if isinstance(result, t.Mapping)]
    try:
        journals = [from_plain(dict(entry), "a journal") for result in known for entry in result.get("moves", [])]
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_table: {error}") from error
    progress = {move: told for result in known for move, told in (result.get("progress") or {}).items()}
    rows = table.rows(journals, progress)
    return {
        "moves": [row.as_dict() for row in rows],
        "unfinished": sum(bool(row.next) for row in rows),
        "lines": table.text(rows),
    }


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_table": filter_move_table}
