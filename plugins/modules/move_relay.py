#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_relay
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Passes a move's connection on through the control node, for hosts that can't see each other
description:
  - Runs on the control node (C(delegate_to) V(localhost)), as a process of its own. It opens an SSH session to the
    source, where a socket waits for the move's connection, and one to the target, where it goes on to the SSH server,
    and passes on what comes.
  - The move's own SSH connection runs inside, from the source to the target, so the control node sees nothing in the
    clear, and no forwarding has to be allowed on either host.
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  directory:
    description: Where the relay keeps its process id and messages, on the control node.
    type: path
    default: ~/.cache/container-host/moves
  state:
    description: Whether it runs.
    type: str
    choices: [present, absent]
    default: present
  source_command:
    description:
      - The words that start a command on the source as root, without the command. It is needed with O(state=present).
    type: list
    elements: str
    default: []
  target_command:
    description: The same for the target; it need not be root there.
    type: list
    elements: str
    default: []
  source_directory:
    description: Where the source keeps its moves' files.
    type: path
    default: /var/lib/container-host/moves
  target_port:
    description: The port of the target's SSH server, as seen on the target.
    type: int
    default: 22
  valid_seconds:
    description: How long the relay runs at most.
    type: int
    default: 86400
seealso:
  - module: anycloud.container_host.move_relay_info
  - module: anycloud.container_host.move_key
"""

EXAMPLES = r"""
- name: Pass the move on
  anycloud.container_host.move_relay:
    move_id: shop-1
    source_command: [ssh, -o, BatchMode=yes, admin@192.0.2.10, sudo, -n]
    target_command: [ssh, -o, BatchMode=yes, admin@198.51.100.20]
  delegate_to: localhost
"""

RETURN = r"""
running:
  description: Whether it runs.
  returned: success
  type: bool
pid:
  description: Its process id, or null.
  returned: success
  type: int
log:
  description: The file with its messages.
  returned: success
  type: str
"""

import inspect

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_pump
from ansible_collections.anycloud.container_host.plugins.module_utils import _move_relay_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    ContainerHostError,
    InputError,
    Problem,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "move_id": {"type": "str", "required": True},
            "directory": {"type": "path", "default": "~/.cache/container-host/moves"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "source_command": {"type": "list", "elements": "str", "default": []},
            "target_command": {"type": "list", "elements": "str", "default": []},
            "source_directory": {"type": "path", "default": "/var/lib/container-host/moves"},
            "target_port": {"type": "int", "default": 22},
            "valid_seconds": {"type": "int", "default": 86400},
        },
        supports_check_mode=True,
    )
    params = module.params
    present = params["state"] == "present"
    io = HostIO()
    relay = _host.Relay(key.Files(params["directory"], params["move_id"]))
    try:
        key.check({"move_id": params["move_id"], "directory": params["source_directory"]}, {})
        lacking = [name for name in ("source_command", "target_command") if present and not params[name]]
        if lacking:
            raise InputError([Problem(name, "is missing", "give the words that reach this host") for name in lacking])
        socket = key.Files(params["source_directory"], params["move_id"]).relay_socket
        program = inspect.getsource(_move_pump)
        config = _host.config_text(
            program, params["source_command"], params["target_command"], socket, params["target_port"],
            params["valid_seconds"],
        )  # fmt: skip
        running = _host.pid(io, relay)
        difference = Difference()
        difference.compare("running", running is not None, present)
        if present and running is not None:
            difference.compare("configuration", io.read_text(relay.config), config)
        if difference and not module.check_mode:
            _host.stop(io, relay)
            if present:
                _host.start(io, relay, program, config)
            running = _host.pid(io, relay)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(difference),
        diff=difference.before_after(),
        running=running is not None,
        pid=running,
        log=relay.log,
    )


if __name__ == "__main__":
    main()
