# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter contract_fleet: documentation and a thin shell over the contract's core."""

from __future__ import annotations

DOCUMENTATION = r"""
name: contract_fleet
short_description: Compare the contracts of a fleet with a standard and with each other
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Compares every host's contract with a standard, and all hosts with each other.
  - A host whose contract wasn't read is part of the report, and makes the fleet non-compliant.
options:
  _input:
    description:
      - A mapping of host name to what M(anycloud.container_host.host_contract_info) returned for it.
      - C(contract) is used when it is there; else C(unreachable), C(failed) and C(msg) say what went wrong. An empty
        mapping says that the host was never asked.
    type: dict
    required: true
  standard:
    description:
      - A mapping of a field's path to the wanted value, or to a list of allowed values. For a field that is a list
        itself, a list means exactly that list.
      - Instead of a value, a mapping with one of C(any_of), C(at_least), C(at_most), C(contains) can be given.
    type: dict
    default: {}
  accepted:
    description:
      - Differences that are wanted. They are reported, but are no drift.
      - Each has C(path), which may hold wildcards, a C(reason), and optionally C(hosts), a list of names or patterns.
    type: list
    elements: dict
    default: []
  reference:
    description:
      - The host all others are compared with.
      - Without one, each field is compared with the value that most hosts have; with equal numbers, with that of the
        host that meets the standard best.
    type: str
  providers:
    description: The providers by host name, for hosts whose contract couldn't be read; all others tell it themselves.
    type: dict
    default: {}
seealso:
  - plugin: anycloud.container_host.contract_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Compare two hosts
  ansible.builtin.set_fact:
    report: >-
      {{ {'alpha': alpha, 'beta': beta} | anycloud.container_host.contract_fleet(
           standard={'cgroup.version': 'v2', 'storage.backing_filesystem': ['ext4', 'xfs']},
           accepted=[{'path': 'engine.*', 'reason': 'two engines on purpose'}]) }}
"""

RETURN = r"""
_value:
  description: The report. RV(_value.compliant) says whether there is no drift and every host was read.
  type: dict
  contains:
    compliant:
      description: Whether no host drifts and none is missing.
      type: bool
    schema_version:
      description: The version of the contract's schema.
      type: int
    hosts:
      description:
        - One entry per host, with C(host), C(provider), C(region), C(zone), C(state) (V(read), V(unreachable),
          V(failed), V(not read)), C(message), C(contract_id), C(drift) and C(accepted).
        - Each drift has C(path), C(group), C(kind) (V(standard), V(fleet), V(unread)), C(reason), C(expected),
          C(actual) and C(message).
      type: list
      elements: dict
    groups:
      description: One entry per group of the contract, with C(group), C(agree) and C(hosts) by digest.
      type: list
      elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.report import fleet_report
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError


def filter_contract_fleet(
    readings: t.Any,
    standard: t.Any = None,
    accepted: t.Any = None,
    reference: t.Optional[str] = None,
    providers: t.Optional[dict[str, str]] = None,
) -> dict[str, t.Any]:
    if not isinstance(readings, dict):
        raise AnsibleFilterError(f"contract_fleet: a mapping of host to reading is due, not {type(readings).__name__}")
    try:
        return fleet_report(readings, standard, accepted, reference, providers)
    except ContainerHostError as error:
        raise AnsibleFilterError(f"contract_fleet: {error}") from error


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"contract_fleet": filter_contract_fleet}
