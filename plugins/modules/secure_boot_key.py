#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secure_boot_key
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Has firmware or shim trust your own certificate for Secure Boot
description:
  - With O(method=mok), shim is asked to enrol the certificate as a machine owner key (MOK). The request waits until
    somebody confirms it. At the next boot MokManager comes up B(at the console), for ten seconds, and asks for the
    one-time password. Whoever can't reach the console of a host can't enrol a key there this way.
  - With O(method=firmware), the certificate becomes the platform key, a key exchange key and a key of the database of
    the firmware itself. That takes setup mode, in which firmware has no platform key, and works unattended. Secure Boot
    is on from the next boot.
  - Keys of others stay. Nothing is written when the boot loader, the running kernel or the default kernel would be
    refused afterwards, when the key does not belong to the certificate, on a host without UEFI, and in a container or a
    chroot, where it can't be proved what the host starts with.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  state:
    description:
      - V(present) has the certificate trusted, V(absent) has it trusted no more.
      - With O(method=firmware), V(absent) takes the platform key away, which turns Secure Boot off.
    type: str
    choices: [present, absent]
    default: present
  certificate:
    description: The path of your certificate on the host, PEM or DER, with an RSA key of 2048, 3072 or 4096 bits.
    type: path
    required: true
  method:
    description: Who trusts it, shim (V(mok)) or V(firmware).
    type: str
    choices: [mok, firmware]
    default: mok
  password:
    description:
      - What MokManager asks for once. Without it, eight digits are made up and returned in RV(password).
      - Used with O(method=mok) alone.
    type: str
  private_key:
    description:
      - The path of the certificate's private key on the host, PEM without a password. Needed with O(method=firmware).
    type: path
  vendor_keys:
    description:
      - With O(method=firmware), whether the authorities that signed the boot loader, such as Microsoft's, are trusted
        beside your certificate. They are taken from the boot loader itself.
      - With V(false) the boot loader has to be signed with your key already, or the module refuses.
    type: bool
    default: true
requirements:
  - mokutil and openssl, for O(method=mok)
  - openssl and e2fsprogs (chattr), for O(method=firmware)
seealso:
  - module: anycloud.container_host.secure_boot_key_info
  - module: anycloud.container_host.secure_boot_info
  - module: anycloud.container_host.kernel_sign
"""

EXAMPLES = r"""
- name: Ask shim to trust our certificate
  anycloud.container_host.secure_boot_key:
    certificate: /etc/container-host/secure-boot.crt
  register: key

- name: Say what to type at the console
  ansible.builtin.debug:
    msg: "At the next boot choose Enroll MOK and type {{ key.password }}"
  when: key is changed

- name: Make our key the firmware's own, and keep the boot loader of the distribution
  anycloud.container_host.secure_boot_key:
    certificate: /etc/container-host/secure-boot.crt
    private_key: /etc/container-host/secure-boot.key
    method: firmware
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, one line per action.
  type: list
  elements: str
  returned: success
  sample: [ask MokManager to enrol the certificate]
certificate:
  description: Subject, issuer and fingerprint_sha256 of the certificate.
  type: dict
  returned: success
pending:
  description: What MokManager waits to be told at the console, V(enrol), V(remove), or empty.
  type: str
  returned: success
password:
  description: What MokManager will ask for. Empty when nothing new was asked of it, or the password was given.
  type: str
  returned: success
  sample: "40718823"
reboot_required:
  description: Whether what was done takes effect at the next boot.
  type: bool
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.enrolment import FIRMWARE, MOK
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_key_host import SecureBootKeyHost


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "certificate": {"type": "path", "required": True},
            "method": {"type": "str", "choices": [MOK, FIRMWARE], "default": MOK},
            "password": {"type": "str", "no_log": True},
            "private_key": {"type": "path", "no_log": False},
            "vendor_keys": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        result = SecureBootKeyHost(HostIO(), module.check_mode).apply(module.params)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    plan = result.plan
    module.exit_json(
        changed=bool(plan.difference),
        diff=plan.difference.before_after(),
        actions=plan.actions,
        certificate=result.certificate.as_dict(),
        pending=result.pending,
        password="" if module.params["password"] else result.password,
        reboot_required=bool(plan.difference) or bool(result.pending),
    )


if __name__ == "__main__":
    main()
