# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter move_ssh_command: documentation and a thin shell over the core of moves."""

from __future__ import annotations

DOCUMENTATION = r"""
name: move_ssh_command
short_description: Make the words that start a command on a host, for a relay
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Makes from a host's variables the command of C(ssh(1)) that reaches it as Ansible does, for
    M(anycloud.container_host.move_relay). Jump hosts and the like in C(ansible_ssh_common_args) and
    C(ansible_ssh_extra_args) are kept.
  - A host that is not reached over SSH, or that asks for a password, is refused.
positional: host
options:
  _input:
    description: The host's variables.
    type: dict
    required: true
  host:
    description: Its name in the inventory.
    type: str
    required: true
  user:
    description: The account Ansible has there. Used to connect where the variables name none, and with O(become) to see
      whether it is root already.
    type: str
    default: ''
  become:
    description: Whether the command has to run as root, by C(sudo(8)) without a password.
    type: bool
    default: false
  private_key_file:
    description: The key to use where the variables name none.
    type: str
    default: ''
  check_host_keys:
    description: Whether an unknown host key is refused, where the variables don't say.
    type: bool
    default: true
seealso:
  - module: anycloud.container_host.move_relay
"""

EXAMPLES = r"""
- name: Pass a move on
  anycloud.container_host.move_relay:
    move_id: shop-1
    source_command: "{{ hostvars['alpha'] | anycloud.container_host.move_ssh_command('alpha', become=true) }}"
    target_command: "{{ hostvars['bravo'] | anycloud.container_host.move_ssh_command('bravo') }}"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The words, without the command.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.ssh_words import ssh_words


def filter_move_ssh_command(
    values: t.Any,
    host: t.Any,
    user: str = "",
    become: bool = False,
    private_key_file: str = "",
    check_host_keys: bool = True,
) -> list[str]:
    if not isinstance(values, t.Mapping):
        raise AnsibleFilterError(f"move_ssh_command: the variables of a host are due, not {type(values).__name__}")
    try:
        return ssh_words(values, str(host), user, become, private_key_file, check_host_keys)
    except ContainerHostError as error:
        raise AnsibleFilterError(f"move_ssh_command: {error}") from error


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"move_ssh_command": filter_move_ssh_command}
