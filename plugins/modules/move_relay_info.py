#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_relay_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Tells whether a move's relay runs
description:
  - Looks on the control node for the process that M(anycloud.container_host.move_relay) starts.
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  directory:
    description: Where the relay keeps its process id and messages, on the control node.
    type: path
    default: ~/.cache/container-host/moves
seealso:
  - module: anycloud.container_host.move_relay
"""

EXAMPLES = r"""
- name: See whether the relay runs
  anycloud.container_host.move_relay_info:
    move_id: shop-1
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

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_relay_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "move_id": {"type": "str", "required": True},
            "directory": {"type": "path", "default": "~/.cache/container-host/moves"},
        },
        supports_check_mode=True,
    )
    params = module.params
    relay = _host.Relay(key.Files(params["directory"], params["move_id"]))
    try:
        key.check({"move_id": params["move_id"]}, {})
        running = _host.pid(HostIO(), relay)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, running=running is not None, pid=running, log=relay.log)


if __name__ == "__main__":
    main()
