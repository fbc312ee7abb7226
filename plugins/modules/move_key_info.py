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
  - Lists every key of a move on this host, by the marker in C(authorized_keys) and by the moves' folders, whoever left
    it.
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
    description:
      - With O(side=target), the account whose keys are looked through. The default is found as
        M(anycloud.container_host.move_key) does.
    type: str
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
  failed_when: found.move_keys | length > 0
"""

RETURN = r"""
present:
  description: Whether this move's key is there.
  returned: success
  type: bool
move_keys:
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
  description: With O(side=source), whether the target's program answered; null with O(side=target) and before it is
    known.
  returned: success
  type: bool
reason:
  description: Why it is not reachable, in the words of C(ssh(1)).
  returned: success
  type: str
"""

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_key_host, _move_transport
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key
from ansible_collections.anycloud.container_host.plugins.module_utils._move_options import move_options


def read(io: HostIO, files: key.Files, side: str, user: str) -> dict[str, t.Any]:
    if side == "source":
        present = io.exists(files.key)
        reachable, reason = None, ""
        if present and io.exists(files.ssh_config):
            reachable, reason = _move_transport.try_connection(io, files)
        keys = [{"move_id": path.split("/")[-2], "path": path} for path in io.glob(f"{files.directory}/*/key")]
        return {"present": present, "move_keys": keys, "reachable": reachable, "reason": reason}
    user = _move_key_host.let_in(io, files, user, os.environ.get("SUDO_USER", ""))
    settings = _move_key_host.sshd_settings(io, user)
    who = _move_key_host.account(io, user, settings)
    entries = key.read_keys(io.read_text(who.authorized_keys) or "")
    return {
        "present": any(entry.move_id == files.move_id for entry in entries),
        "move_keys": [
            {"move_id": entry.move_id, "path": who.authorized_keys, "expires_at": entry.expires_at} for entry in entries
        ],
        "host_keys": _move_key_host.host_keys(io, settings),
        "port": _move_key_host.port(settings),
        "reachable": None,
        "reason": "",
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **move_options(),
            "side": {"type": "str", "choices": ["source", "target"], "required": True},
            "user": {"type": "str"},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        key.check(params, {})
        found = read(HostIO(), key.Files(params["directory"], params["move_id"]), params["side"], params["user"] or "")
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
