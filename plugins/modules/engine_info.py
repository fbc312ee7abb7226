#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: engine_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads which container engines a host has and how they are set up
description:
  - Reads packages, holds, systemd units and configuration of Docker and of Podman, and says both in the same words.
  - Reads files and local databases only. It talks to no engine and starts none.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options: {}
seealso:
  - module: anycloud.container_host.engine
"""

EXAMPLES = r"""
- name: Read what engines there are
  anycloud.container_host.engine_info:
  register: engines

- name: Check that Podman is the one that is installed
  ansible.builtin.assert:
    that:
      - engines.engines.podman.installed
      - not engines.engines.docker.installed
"""

RETURN = r"""
engines:
  description: Both engines by name, V(docker) and V(podman). Absent things are null or empty, never left out.
  type: dict
  returned: success
  contains:
    installed:
      description: Whether the engine's package is installed.
      type: bool
    package:
      description: The name of that package.
      type: str
    version:
      description: The version of that package.
      type: str
    held:
      description: Whether the package is held at its version.
      type: bool
    runtimes:
      description: Installed runtimes and helpers by package name, each with C(version) and C(held).
      type: dict
    running:
      description: Whether the engine's own service is active. Podman's is active only while someone uses its socket.
      type: bool
    socket:
      description: The path of the API socket, or null when there is none.
      type: str
    units:
      description: The engine's systemd units, each with C(enabled) and C(active).
      type: dict
    configuration:
      description:
        - What the configuration files say, in words that mean the same for both. Null where a file leaves it to the
          engine.
      type: dict
      sample: {cgroup_driver: systemd, log_driver: journald, oci_runtime: runc, storage_driver: overlay}
    files:
      description: The configuration files that are there.
      type: list
      elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_facts import engine_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        engines = engine_facts(HostIO())
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, engines=engines)


if __name__ == "__main__":
    main()
