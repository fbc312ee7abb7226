#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kernel_sign
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Signs a kernel and its modules with your own key
description:
  - Signs the image C(/boot/vmlinuz-<release>) beside the signatures it has, so that a kernel of the vendor's goes on
    being accepted by the vendor's key as well.
  - The image is signed into another file, verified against the certificate there, and put in place in one step. It is
    kept as it was in C(/var/lib/container-host/kernel-originals).
  - Signing alone has nothing trust the certificate. That is what M(anycloud.container_host.secure_boot_key) is for.
  - The module fails before it has touched anything when the key does not belong to the certificate, when there is too
    little room, when the image is none that firmware starts, on a host without UEFI, and in a container or a chroot.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  state:
    description:
      - V(present) has the kernel signed.
      - V(absent) puts the image back as it was, unless Secure Boot would then refuse it. Signed modules stay, as a
        signature nobody asks for does no harm.
    type: str
    choices: [present, absent]
    default: present
  release:
    description: The kernel, as C(uname -r) says it. The running one when it is left out.
    type: str
  private_key:
    description: The path of the private key on the host, PEM without a password. Needed with O(state=present).
    type: path
  certificate:
    description:
      - The path of its certificate on the host, PEM or DER, with an RSA key of 2048, 3072 or 4096 bits.
      - Needed with O(state=present).
    type: path
  modules:
    description:
      - Whether modules without a signature are signed too, with the digest the kernel was configured for. Those that
        are signed by anybody are left alone. The initial RAM disk, which has copies of them, is made anew then.
      - Which keys a kernel takes for modules is built into it. Those of distributions take the keys of firmware and
        shim. One of your own may take only those it was built with (C(CONFIG_SYSTEM_TRUSTED_KEYS)); start it on trial.
    type: bool
    default: false
requirements:
  - sbsigntool (sbsign, sbverify) and openssl
  - with O(modules=true), C(sign-file) from the kernel's headers (or C(kmodsign)), update-initramfs or dracut, and zstd
    where modules are compressed with it
seealso:
  - module: anycloud.container_host.kernel_sign_info
  - module: anycloud.container_host.secure_boot_key
  - module: anycloud.container_host.kernel_pin
"""

EXAMPLES = r"""
- name: Sign the kernel we built, with all its modules
  anycloud.container_host.kernel_sign:
    release: 6.12.48-own
    private_key: /etc/container-host/secure-boot.key
    certificate: /etc/container-host/secure-boot.crt
    modules: true

- name: Put it back as it was
  anycloud.container_host.kernel_sign:
    release: 6.12.48-own
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [keep /boot/vmlinuz-6.12.48-own in /var/lib/container-host/kernel-originals, sign /boot/vmlinuz-6.12.48-own]
release:
  description: The kernel.
  type: str
  returned: success
  sample: 6.12.48-own
modules_signed:
  description: How many modules were signed, or would be.
  type: int
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_sign_host import KernelSignHost


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "release": {"type": "str"},
            "private_key": {"type": "path", "no_log": False},
            "certificate": {"type": "path"},
            "modules": {"type": "bool", "default": False},
        },
        required_if=[("state", "present", ("private_key", "certificate"))],
        supports_check_mode=True,
    )
    try:
        host = KernelSignHost(HostIO(), module.check_mode)
        result = host.sign(module.params) if module.params["state"] == "present" else host.restore(module.params)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    plan = result.plan
    module.exit_json(
        changed=bool(plan.difference),
        diff=plan.difference.before_after(),
        actions=plan.actions(result.kernel),
        release=result.kernel.release,
        modules_signed=len(plan.modules),
    )


if __name__ == "__main__":
    main()
