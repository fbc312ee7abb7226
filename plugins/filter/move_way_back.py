# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_way_back: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_way_back
short_description: Find the move that undoes a workload's last one
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Tells from the journals of all hosts from where to where a workload has to be moved to be where it was.
  - A host that did not answer is left out.
positional: workload
options:
  _input:
    description: What M(anycloud.container_host.move_info) returned on each host.
    type: list
    elements: dict
    required: true
  workload:
    description: The workload's project name.
    type: str
    required: true
seealso:
  - module: anycloud.container_host.move_info
"""

EXAMPLES = r"""
- name: Say from where to where
  ansible.builtin.debug:
    msg: "{{ [alpha, bravo] | anycloud.container_host.move_way_back('shop') }}"
"""

RETURN = r"""
_value:
  description: C(source) and C(target) of the move to make, and C(rerun), which is V(roll_back) when the last move is
    not through yet, for the same hosts.
  type: dict
  sample: {source: bravo, target: alpha, rerun: resume}
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import from_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move.way_back import way_back


def filter_move_way_back(results: t.Any, workload: t.Any) -> dict[str, str]:
    if not workload:
        raise AnsibleFilterError("move_way_back: no workload is named; give -e workload=NAME")
    try:
        found = [
            from_plain(dict(entry), "a journal")
            for result in results
            for entry in (result.get("moves", []) if isinstance(result, t.Mapping) else [])
        ]
        return way_back(found, str(workload)).as_dict()
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_way_back: {error}") from error


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_way_back": filter_move_way_back}
