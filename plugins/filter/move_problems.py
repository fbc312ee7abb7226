# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_problems: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_problems
short_description: Tell what is wrong with the request for a move
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Looks at the variables of the role P(anycloud.container_host.move#role) before any host is asked, and tells all
    that is wrong together.
  - Takes a list of requests, too, for many moves, of which each workload may have one.
positional: hosts, stamp
options:
  _input:
    description: The role's variables without their prefix C(move_), or a list of such.
    type: raw
    required: true
  hosts:
    description: The names of the inventory's hosts.
    type: list
    elements: str
    required: true
  stamp:
    description: The time, as C(YYYYMMDDHHMMSS).
    type: str
    required: true
seealso:
  - plugin: anycloud.container_host.move_id
    plugin_type: filter
"""

EXAMPLES = r"""
- name: See whether it can be meant
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join('; ') }}"
  vars:
    problems: >-
      {{ {'workload': 'shop', 'source': 'alpha', 'target': 'bravo'}
         | anycloud.container_host.move_problems(hostvars | list, now(utc=true).strftime('%Y%m%d%H%M%S')) }}
"""

RETURN = r"""
_value:
  description: A line for each problem, with the variable, what is wrong and what would be right.
  type: list
  elements: str
  sample: ["move_target: no host 'brovo' is in the inventory; did you mean bravo?"]
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._move import request


def filter_move_problems(value: t.Any, hosts: t.Any, stamp: t.Any) -> list[str]:
    if isinstance(value, list):
        return many(value, list(hosts), str(stamp))
    if not isinstance(value, t.Mapping):
        raise AnsibleFilterError(f"move_problems: a mapping or a list of them is due, not {type(value).__name__}")
    return [str(problem) for problem in request.problems(value, list(hosts), str(stamp))]


def many(values: list[t.Any], hosts: list[str], stamp: str) -> list[str]:
    """The problems of a list of moves, each with its place."""
    if not values:
        return ["move_many: no move is named; give a list of mappings with workload, source and target"]
    found: list[str] = []
    named: dict[str, int] = {}
    for index, value in enumerate(values):
        where = f"move_many[{index}]"
        if not isinstance(value, t.Mapping):
            found.append(f"{where}: is no mapping; give workload, source and target")
            continue
        found += [f"{where}: {problem}" for problem in request.problems(value, hosts, stamp)]
        workload = str(value.get("workload") or "")
        if workload and workload in named:
            found.append(
                f"{where}: {workload} is in move_many[{named[workload]}] as well; a workload is moved once at a time"
            )
        named.setdefault(workload, index)
    return found


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_problems": filter_move_problems}
