#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_key_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Tells which keys of moves a host has, and whether a move's target can be reached
description:
  - Lists every key of a move on this host, by the marker in C(authorized_keys) and by the moves' folders, whoever left it.
  - Asked for O(side=source), it tries the way to the target as the move would take it.
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  side:
    description: Whether this host is the one the workload leaves or the one it goes to.
    type: str
    choices: [source, target]
    required: true
  user:
    description: With O(side=target), the account whose keys are looked through.
    type: str
    default: root
seealso:
  - module: anycloud.container_host.move_key
"""

EXAMPLES = r"""
- name: See whether the source reaches the target, to relay otherwise
  anycloud.container_host.move_key_info:
    move_id: shop-1
    side: source
  register: way

- name: Look for keys that were left behind
  anycloud.container_host.move_key_info:
    move_id: any
    side: target
  register: found
  failed_when: found.keys
"""

RETURN = r"""
present:
  description: Whether this move's key is there.
  returned: success
  type: bool
keys:
  description:
    - With O(side=target), all keys of moves the account lets in; with O(side=source), all private keys of moves.
  returned: success
  type: list
  elements: dict
  contains:
    move_id:
      description: Whose key it is.
      type: str
    path:
      description: The file it is in.
      type: str
    expires_at:
      description: With O(side=target), when it ends, in the host's own time, as C(YYYYMMDDHHMMSS).
      type: str
host_keys:
  description: With O(side=target), this host's public keys, without comments.
  returned: success
  type: list
  elements: str
port:
  description: With O(side=target), the port its SSH server says it listens on.
  returned: success
  type: int
reachable:
  description: With O(side=source), whether the target's program answered; null with O(side=target) and before it is known.
  returned: success
  type: bool
reason:
  description: Why it is not reachable, in the words of C(ssh(1)).
  returned: success
  type: str
"""
