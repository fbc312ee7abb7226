#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_key
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Opens and closes the one way a move's data take from its source to its target
description:
  - On the source it makes an ed25519 key for this move alone, in a file only root can read, and an SSH configuration
    that knows the target by its pinned host keys and nothing else.
  - On the target it lets this key in, from the source's addresses, until an expiry, to run one program, which does
    nothing but receive the named directories. No terminal, no forwarding, no other command, no reading back.
  - One copy of a move is received at a time. Where the target has a journal of the move
    (M(anycloud.container_host.move_journal)), only those of its present generation are, and none once the phase
    C(final_delta) is complete.
  - Run it on the source (makes the key), on the target (lets it in), and on the source again (with the target's
    O(host_keys)). With O(state=absent) all of it is gone, including the held connection.
  - Keys that moves have left behind are known by the marker in their comment. M(anycloud.container_host.move_key_info)
    lists them.
requirements:
  - OpenSSH 8.2 or later on both hosts
  - rsync 3.1.3 or later on both hosts
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._move_generation
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  side:
    description: Whether this host is the one the workload leaves or the one it goes to.
    type: str
    choices: [source, target]
    required: true
  state:
    description: V(absent) takes away the key, the connection and the move's folder with all in it, such as layers and
      manifests. On the target, a copy still under way is ended first.
    type: str
    choices: [present, absent]
    default: present
  address:
    description: With O(side=source), the target's address. Without it, the key is made and nothing can be reached yet.
    type: str
  port:
    description: With O(side=source), the port of the target's SSH server.
    type: int
    default: 22
  user:
    description:
      - The account of the target that the key lets in. Any but V(root) gets a rule for C(sudo(8)) that allows the one
        program.
      - With O(side=target), the default is the account that Ansible connects with where it becomes V(root) by
        C(sudo(8)), and V(root) otherwise; RV(user) tells. With O(side=source) give that, the default is V(root).
    type: str
  host_keys:
    description: With O(side=source), the target's RV(host_keys). No other key is accepted.
    type: list
    elements: str
    default: []
  relayed:
    description: With O(side=source), reach the target through M(anycloud.container_host.move_relay).
    type: bool
    default: false
  public_key:
    description: With O(side=target) and O(state=present), the source's RV(public_key).
    type: str
  from_addresses:
    description:
      - With O(side=target), the addresses or networks the key is accepted from. For a relayed move, V(127.0.0.1).
      - Empty means any, which an address translation between the hosts can make necessary.
    type: list
    elements: str
    default: []
  valid_seconds:
    description:
      - With O(side=target), how long the key is accepted. A later run renews it when less than half is left.
    type: int
    default: 86400
  volumes:
    description:
      - "With O(side=target), what may be received: name of a volume to the absolute path of its directory on this host,
        as RV(anycloud.container_host.move_volume#module:volumes) has it."
      - Images, and the manifests to compare, have their place always.
    type: dict
    default: {}
seealso:
  - module: anycloud.container_host.move_key_info
  - module: anycloud.container_host.move_relay
"""

EXAMPLES = r"""
- name: Make the key
  anycloud.container_host.move_key:
    move_id: shop-1
    side: source
  register: key

- name: Let it in
  anycloud.container_host.move_key:
    move_id: shop-1
    side: target
    public_key: "{{ key.public_key }}"
    from_addresses: [192.0.2.10]
    volumes:
      shop_data: /var/lib/docker/volumes/shop_data/_data
  delegate_to: bravo
  register: door

- name: Point the source to the target
  anycloud.container_host.move_key:
    move_id: shop-1
    side: source
    address: 192.0.2.20
    user: "{{ door.user }}"
    host_keys: "{{ door.host_keys }}"

- name: Close it, on either side
  anycloud.container_host.move_key:
    move_id: shop-1
    side: source
    state: absent
"""

RETURN = r"""
public_key:
  description: With O(side=source), the public key; empty in check mode when there is none yet.
  returned: success
  type: str
host_keys:
  description: With O(side=target), this host's public keys, without comments.
  returned: success
  type: list
  elements: str
  sample: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..."]
port:
  description: With O(side=target), the port its SSH server says it listens on.
  returned: success
  type: int
user:
  description: With O(side=target), the account the key lets in.
  returned: success
  type: str
authorized_keys:
  description: With O(side=target), the file the key was put into.
  returned: success
  type: str
expires_at:
  description: With O(side=target), when the key ends, in the host's own time, as C(YYYYMMDDHHMMSS); empty when absent.
  returned: success
  type: str
"""

import inspect
import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import (
    _move_gate,
    _move_key_host,
    _move_pump,
    _move_receiver,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.generation import (
    demand_may_carry,
    demand_may_close,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_options import (
    generation_options,
    move_options,
)


def on_source(module: AnsibleModule, io: HostIO, files: key.Files, present: bool) -> None:
    params = module.params
    way = _move_key_host.Way(
        params["address"] or "", params["port"], params["user"] or "root", tuple(params["host_keys"]),
        params["relayed"], inspect.getsource(_move_pump),
    )  # fmt: skip
    difference = _move_key_host.compare_source(io, files, way, present)
    if difference and not module.check_mode:
        _move_key_host.apply_source(io, files, way, present, difference)
    module.exit_json(
        changed=bool(difference),
        diff=difference.before_after(),
        public_key=_move_key_host.public_key(io, files) if present else "",
    )


def on_target(module: AnsibleModule, io: HostIO, files: key.Files, present: bool) -> None:
    params = module.params
    user = _move_key_host.let_in(io, files, params["user"] or "", os.environ.get("SUDO_USER", ""))
    door = _move_key_host.Door(
        params["public_key"] or "", user, tuple(params["from_addresses"]), params["valid_seconds"],
        params["volumes"], inspect.getsource(_move_gate), inspect.getsource(_move_receiver),
    )  # fmt: skip
    settings = _move_key_host.sshd_settings(io, user)
    who = _move_key_host.account(io, user, settings)
    plan = _move_key_host.plan_target(io, files, door, who, present)
    if plan.difference and not module.check_mode:
        _move_key_host.apply_target(io, files, who, plan, present)
    module.exit_json(
        changed=bool(plan.difference),
        diff=plan.difference.before_after(),
        host_keys=_move_key_host.host_keys(io, settings),
        port=_move_key_host.port(settings),
        user=user,
        authorized_keys=who.authorized_keys,
        expires_at=plan.expires_at,
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **move_options(),
            **generation_options(),
            "side": {"type": "str", "choices": ["source", "target"], "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "address": {"type": "str"},
            "port": {"type": "int", "default": 22},
            "user": {"type": "str"},
            "host_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "relayed": {"type": "bool", "default": False},
            "public_key": {"type": "str", "no_log": False},
            "from_addresses": {"type": "list", "elements": "str", "default": []},
            "valid_seconds": {"type": "int", "default": 86400},
            "volumes": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    params = module.params
    present = params["state"] == "present"
    side = on_source if params["side"] == "source" else on_target
    try:
        key.check(params, params["volumes"])
        key.check_side(params["side"], present, params)
        io = HostIO()
        demand = demand_may_carry if present else demand_may_close
        demand(io, params["move_id"], params["generation"])
        side(module, io, key.Files(params["directory"], params["move_id"]), present)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
