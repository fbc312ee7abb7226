#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_contract_info: documentation, arguments and a thin shell over the contract's core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_contract_info
short_description: Read what a container host is, as far as a container can notice
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Reads the host's contract in one pass, without changing anything and without third-party Python packages. The
    contract states the host's architecture, kernel, control groups, security modules, user namespaces, limits,
    container engine, OCI runtime, networks, storage, time synchronisation and secure boot.
  - Two hosts with the same RV(contract_id) can't be told apart by a container. Host name, addresses, provider, sizes
    and whatever else says which host it is are outside of the digest.
  - What a host does not have is stated as V(null), never left out. What could not be read, for lack of rights or since
    the engine gave no answer, is listed in RV(contract.unread); while that has a hashed field, RV(contract_id) is null.
  - Podman that was never used on the host isn't asked, since it would make its storage; it counts as not running.
    Neither is a stopped Docker, which systemd would start.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.LINUX
  - anycloud.container_host._attributes.INFO_MODULE
  - anycloud.container_host._attributes.ACTIONGROUP
options:
  engine:
    description:
      - The container engine to read.
      - V(auto) takes Docker when its daemon runs, else Podman when it is installed, else a stopped Docker.
    type: str
    choices: [auto, docker, podman]
    default: auto
  provider:
    description: The host's provider, as the inventory knows it. It becomes part of the identity.
    type: str
  region:
    description: The host's region, as the inventory knows it. It becomes part of the identity.
    type: str
  zone:
    description: The host's zone, as the inventory knows it. It becomes part of the identity.
    type: str
notes:
  - Without root the engine, and on some distributions the kernel's configuration, can't be read.
seealso:
  - plugin: anycloud.container_host.contract_diff
    plugin_type: filter
  - plugin: anycloud.container_host.contract_fleet
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the contract
  anycloud.container_host.host_contract_info:
    provider: "{{ provider | default(omit) }}"
    region: "{{ region | default(omit) }}"
  register: contract

- name: Refuse a host that differs from another one
  ansible.builtin.assert:
    that: contract.contract_id == hostvars['alpha'].contract.contract_id
    fail_msg: "{{ contract.contract | anycloud.container_host.contract_diff(hostvars['alpha'].contract.contract) }}"
"""

RETURN = r"""
contract:
  description: The whole document, ready to be saved. It doesn't change while the host doesn't.
  returned: success
  type: dict
  contains:
    schema_version:
      description: The version of the contract's schema.
      type: int
    contract_id:
      description: See RV(contract_id).
      type: str
    group_ids:
      description: See RV(group_ids).
      type: dict
    hashed:
      description: The fields a container can notice, by group. They make up the RV(contract_id).
      type: dict
    reported:
      description: Stable fields a container can't notice, by group.
      type: dict
    identity:
      description: See RV(identity).
      type: dict
    unread:
      description: The fields that couldn't be read, each with C(path) and C(reason).
      type: list
      elements: dict
contract_id:
  description:
    - SHA-256 over the canonical JSON (RFC 8785) of the hashed fields and the schema's version.
    - V(null) while a hashed field couldn't be read.
  returned: success
  type: str
  sample: 4e5851e233f3067d77b9d6101617e1a8e1b48fe7f67da5990e735897a02cac00
group_ids:
  description: One digest per group of hashed fields, V(null) for a group with an unread field.
  returned: success
  type: dict
  sample: {"cgroup": "c532f126313ac326dc5caaaf01901859885cb3abf69244a122d04b73ea6628ee"}
schema_version:
  description: The version of the contract's schema; it is part of every digest.
  returned: success
  type: int
  sample: 1
identity:
  description: Which host this is and how large; never hashed.
  returned: success
  type: dict
  sample: {"hostname": "alpha", "provider": "east", "region": "east-1", "cpu_count": 2}
volatile:
  description: A moment's state, by path; neither hashed nor part of RV(contract).
  returned: success
  type: dict
  sample: {"kernel.taint_events": []}
cpu_seconds:
  description: The CPU time the module and its commands used on the host.
  returned: success
  type: float
  sample: 0.31
"""

import resource

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def cpu_seconds() -> float:
    """CPU time of this process and of all commands it has waited for."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return round(sum(usage.ru_utime + usage.ru_stime for usage in usages), 2)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "engine": {"type": "str", "choices": ["auto", "docker", "podman"], "default": "auto"},
            "provider": {"type": "str"},
            "region": {"type": "str"},
            "zone": {"type": "str"},
        },
        supports_check_mode=True,
    )
    given = {key: module.params[key] for key in ("provider", "region", "zone")}
    try:
        document, volatile = observe(HostIO(), module.params["engine"], given)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        contract=document,
        contract_id=document["contract_id"],
        group_ids=document["group_ids"],
        schema_version=document["schema_version"],
        identity=document["identity"],
        volatile=volatile,
        cpu_seconds=cpu_seconds(),
    )


if __name__ == "__main__":
    main()
