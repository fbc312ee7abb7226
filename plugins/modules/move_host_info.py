#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_host_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Tells what is taken and what is free on a host, for a move's verdict
description:
  - Reads what the filter P(anycloud.container_host.move_verdict#filter) needs of a host beside its contract.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  project_name:
    description: The workload that is to be moved.
    type: str
    required: true
  paths:
    description: The paths to look at. When left out, those that the workload's definition on this host mounts or uses
      as devices.
    type: list
    elements: path
  engine_directory:
    description: Where the engine keeps images, C(storage.root_directory) of the contract. Without it, their place in
      RV(places) is null.
    type: path
  directory:
    description: Where moves keep their files, the packed layers of images among them.
    type: path
    default: /var/lib/container-host/moves
  timeout_seconds:
    description: How long the engine may take to answer.
    type: int
    default: 60
seealso:
  - plugin: anycloud.container_host.move_verdict
    plugin_type: filter
  - module: anycloud.container_host.host_contract_info
"""

EXAMPLES = r"""
- name: Look at the source
  anycloud.container_host.move_host_info:
    project_name: shop
  register: here

- name: Look at the target
  anycloud.container_host.move_host_info:
    project_name: shop
    paths: "{{ here.paths.keys() | list }}"
  delegate_to: bravo
"""

RETURN = r"""
containers:
  description: All containers, each with C(name), C(project) (empty when it is of none), C(running), and
    C(anonymous_volumes), the paths of volumes without a name, and C(listening), the ports in use, as RV(listening), by
    what has the host's network; the last two for containers of this workload, empty for others.
  returned: success
  type: list
  elements: dict
volumes:
  description: All volumes, each with C(name) and C(labels).
  returned: success
  type: list
  elements: dict
networks:
  description: All networks, each with C(name), C(labels) and C(subnets).
  returned: success
  type: list
  elements: dict
listening:
  description: The ports in use, each with C(port), C(protocol) and C(address), which is empty for all.
  returned: success
  type: list
  elements: dict
paths:
  description: Path to V(file), V(directory), V(link), V(other) (a socket or a device), or empty when it is absent.
  returned: success
  type: dict
memory_available_bytes:
  description: What can be used without swapping, as the kernel estimates it.
  returned: success
  type: int
places:
  description: Where a move would write - C(volumes) (those that are not there yet), C(images) and C(packing) (layers on
    their way) - and what may still be written there.
  returned: success
  type: dict
  contains:
    path:
      description: The directory, or the first one above it that is there.
      type: str
    file_system:
      description: The number of its file system.
      type: str
      sample: "8:1"
    project:
      description: The project whose quota counts there (XFS, ext4); 0 for none.
      type: int
    free_bytes:
      description: What may still be written there, by the quota and by the file system.
      type: int
    file_system_free_bytes:
      description: What may still be written to the file system.
      type: int
apparmor_profiles:
  description: The names of the AppArmor profiles that are loaded.
  returned: success
  type: list
  elements: str
now_epoch_seconds:
  description: The host's clock, in seconds of the epoch.
  returned: success
  type: float
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move_host_facts import observe


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "project_name": {"type": "str", "required": True},
            "paths": {"type": "list", "elements": "path"},
            "engine_directory": {"type": "path"},
            "directory": {"type": "path", "default": "/var/lib/container-host/moves"},
            **connection_options(),
            "timeout_seconds": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        io = HostIO()
        client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
        engine_directory, directory = params["engine_directory"] or "", params["directory"]
        found = observe(client, io, params["project_name"], params["paths"], engine_directory, directory)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, now_epoch_seconds=time.time(), **found)


if __name__ == "__main__":
    main()
