# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_verdict: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_verdict
short_description: Say whether, and how, a workload can go from one host to another
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Compares what two hosts are, what a workload takes from its host and what is free at the target, and gives
    V(live), V(precopy), V(cold) or V(refused), for each service and for the whole. Each step down has a reason code,
    the evidence from both sides and a remedy.
  - Also estimates how many bytes are sent and for how long the workload stands still.
  - The codes are listed in docs/move.md.
positional: target
options:
  _input:
    description: The source. A mapping with C(contract) from M(anycloud.container_host.host_contract_info), C(host), the
      result of M(anycloud.container_host.move_host_info), C(volumes) from M(anycloud.container_host.move_volume_info)
      and C(images) from M(anycloud.container_host.move_image_info), and its C(held), without which no layer counts as
      there.
    type: dict
    required: true
  target:
    description: The target, likewise.
    type: dict
    required: true
  definition:
    description: What the workload was made from, as M(anycloud.container_host.move_info) returns it on the source.
    type: str
    required: true
  source_name:
    description: The source's name, for remedies.
    type: str
    default: the source
  target_name:
    description: The target's name, for remedies.
    type: str
    default: the target
  rung:
    description: The best that may be tried.
    type: str
    choices: [precopy, cold]
    default: precopy
  accepted:
    description: Codes that are accepted. Only those that docs/move.md marks so can be.
    type: list
    elements: str
    default: []
  standard:
    description: What the target has to be, as the role C(verify) takes it.
    type: dict
    default: {}
  downtime_budget_ms:
    description: For how long the workload may stand still, in milliseconds; 0 for no budget.
    type: int
    default: 0
  link_bytes_per_second:
    description: What the link between the hosts takes, as measured. Not known when left out or 0.
    type: float
  changed_bytes_per_second:
    description: What the workload changes in its volumes, as measured. Not known when left out.
    type: float
  restart_ms:
    description: How long stopping and starting the workload take, as measured. Not known, and not counted, when left
      out.
    type: int
  max_clock_skew_seconds:
    description: By how much the hosts' clocks may differ.
    type: float
    default: 5
seealso:
  - module: anycloud.container_host.move_host_info
  - plugin: anycloud.container_host.contract_diff
    plugin_type: filter
"""

EXAMPLES = r"""
- name: See whether the workload can go
  ansible.builtin.debug:
    msg: "{{ (alpha | anycloud.container_host.move_verdict(bravo, definition=moves.definition)).verdict }}"
"""

RETURN = r"""
_value:
  description:
    - C(verdict) for the whole, C(services) (each with its own), C(findings), C(codes), C(estimate) and C(message),
      which has a line for each reason of a refusal and is empty otherwise.
    - Each of C(findings) has C(code), C(limit) (the best rung left), C(service) (empty for all), C(meaning), C(source)
      and C(target) (the evidence), C(remedy) and whether it was C(accepted). The worst come first.
    - C(estimate) has C(rung), C(volume_bytes), C(image_bytes), C(total_bytes), C(rounds), C(downtime_ms) and
      C(unknown), the inputs that were not given. What can't be told without them is null.
    - C(id_maps) has C(uid_map) and C(gid_map) for M(anycloud.container_host.move_volume) where the hosts give
      containers other subordinate ids; it is empty where they don't.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict import from_plain


def filter_move_verdict(
    source: t.Any,
    target: t.Any,
    definition: t.Any,
    source_name: str = "the source",
    target_name: str = "the target",
    rung: str = "precopy",
    accepted: t.Any = None,
    standard: t.Any = None,
    downtime_budget_ms: t.Any = 0,
    link_bytes_per_second: t.Any = None,
    changed_bytes_per_second: t.Any = None,
    restart_ms: t.Any = None,
    max_clock_skew_seconds: t.Any = 5,
) -> dict[str, t.Any]:
    try:
        verdict = from_plain(
            source,
            target,
            definition,
            (source_name, target_name),
            rung=rung,
            accepted=accepted,
            standard=standard or {},
            downtime_budget_ms=downtime_budget_ms,
            link_bytes_per_second=link_bytes_per_second,
            changed_bytes_per_second=changed_bytes_per_second,
            restart_ms=restart_ms,
            max_clock_skew_seconds=max_clock_skew_seconds,
        )
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_verdict: {error}") from error
    return verdict.as_dict()


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_verdict": filter_move_verdict}
