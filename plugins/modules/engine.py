#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: engine
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Installs and configures a container engine, Docker or Podman, so that both behave the same
description:
  - Brings a host's container engine to its whole desired state at once. That is its packages and whether they are
    held, every configuration file, and its systemd units.
  - The options mean the same for both engines. What differs by default between Docker and Podman, such as
    capabilities, limits, host names and address pools, is written out with one value for both.
  - The configuration files are owned by this module and merged with nothing. The engine itself checks them before
    they are used.
  - A running engine is reloaded where that is enough, and restarted otherwise. Running containers survive both.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.action
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  provider:
    description: The container engine.
    type: str
    choices: [docker, podman]
    required: true
  state:
    description:
      - V(present) brings packages, configuration and units to what is asked for.
      - V(absent) stops the engine and its containers and removes its packages and configuration. Images, containers
        and volumes stay.
    type: str
    choices: [present, absent]
    default: present
  distributions:
    description:
      - What each distribution calls the packages, one table per distribution. The role
        P(anycloud.container_host.engine#role) has them.
      - A table has C(ids) (values of C(ID) or C(ID_LIKE) in C(/etc/os-release)) and C(releases), which maps a
        C(VERSION_ID) to a provider, a package source, and lists of packages named C(engine), C(runtime), C(shared),
        C(tools), C(replaces), and C(oci_runtimes).
    type: list
    elements: dict
    required: true
  package_source:
    description:
      - Where the packages come from. V(vendor) sets up the repository of the engine's makers, with its own key.
      - Other source files that name the same repository and nothing else are removed.
    type: str
    choices: [distribution, vendor]
    default: distribution
  version:
    description:
      - The engine's version, whole or its first numbers (V(26.1.5), V(26.1)). Without it, an installed engine keeps
        its version.
      - When no repository has it, the module fails before it has changed anything, and lists the versions there
        are.
    type: str
  hold:
    description:
      - Whether the packages of the engine and of its runtimes are held at their version. Without it, holds are left
        alone.
    type: bool
  vendor_key:
    description:
      - The key the vendor's repository is signed with, in ASCII armour. Without it, the one the table names. Text,
        a path on the control node, or a URL fetched by the control node.
    type: str
  remove_data:
    description: With O(state=absent), also remove images, containers, volumes and networks.
    type: bool
    default: false
  socket_enabled:
    description: Whether Podman offers its Docker-compatible API on a local socket. Docker always does.
    type: bool
    default: true
  oci_runtime:
    description: The OCI runtime that starts containers.
    type: str
    choices: [runc, crun]
    default: runc
  cgroup_driver:
    description: Who manages control groups.
    type: str
    choices: [systemd, cgroupfs]
    default: systemd
  live_restore:
    description:
      - Whether containers keep running while Docker's daemon is down. Podman has no daemon, its containers always
        do.
    type: bool
    default: true
  log_driver:
    description:
      - Where output of containers goes. V(journald) is the same thing on both engines.
      - V(file) is C(json-file) with Docker and C(k8s-file) with Podman.
    type: str
    choices: [journald, file]
    default: journald
  log_max_size_mib:
    description: With O(log_driver=file), the size at which a container's log file is rotated.
    type: int
    default: 50
  log_max_files:
    description: With O(log_driver=file), how many files Docker keeps for each container. Podman keeps one.
    type: int
    default: 3
  journal_max_size_mib:
    description: With O(log_driver=journald), what the host's journal may take on disk as a whole.
    type: int
    default: 1024
  registries:
    description: Registries that need something said about them.
    type: list
    elements: dict
    default: []
    suboptions:
      location:
        description: Host name or address, with an optional port.
        type: str
        required: true
      ca_certificate:
        description:
          - Certificate of the authority that signed the registry's own, in PEM form. Text, or a path on the control
            node.
        type: str
      insecure:
        description: Whether plain HTTP and unchecked certificates are accepted.
        type: bool
        default: false
      mirrors:
        description: Locations to try first. Only for the entry of C(docker.io), since Docker knows no others.
        type: list
        elements: str
        default: []
  ulimits:
    description:
      - Resource limits every container starts with, by name. A number, or a mapping with C(soft) and C(hard). V(-1)
        is unlimited.
    type: dict
    default: {}
  address_pool:
    description:
      - The IPv4 network from which container networks are cut. The first subnet belongs to the engine's default
        network.
    type: str
    default: 172.20.0.0/16
  address_pool_prefix:
    description: The prefix length of each container network.
    type: int
    default: 24
  dns_servers:
    description: Name servers for containers. Without any, the host's.
    type: list
    elements: str
    default: []
  dns_search:
    description: Search domains for containers. Without any, the host's.
    type: list
    elements: str
    default: []
  mtu:
    description: The MTU of container networks. V(0) leaves it to the engine.
    type: int
    default: 0
  pids_limit:
    description: How many processes a container may have when nothing else is said for it. V(0) is unlimited.
    type: int
    default: 2048
  no_new_privileges:
    description:
      - With Docker, whether no process in a container may gain privileges by starting a program. Setuid programs in
        images then raise none.
      - Podman can't be told for all containers and refuses V(true).
    type: bool
    default: false
  cgroup_parent:
    description:
      - The systemd slice that containers are in unless they say otherwise.
      - V(machine.slice) is where Podman puts them in any case, and it can't be told otherwise for all containers. When
        it is empty, Docker puts them into C(system.slice), among the host's services.
    type: str
    default: ""
  seccomp_profile:
    description:
      - A seccomp profile for every container, as JSON text or a path on the control node.
      - Without it, each engine's own default profile is in force.
    type: str
requirements:
  - systemd
seealso:
  - module: anycloud.container_host.engine_info
"""

EXAMPLES = r"""
- name: Make the host a Podman host
  anycloud.container_host.engine:
    provider: podman
    distributions: "{{ package_tables }}"
    hold: true

- name: Pin Docker and trust the company's registry
  anycloud.container_host.engine:
    provider: docker
    distributions: "{{ package_tables }}"
    version: "26.1"
    hold: true
    registries:
      - location: registry.example.com:5000
        ca_certificate: files/company-ca.pem
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [install podman 5.4.2+ds1-2+b2, write /etc/containers/containers.conf, enable podman.socket]
version:
  description:
    - The version of the engine's package after this run. Empty when there is no engine, or when check mode can't
      know it.
  type: str
  returned: success
  sample: 5.4.2+ds1-2+b2
socket:
  description: The path of the engine's API socket.
  type: str
  returned: success
  sample: /run/podman/podman.sock
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_argspec import engine_argument_spec
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_host import EngineHost
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(argument_spec=engine_argument_spec(), supports_check_mode=True)
    try:
        outcome = EngineHost(HostIO(), module.params, module.check_mode).run()
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(outcome.plan.difference),
        diff=outcome.plan.diff(),
        actions=outcome.plan.actions(),
        version=outcome.version or "",
        socket=outcome.socket,
    )


if __name__ == "__main__":
    main()
