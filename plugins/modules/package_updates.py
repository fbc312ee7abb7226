#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: package_updates
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Brings a container host's packages up to date, with its engines running afterwards
description:
  - Installs the updates a host's repositories have, all of them or those for security, with apt, dnf or zypper.
  - Held packages are left alone and reported. Configuration files stay as they are. With apt no package is ever
    removed; what would take a removal is kept back and reported.
  - Nothing is asked and no other program restarts services meanwhile. An engine that ran before runs and answers
    afterwards; it is started when a package has left it stopped, and the module fails when it can't be.
  - An installation that was interrupted, as by a power cut, is finished first. A package that can't be configured is
    left to its next version, where the repositories have one. Another package manager's lock is waited for, up to three
    minutes.
  - The module never reboots and restarts nothing else. It says whether a reboot is needed and why, and which services
    are to be restarted.
  - Fails before anything is changed while a kernel is on trial (M(anycloud.container_host.kernel_pin)).
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  state:
    description:
      - V(all) installs every update there is.
      - V(security) installs those that security archives have (apt), or that belong to security advisories (dnf,
        zypper), with what they newly depend on.
      - Package lists older than an hour are fetched first. Check mode takes them as they are, and can't foretell
        updates that come after an interrupted installation.
    type: str
    choices: [all, security]
    default: all
requirements:
  - systemd
seealso:
  - module: anycloud.container_host.package_updates_info
  - module: anycloud.container_host.kernel_pin
"""

EXAMPLES = r"""
- name: Show what would be updated
  anycloud.container_host.package_updates:
  check_mode: true
  diff: true

- name: Install the security updates
  anycloud.container_host.package_updates:
    state: security
  register: updates

- name: Reboot when that is needed
  ansible.builtin.reboot:
  when: updates.reboot_required
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [update libssl3 from 3.0.19-1~deb12u2 to 3.0.22-1~deb12u2]
updates:
  description: The packages that changed, or would change.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The package's name, with its architecture where the package manager writes it.
      type: str
    before:
      description: The version before, or null for a package that is new.
      type: str
    after:
      description: The new version.
      type: str
    origins:
      description: Where the new version comes from, in the package manager's words.
      type: list
      elements: str
    security:
      description: Whether it is a security update.
      type: bool
  sample:
    - name: libssl3
      before: 3.0.19-1~deb12u2
      after: 3.0.22-1~deb12u2
      origins: [Debian-Security:12/oldstable-security]
      security: true
held:
  description: Held packages that have another version on offer, each with C(name), C(version) and C(offered).
  type: list
  elements: dict
  returned: success
  sample: [{name: docker.io, version: 26.1.5+dfsg1-9+b9, offered: 26.1.5+dfsg1-9+b10}]
kept_back:
  description: Packages the package manager keeps back, since another one would have to go or their turn is later.
  type: list
  elements: str
  returned: success
interrupted:
  description: The packages an earlier run was interrupted at, which were finished first.
  type: list
  elements: str
  returned: success
started:
  description: The engines' units the updates had left stopped, and that were started again.
  type: list
  elements: str
  returned: success
reboot_required:
  description: Whether the updates count only after a reboot. In check mode, whether they would.
  type: bool
  returned: success
reboot_reasons:
  description:
    - Why, one line per reason. Another kernel is to run (the pinned one, or a newer one that the boot loader starts), a
      package asks for it, PID 1, glibc or OpenSSL were replaced while in use, or a service can't be restarted alone.
  type: list
  elements: str
  returned: success
  sample: ["replaced libraries are in use: libc.so.6 (14 processes)"]
services_to_restart:
  description: The services that run files which have been replaced, and whose restart is enough.
  type: list
  elements: str
  returned: success
  sample: [cron.service, ssh.service]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.plan import ALL, SECURITY
from ansible_collections.anycloud.container_host.plugins.module_utils._updates_host import UpdatesHost, as_result


def main() -> None:
    specification = {"state": {"type": "str", "choices": [ALL, SECURITY], "default": ALL}}
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    try:
        outcome = UpdatesHost(HostIO(), module.check_mode).update(module.params["state"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(outcome.plan.difference),
        diff=outcome.plan.difference.before_after(),
        actions=outcome.plan.actions(),
        started=list(outcome.started),
        **as_result(outcome),
    )


if __name__ == "__main__":
    main()
