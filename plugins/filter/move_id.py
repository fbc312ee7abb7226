# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_id: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_id
short_description: Name a move that begins
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Makes the id of a move from the workload's project name and the time, and refuses a name that leaves no room for it.
positional: stamp
options:
  _input:
    description: The workload's project name.
    type: str
    required: true
  stamp:
    description: The time, as C(YYYYMMDDHHMMSS).
    type: str
    required: true
seealso:
  - module: anycloud.container_host.move_journal
"""

EXAMPLES = r"""
- name: Name the move
  ansible.builtin.set_fact:
    move: "{{ 'shop' | anycloud.container_host.move_id(now(utc=true).strftime('%Y%m%d%H%M%S')) }}"
"""

RETURN = r"""
_value:
  description: The id.
  type: str
  sample: shop-20261129061500
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names


def filter_move_id(project: t.Any, stamp: t.Any) -> str:
    if not isinstance(stamp, str) or not re.fullmatch(r"\d{14}", stamp):
        raise AnsibleFilterError(f"move_id: {stamp!r} is no time; give it as YYYYMMDDHHMMSS")
    try:
        return names.new_id(str(project), stamp)
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_id: {error}") from error


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_id": filter_move_id}
