#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module registry_process_info: documentation, arguments and a thin shell."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_process_info
short_description: Show whether a registry runs as a background process
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Says whether the registry that M(anycloud.container_host.registry_process) starts is running.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
  - anycloud.container_host._attributes.actiongroup
options:
  directory:
    description: Where the process id and the messages are kept.
    type: path
    required: true
  configuration:
    description: The path of the registry's configuration.
    type: path
    required: true
seealso:
  - module: anycloud.container_host.registry_process
"""

EXAMPLES = r"""
- name: Ask whether the lab's registry runs
  anycloud.container_host.registry_process_info:
    directory: /srv/registry
    configuration: /srv/registry/config.yml
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

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._registry import process as _process


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "configuration": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    place = _process.Place(module.params["directory"], module.params["configuration"], 0)
    observed = _process.observe(HostIO(), place)
    module.exit_json(changed=False, log=place.log_path, **observed.as_dict())


if __name__ == "__main__":
    main()
