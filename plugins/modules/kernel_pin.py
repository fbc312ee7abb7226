#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kernel_pin
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Pins the kernel a host runs, in its packages and in its boot loader
description:
  - One intent, "this host runs that kernel", is brought about everywhere it has to hold. The kernel is installed, it is
    held together with its meta packages, headers and extra modules, other kernels are kept off, upgrades and cleanups
    that run by themselves included, and the boot loader starts it by default.
  - It works with apt (holds, preferences), dnf (versionlock, C(UPDATEDEFAULT)) and zypper (locks), and with GRUB (the
    saved entry, by its id, through submenus), entries of the Boot Loader Specification kept by grubby, and
    systemd-boot.
  - The kernel's command line is kept as a set. Some parameters shall be there and some not, all others are left alone.
  - The host can be started at any time while the module works. The kernel that runs stays the default until the new
    one is there with all it needs.
  - A new kernel can be started on trial with O(boot=once). The host then goes back to the old one by itself when the
    new one panics, and when nobody confirms within O(confirm_seconds) that it is well.
  - Another package manager is waited for, up to three minutes, before anything is changed.
  - The module never reboots. It says whether a reboot is needed, and why.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  state:
    description:
      - V(present) pins the kernel.
      - V(absent) releases everything this module holds and has written, and leaves packages installed. The boot
        loader's choice is its own again; where it was set to start a saved entry before, the entry stays.
    type: str
    choices: [present, absent]
    default: present
  release:
    description:
      - The exact kernel, as C(uname -r) says it. V(running) is whichever runs.
      - Without O(release) and O(pattern), the newest kernel of the flavour.
      - When it is neither installed nor available, the module fails before it has changed anything, and lists the
        releases there are.
    type: str
  pattern:
    description:
      - A shell pattern of releases, such as V(6.12.*), of which the newest is meant. Not together with O(release).
      - The kernel as of a day is meant by an exact O(release), or by repositories that show what there was on that day.
    type: str
  flavour:
    description:
      - The flavour meant when O(release) is not given, such as V(amd64), V(cloud-amd64), V(generic), V(rt) or
        V(default). Without it, the one of the running kernel.
    type: str
  upgrade:
    description:
      - With O(pattern) or neither, whether a newer kernel that has become available is pinned instead of one that is
        installed and fits as well. With V(false), repositories are only asked when none is installed.
      - Package lists older than an hour are fetched first. Check mode takes them as they are.
    type: bool
    default: true
  headers:
    description:
      - Whether the kernel's headers are installed too. Without it, they are when another kernel has them, so that
        modules built on the host are built for this one as well.
    type: bool
    default: false
  extra_modules:
    description:
      - Whether the kernel's extra modules are installed too, where they are a package of their own. Without it, they
        are when another kernel has them.
    type: bool
    default: false
  fallbacks:
    description:
      - How many other kernels are kept from being cleaned up. The one that runs is the first of them, and it is kept in
        any case until it is left.
    type: int
    default: 1
  parameters_present:
    description:
      - Parameters every entry of the boot menu shall have, each C(name) or C(name=value).
      - A parameter that is set to another value already is refused unless that one is in O(parameters_absent).
    type: list
    elements: str
    default: []
  parameters_absent:
    description: Parameters no entry shall have, each with its value where it has one.
    type: list
    elements: str
    default: []
  parameters_keep:
    description:
      - Whether parameters that an earlier run of this module added or removed stay so when neither list names them, as
        one that names only its own does not know those of others.
      - Without it the lists are the whole, and what they don't name any more is undone.
    type: bool
    default: false
    version_added: 0.1.0
  boot:
    description:
      - V(default) has the boot loader start the kernel from now on. On a host that runs it on trial, this confirms it.
      - V(once) has it start the kernel at the next boot alone, on trial. What runs now stays the default until the
        module is run with V(default) on the host that runs the new kernel.
      - V(keep) installs and holds the kernel, and leaves the boot loader starting what it starts now, a trial included.
        A kernel that has to be signed first is had this way.
      - A trial covers the kernel. Parameters of the command line are the same for all kernels, and have no way back.
      - With V(default) and V(once), a kernel that Secure Boot would refuse is never told to the boot loader.
    type: str
    choices: [default, once, keep]
    default: default
  confirm_seconds:
    description:
      - How long after its start a kernel on trial waits to be confirmed before the host goes back by itself. A kernel
        that hangs before systemd runs needs a hardware watchdog besides; one that panics needs the parameter C(panic).
    type: int
    default: 600
requirements:
  - systemd
  - dnf's command versionlock, on hosts with dnf
seealso:
  - module: anycloud.container_host.kernel_pin_info
"""

EXAMPLES = r"""
- name: Keep the kernel that runs
  anycloud.container_host.kernel_pin:
    release: running

- name: Pin one kernel, and have a panic end in a reboot
  anycloud.container_host.kernel_pin:
    release: 6.12.48+deb13-amd64
    fallbacks: 2
    parameters_present: [panic=30]

- name: Pin the newest 6.12 of the cloud flavour, and try it at the next boot
  anycloud.container_host.kernel_pin:
    pattern: 6.12.*
    flavour: cloud-amd64
    boot: once

- name: Let the kernel follow upgrades again
  anycloud.container_host.kernel_pin:
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [install linux-image-6.12.48+deb13-amd64 6.12.48-1, hold linux-image-6.12.48+deb13-amd64]
pinned:
  description: The release of the pinned kernel, or null when it is released.
  type: str
  returned: success
  sample: 6.12.48+deb13-amd64
packages:
  description: The packages of the pinned kernel, by name, with their versions.
  type: dict
  returned: success
  sample: {linux-image-6.12.48+deb13-amd64: 6.12.48-1}
running:
  description: The release of the kernel that runs.
  type: str
  returned: success
  sample: 6.12.43+deb13-amd64
waits_for_confirmation:
  description: Whether the pinned kernel runs on trial. Running the module with O(boot=default) confirms it.
  type: bool
  returned: success
reboot_required:
  description: Whether the host has to be rebooted to run what is pinned, with the parameters asked for.
  type: bool
  returned: success
reboot_reason:
  description: Why, in one line. Empty when it has not.
  type: str
  returned: success
  sample: 6.12.43+deb13-amd64 runs, and 6.12.48+deb13-amd64 is pinned
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_argspec import kernel_argument_spec
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost


def main() -> None:
    module = AnsibleModule(argument_spec=kernel_argument_spec(), supports_check_mode=True)
    try:
        host = KernelHost(HostIO(), module.check_mode)
        result = host.pin(module.params) if module.params["state"] == "present" else host.release()
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    plan = result.plan
    module.exit_json(
        changed=bool(plan.difference),
        diff=plan.difference.before_after(),
        actions=plan.actions(),
        pinned=plan.target.release if plan.target else None,
        packages=dict(plan.record.packages),
        running=result.running,
        waits_for_confirmation=plan.waits,
        reboot_required=bool(result.reasons),
        reboot_reason="; ".join(result.reasons),
    )


if __name__ == "__main__":
    main()
