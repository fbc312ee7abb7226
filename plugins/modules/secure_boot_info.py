#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secure_boot_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads how a host stands with Secure Boot
description:
  - Reads what firmware and shim tell the kernel, who signed the boot loaders and the kernel, and what the kernel says
    of its modules, in one round trip. Needs no tools, and changes nothing.
  - Works everywhere. On a host with a BIOS there is no Secure Boot, which is what it says. In a container or a chroot
    what the host was started with can't be proved, which it says in RV(secure_boot.not_proved).
  - It compares names and digests. Only firmware calculates with keys, so that it can say what will be refused, and is
    no proof that something is accepted.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options: {}
seealso:
  - module: anycloud.container_host.secure_boot_key
  - module: anycloud.container_host.kernel_sign
"""

EXAMPLES = r"""
- name: Read the state of Secure Boot
  anycloud.container_host.secure_boot_info:
  register: host

- name: Check that the boot chain is verified and no unsigned module is loaded
  ansible.builtin.assert:
    that:
      - host.secure_boot.enabled
      - host.secure_boot.modules.unsigned == []
"""

RETURN = r"""
secure_boot:
  description: Everything about Secure Boot. Absent things are null or empty, never left out.
  type: dict
  returned: success
  contains:
    firmware:
      description: V(uefi) or V(bios).
      type: str
    not_proved:
      description: Why the state can't be told, in a container, a chroot or without efivarfs. Null when it can.
      type: str
    enabled:
      description: Whether firmware checks what it starts. Null on a host with a BIOS, and where it can't be told.
      type: bool
    setup_mode:
      description: Whether firmware takes keys from anybody, since it has no platform key.
      type: bool
    keys:
      description:
        - The keys of the firmware, by variable. V(pk) is the platform key, V(kek) may change the others, what V(db) has
          is started, and what V(dbx) has is refused.
        - Each has C(certificates) (subject, issuer, fingerprint_sha256), C(sha256_count) (hashes of single images) and
          C(other_count).
      type: dict
    shim:
      description: The first boot loader of most distributions, with keys of its own.
      type: dict
      contains:
        present:
          description: Whether it started this host.
          type: bool
        checks_signatures:
          description: Whether it checks what it starts. Null without it.
          type: bool
        sbat_level:
          description: The generations below which boot loaders are refused (SBAT).
          type: str
        mok:
          description: The machine owner keys (MOK), in the form of RV(secure_boot.keys).
          type: dict
        mok_refused:
          description: What shim refuses.
          type: dict
        mok_pending:
          description: What MokManager will ask about at the next boot, by V(enrol) and V(remove).
          type: dict
    boot_loader:
      description: The path of the boot loader firmware started, or null when it is not seen.
      type: str
    boot_loaders:
      description: The images on the EFI system partition.
      type: list
      elements: dict
      contains:
        path:
          description: Its path.
          type: str
        signatures:
          description: Its signatures. An image may have several.
          type: list
          elements: dict
          contains:
            intact:
              description: Whether the image is what was signed.
              type: bool
            signer:
              description: Subject, issuer and fingerprint_sha256 of the certificate that signed, or null without one.
              type: dict
            authority:
              description: Who issued the last certificate that came with the signature.
              type: str
        digest_sha256:
          description: Its Authenticode digest, by which firmware knows images. Null when it is no EFI image.
          type: str
        sbat:
          description: The components in it with their generations (SBAT).
          type: dict
    kernel:
      description: The kernel that runs.
      type: dict
      contains:
        release:
          description: What C(uname -r) says.
          type: str
        path:
          description: Its image, or null when it is not found.
          type: str
        signatures:
          description: Its signatures. An image may have several.
          type: list
          elements: dict
          contains:
            intact:
              description: Whether the image is what was signed.
              type: bool
            signer:
              description: Subject, issuer and fingerprint_sha256 of the certificate that signed, or null without one.
              type: dict
            authority:
              description: Who issued the last certificate that came with the signature.
              type: str
        digest_sha256:
          description: Its Authenticode digest, by which firmware knows images. Null when it is no EFI image.
          type: str
        refused:
          description: Why its image would be refused with Secure Boot on. Empty when nothing speaks against it.
          type: str
    lockdown:
      description: The lockdown mode in force, V(none), V(integrity) or V(confidentiality). Null where there is none.
      type: str
    modules:
      description: The kernel modules.
      type: dict
      contains:
        signature_enforced:
          description: Whether only signed modules load (C(module.sig_enforce)). Lockdown refuses others as well.
          type: bool
        tainted_by_unsigned:
          description: Whether one without a valid signature has been loaded since the start.
          type: bool
        unsigned:
          description: Those of the loaded modules that have none.
          type: list
          elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_facts import secure_boot_facts


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        secure_boot = secure_boot_facts(HostIO())
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, secure_boot=secure_boot)


if __name__ == "__main__":
    main()
