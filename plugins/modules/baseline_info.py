#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: baseline_info
version_added: 0.1.0
short_description: Hold a host against the controls of a hardened container host
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Reports control by control what holds on a host and what does not. Changes nothing.
  - Works on any host, whether M(anycloud.container_host.baseline) ever ran there or not. It does not matter by which
    means a control is met.
requirements:
  - root privileges on the managed node
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._baseline
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.action
seealso:
  - module: anycloud.container_host.baseline
"""

EXAMPLES = r"""
- name: Hold the host against the second level
  anycloud.container_host.baseline_info:
    profile: level2
  register: audit

- name: Show what is not met
  ansible.builtin.debug:
    var: audit.report
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
        - What deviates is V(failed); the module does not fail because of it.
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
      status: failed
      before:
        kernel.dmesg_restrict: "0"
      after:
        kernel.dmesg_restrict: "1"
      reason: "deviates"
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

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.arguments import (
    selection_arguments,
    wire_arguments,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.run import ensure_root, run
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import from_wire
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def main() -> None:
    module = AnsibleModule(argument_spec={**selection_arguments(), **wire_arguments()}, supports_check_mode=True)
    if module.params["controls"] is None:
        module.fail_json(msg="the action plugin of this module has to run on the control node first")
    host = HostIO()
    try:
        ensure_root(host)
        selected = from_wire(json.loads(module.params["controls"]))
        entries, _changed = run(host, selected, module.params["login_user"], enforce=False)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, controls=[entry.as_dict() for entry in entries])


if __name__ == "__main__":
    main()
