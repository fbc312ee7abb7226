#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module registry_process: documentation, arguments and a thin shell."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_process
short_description: Run a registry as a background process
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Runs C(docker-registry) in the background, with a file that holds its process id. This is for machines without a
    service manager, such as containers and CI, and for a lab. Elsewhere let the service manager do it.
  - A registry that runs is restarted when its configuration or a watched file is another one than it was started with.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
  - anycloud.container_host._attributes.actiongroup
options:
  state:
    description: V(present) means running, V(absent) stopped.
    type: str
    choices: [present, absent]
    default: present
  directory:
    description: Where the process id and the messages are kept.
    type: path
    required: true
  configuration:
    description: The path of the registry's configuration.
    type: path
    required: true
  watched:
    description: Paths of other files the registry reads when it starts, such as certificates.
    type: list
    elements: path
    default: []
  port:
    description: The port the configuration tells it to listen on.
    type: int
    required: true
  program:
    description: The registry's program.
    type: str
    default: docker-registry
  timeout_seconds:
    description: How long it may take to listen.
    type: int
    default: 30
seealso:
  - module: anycloud.container_host.registry_process_info
"""

EXAMPLES = r"""
- name: Run a registry for a lab
  anycloud.container_host.registry_process:
    directory: /srv/registry
    configuration: /srv/registry/config.yml
    port: 5000
"""

RETURN = r"""
running:
  description: Whether the registry runs.
  returned: success
  type: bool
pid:
  description: Its process id, or null.
  returned: success
  type: int
started_with:
  description: The SHA-256 over the files it was started with, or null.
  returned: success
  type: str
log:
  description: The file it writes its messages to.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._registry import process as _process


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "directory": {"type": "path", "required": True},
            "configuration": {"type": "path", "required": True},
            "watched": {"type": "list", "elements": "path", "default": []},
            "port": {"type": "int", "required": True},
            "program": {"type": "str", "default": "docker-registry"},
            "timeout_seconds": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    params = module.params
    present = params["state"] == "present"
    io = HostIO()
    place = _process.Place(
        params["directory"], params["configuration"], params["port"], params["program"], tuple(params["watched"])
    )
    try:
        observed = _process.observe(io, place)
        files = _process.files_digest(io, place)
        difference = _process.compare(observed, present, files)
        if difference and not module.check_mode:
            if observed.pid is not None:
                _process.stop(io, place, observed.pid)
            if present:
                _process.start(io, place, files, params["timeout_seconds"])
            observed = _process.observe(io, place)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(difference), diff=difference.before_after(), log=place.log_path, **observed.as_dict())


if __name__ == "__main__":
    main()
