# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter contract_diff: documentation and a thin shell over the contract's core."""

from __future__ import annotations

DOCUMENTATION = r"""
name: contract_diff
short_description: Say what differs between two contracts
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Compares two contracts field by field, each difference with a reason code. No difference means that a container
    can't tell the two hosts apart.
  - A hashed field that one of the two couldn't read is a difference, since nothing is known about it.
  - Contracts of different schema versions differ in that alone, with the reason code V(schema_version).
positional: right
options:
  _input:
    description: A contract, as RV(anycloud.container_host.host_contract_info#module:contract) returns it.
    type: dict
    required: true
  right:
    description: The contract to compare with.
    type: dict
    required: true
  unhashed:
    description: Compare the reported fields as well, which a container can't notice. Identity is never compared.
    type: bool
    default: false
seealso:
  - module: anycloud.container_host.host_contract_info
"""

EXAMPLES = r"""
- name: Show what differs
  ansible.builtin.debug:
    msg: "{{ alpha.contract | anycloud.container_host.contract_diff(beta.contract) }}"
# => - group: kernel
#      hashed: true
#      left: 6.12.48+deb13-amd64
#      path: kernel.release
#      reason: kernel_release
#      right: 6.1.0-40-amd64
#      why: It decides which system calls there are; every container sees it with `uname`.
"""

RETURN = r"""
_value:
  description:
    - The differences, in the order of the contract's schema; empty when there are none.
    - Each has C(path), C(group), C(left), C(right), C(reason) (a code), C(hashed), and C(why) a container can notice.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.diff import contract_diff
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError


def filter_contract_diff(left: t.Any, right: t.Any, unhashed: bool = False) -> list[dict[str, t.Any]]:
    try:
        return contract_diff(left, right, unhashed)
    except ContainerHostError as error:
        raise AnsibleFilterError(f"contract_diff: {error}") from error


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"contract_diff": filter_contract_diff}
