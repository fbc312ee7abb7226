#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: baseline
version_added: 0.1.0
short_description: Harden a container host in one pass
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Makes a whole catalogue of controls hold on a host, in one module execution, with containers still working.
  - What was there before is kept in C(/var/lib/container-host/baseline.json) and put back when a control no longer
    holds, with O(state=absent) for all of them.
  - The catalogue is read and resolved on the control node; unknown controls, missing reasons, bad dates and wrong types
    are reported all at once, before the host is touched.
  - Nothing is done that would shut out the connection the module comes by, as far as that can be known beforehand.
  - Changes that decide who gets in (firewall, SSH server, PAM, sudo, accounts) are taken back by the host itself unless
    they are confirmed over a new connection, privilege escalation included. The action plugin does so after a run that
    made such changes; it fails when it can't, and says what the host did.
  - A host without systemd can't take anything back by itself. Over connections that are not made anew (such as
    C(local)) the confirmation proves only that the host still runs programs.
requirements:
  - root privileges on the managed node
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._baseline
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.action
options:
  state:
    description:
      - With V(absent), everything earlier runs changed is put back, as with O(profile=none).
    type: str
    choices: [present, absent]
    default: present
  enforce:
    description:
      - With V(false), nothing is changed and nothing fails. What deviates is reported as failed.
    type: bool
    default: true
  run_id:
    description:
      - What this run is known by. Filled in by the action plugin; whatever is given is replaced.
    type: str
    default: ""
  confirm:
    description:
      - The run whose changes are to be kept. Filled in by the action plugin; whatever is given is replaced.
    type: str
    default: ""
seealso:
  - module: anycloud.container_host.baseline_info
"""

EXAMPLES = r"""
- name: Harden the host
  anycloud.container_host.baseline:
    profile: level1

- name: Harden the host, with two decisions of our own
  anycloud.container_host.baseline:
    profile: level2
    overrides:
      - id: ssh_login_attempts
        reason: Our jump host offers six keys
        parameters:
          options:
            MaxAuthTries: 6
    exemptions:
      - id: removable_storage_off
        reason: Backups go to a USB disk until the new system is there
        expires: "2030-12-31"

- name: Put everything back
  anycloud.container_host.baseline:
    state: absent
"""

RETURN = r"""
controls:
  description: One entry for each control, in the catalogue's order.
  returned: when the options could be understood, without O(controls_as=packed)
  type: list
  elements: dict
  contains:
    id:
      description: The control.
      type: str
    title:
      description: What shall hold.
      type: str
    status:
      description:
        - V(passed), V(changed), V(would_change) (check mode), V(failed), V(exempt) or V(not_applicable).
        - What has been put back is V(changed) too.
      type: str
    before:
      description: What was found.
      type: raw
    after:
      description: What shall be or has been reached; the same as RV(controls[].before) when nothing was to be done.
      type: raw
    reason:
      description: Why it failed, is exempt, does not apply or is adjusted; empty otherwise.
      type: str
    kind:
      description: The kind of control.
      type: str
    severity:
      description: V(low), V(medium) or V(high).
      type: str
    profile:
      description: The lowest profile that holds the control.
      type: str
    references:
      description: Who asks for it.
      type: list
      elements: str
    section:
      description: The chapter of the catalogue it is in; C(own) for those of O(extra_controls).
      type: str
    put_back:
      description: Whether it no longer holds and what was there before has come back, or would.
      type: bool
    decision:
      description:
        - The exemption or override given for it, with C(kind) (V(exemption) or V(override)), C(reason) and C(expires),
          the last day as YYYY-MM-DD, empty without one. Null when none was given.
      type: dict
  sample:
    - id: kernel_log_restricted
      title: The kernel log is for privileged users
      status: changed
      before:
        kernel.dmesg_restrict: "0"
      after:
        kernel.dmesg_restrict: "1"
      reason: ""
      kind: sysctl
      severity: low
      profile: level1
      references: [CIS Debian 13 1.5.5]
      section: sysctl_kernel
      put_back: false
      decision: null
controls_packed:
  description: RV(controls) as JSON, compressed by zlib, in Base64; with O(controls_as=packed) in its place.
  returned: when the options could be understood, with O(controls_as=packed)
  type: str
  sample: eAGLrlbKTFGyUspOLcpLzYnPyU+PL0otLinKTC5JTVHSUSouSSwpLQYqKEgsLgaK1MYCAMsoEgw=
summary:
  description:
    - How many controls there are of each status, and C(put_back), how many of them were put back.
    - C(score_percent) is the part met (passed or changed) of those that count. Exempt and not applicable ones, and
      what was put back, do not count; severity gives no weight.
  returned: when the options could be understood
  type: dict
  sample:
    controls: 60
    passed: 58
    changed: 0
    would_change: 0
    failed: 0
    exempt: 1
    not_applicable: 1
    put_back: 0
    score_percent: 100.0
report:
  description: The same for reading, a line for each control that is not simply passed, and one with the totals.
  returned: when the options could be understood
  type: list
  elements: str
  sample: ["60 controls: 58 passed, 1 exempt, 1 not_applicable; score 100.0 %"]
profile:
  description: The profile that holds.
  returned: when the options could be understood
  type: str
  sample: level1
mode:
  description: V(enforce), V(check) (check mode) or V(audit) (nothing is changed whatever the mode).
  returned: when the options could be understood
  type: str
  sample: enforce
"""

import json
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import way_back
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.arguments import (
    confirming_arguments,
    enforcing_arguments,
    selection_arguments,
    wire_arguments,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import (
    difference,
    failure_message,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import from_wire
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def confirm(module: AnsibleModule) -> None:
    """Keep what an earlier execution changed at the way in. Ends the module."""
    try:
        kept = way_back.confirm(HostIO(), module.params["confirm"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, confirmed=kept)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **selection_arguments(),
            **enforcing_arguments(),
            **wire_arguments(),
            **confirming_arguments(),
        },
        supports_check_mode=True,
    )
    if module.params["confirm"]:
        confirm(module)
    # A confirmation has to be quick, and does without the kinds.
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import (  # noqa: PLC0415
        ensure_root,
        run,
    )

    if module.params["controls"] is None:
        module.fail_json(msg="the action plugin of this module has to run on the control node first")
    host = HostIO()
    try:
        ensure_root(host)
        selected = from_wire(json.loads(module.params["controls"]))
        enforce = module.params["enforce"]
        run_id = module.params["run_id"]
        entries, changed = run(host, selected, module.params["login_user"], enforce, module.check_mode, run_id)
        unconfirmed = way_back.pending(host) if enforce and not module.check_mode else ""
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    result: dict[str, t.Any] = {"changed": changed, "controls": [entry.as_dict() for entry in entries]}
    if unconfirmed:
        result["unconfirmed"] = {"run_id": unconfirmed, "controls": way_back.pending_controls(host)}
    if module._diff and enforce:
        result["diff"] = difference(entries)
    message = failure_message(result["controls"]) if enforce else ""
    if message:
        module.fail_json(msg=message, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
