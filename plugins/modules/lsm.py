#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lsm
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Brings a host's mandatory access control, SELinux or AppArmor, to enforcing step by step
description:
  - Brings labels, policy and mode of a host to their whole desired state at once, as far as this start of the host
    allows.
  - SELinux is not enforced at its first start. All files are labelled, the host starts with it permissive, what it
    would refuse is collected, and only then it is enforced. RV(reboot_required) says when a start is needed in between,
    and with which parameters of the kernel. The role P(anycloud.container_host.lsm#role) does all of it.
  - Enforcing is refused while something was seen that it would break, with the rules that would allow it.
  - Policy modules and profiles are compiled aside before anything is changed, and installed only when their source has
    changed. A labelling that was cut off is done again by the next run.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  provider:
    description: The access control. V(default) is the one that is in force.
    type: str
    choices: [selinux, apparmor, default]
    default: default
  enforcing:
    description: Whether it refuses, or only notes what it would refuse. With AppArmor, for O(profiles).
    type: bool
    default: true
  force:
    description: Whether it is enforced whatever was seen, and without waiting.
    type: bool
    default: false
  collect_seconds:
    description: How long refusals are collected at least, after the last change of policy or labels, before enforcing.
    type: int
    default: 60
  blocking_domains:
    description:
      - Shell patterns of SELinux' types of processes. What one of these would be refused keeps enforcing from being
        turned on.
        By default containers, engines, and what a host needs to come up and let somebody in.
    type: list
    elements: str
  booleans:
    description: SELinux' booleans, name to value. Others are left alone.
    type: dict
    default: {}
  modules:
    description:
      - SELinux' local policy modules, as source. One that this module has installed and that is left out is removed.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The module's name.
        type: str
        required: true
      te:
        description: Its type enforcement, without macros, C(checkmodule) compiles it.
        type: str
      fc:
        description: Its file contexts.
        type: str
      cil:
        description: The module in the common intermediate language, instead of O(modules[].te).
        type: str
  ports:
    description: SELinux' types of ports. One that this module has set and that is left out is removed.
    type: list
    elements: dict
    default: []
    suboptions:
      ports:
        description: A port or a range, V(8080) or V(8000-8010).
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp, dccp, sctp]
        default: tcp
      type:
        description: The type.
        type: str
        required: true
  file_contexts:
    description:
      - SELinux' types of files. They are labelled when the type changes. One that this module has set and that is
        left out is
        removed.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: A regular expression of whole paths, as V(/srv/data(/.*)?).
        type: str
        required: true
      type:
        description: The type.
        type: str
        required: true
  profiles:
    description:
      - AppArmor's profiles. The first time each only notes what it would refuse for O(collect_seconds). One that
        this module
        has written and that is left out is removed.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: A name for its file.
        type: str
        required: true
      content:
        description: The profile.
        type: str
        required: true
      service:
        description: A systemd service that runs under it, from its next start on.
        type: str
requirements:
  - For SELinux, checkmodule, semodule_package, semanage and the policy's tools; for AppArmor, apparmor_parser.
seealso:
  - module: anycloud.container_host.lsm_info
"""

EXAMPLES = r"""
- name: Enforce SELinux, with a policy module of our own
  anycloud.container_host.lsm:
    provider: selinux
    modules:
      - name: our_host
        te: "{{ lookup('ansible.builtin.file', 'our_host.te') }}"
    ports:
      - ports: "5000"
        type: http_port_t

- name: Confine a service by AppArmor
  anycloud.container_host.lsm:
    provider: apparmor
    profiles:
      - name: exporter
        content: "{{ lookup('ansible.builtin.file', 'exporter.profile') }}"
        service: exporter.service
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [label all files (before SELinux is on), "write the mode of the next boot, permissive"]
provider:
  description: The access control that is managed.
  type: str
  returned: success
  sample: selinux
reboot_required:
  description: Whether the host has to be started with other kernel parameters before this module can go on.
  type: bool
  returned: success
parameters_present:
  description: With RV(reboot_required), the kernel parameters that start takes.
  type: list
  elements: str
  returned: success
  sample: [security=selinux, selinux=1]
parameters_absent:
  description: With RV(reboot_required), the kernel parameters it must not have.
  type: list
  elements: str
  returned: success
restart_required:
  description: The services that come under their profile at their next start.
  type: list
  elements: str
  returned: success
denials:
  description:
    - What was refused, or noted, since the last change, each as in
      RV(anycloud.container_host.lsm_info#module:lsm.denials).
  type: list
  elements: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_argspec import lsm_argument_spec
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_host import LsmHost


def main() -> None:
    module = AnsibleModule(argument_spec=lsm_argument_spec(), supports_check_mode=True)
    try:
        outcome = LsmHost(HostIO(), module.params, module.check_mode).run()
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    plan = outcome.plan
    module.exit_json(
        changed=bool(plan.difference),
        diff=plan.difference.before_after(),
        actions=plan.actions(),
        provider=plan.provider,
        reboot_required=plan.reboot_required,
        parameters_present=plan.parameters_present,
        parameters_absent=plan.parameters_absent,
        restart_required=plan.restart_required,
        denials=[one.as_dict() for one in outcome.denials],
    )


if __name__ == "__main__":
    main()
