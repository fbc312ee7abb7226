#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secure_boot_key_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads whether a certificate is trusted for Secure Boot
description:
  - Says which of firmware's and shim's variables hold a certificate, and whether it waits for MokManager.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  certificate:
    description: The path of the certificate on the host, PEM or DER.
    type: path
    required: true
seealso:
  - module: anycloud.container_host.secure_boot_key
"""

EXAMPLES = r"""
- name: Read whether our certificate is enrolled
  anycloud.container_host.secure_boot_key_info:
    certificate: /etc/container-host/secure-boot.crt
  register: key

- name: Check it
  ansible.builtin.assert:
    that: key.key.trusted_for_images
"""

RETURN = r"""
key:
  description: How the certificate stands.
  type: dict
  returned: success
  contains:
    subject:
      description: The common name of its subject.
      type: str
    issuer:
      description: The common name of its issuer.
      type: str
    fingerprint_sha256:
      description: The SHA-256 of the certificate.
      type: str
    firmware:
      description: V(uefi) or V(bios), which trusts nothing as it checks nothing.
      type: str
    not_proved:
      description: Why it can't be told, in a container, a chroot or without efivarfs. Null when it can.
      type: str
    enrolled_in:
      description: The variables that hold it, of V(PK), V(KEK), V(db) and V(MokListRT).
      type: list
      elements: str
    trusted_for_images:
      description: Whether an image it signed is started.
      type: bool
    machine_owner_key:
      description: V(absent), V(enrolled), V(waits to be enrolled) or V(waits to be removed).
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_key_host import key_facts


def main() -> None:
    specification = {"certificate": {"type": "path", "required": True}}
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    try:
        key = key_facts(HostIO(), module.params["certificate"])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, key=key)


if __name__ == "__main__":
    main()
