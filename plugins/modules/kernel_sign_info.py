#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kernel_sign_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Reads who signed a kernel and its modules
description:
  - Reads the signatures of a kernel's image, says whether Secure Boot would refuse it at the next boot, and, when
    asked, counts the modules with and without a signature.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  release:
    description: The kernel, as C(uname -r) says it. The running one when it is left out.
    type: str
  certificate:
    description: The path of a certificate on the host, to be told whether it is the one that signed.
    type: path
  modules:
    description: Whether the modules are read too. There are thousands, which takes seconds, longer when compressed.
    type: bool
    default: false
seealso:
  - module: anycloud.container_host.kernel_sign
"""

EXAMPLES = r"""
- name: Read who signed the running kernel
  anycloud.container_host.kernel_sign_info:
  register: kernel

- name: Check that it will start
  ansible.builtin.assert:
    that: not kernel.kernel.refused
"""

RETURN = r"""
kernel:
  description: The kernel and its signatures.
  type: dict
  returned: success
  contains:
    release:
      description: The kernel.
      type: str
    path:
      description: Its image.
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
    signed_by_certificate:
      description: Whether O(certificate) signed the image. Null without it.
      type: bool
    refused:
      description:
        - Why Secure Boot would refuse the image at the next boot. Empty with Secure Boot off, when nothing speaks
          against the image, and when it can't be told.
      type: str
    original_kept:
      description: Whether the image is kept as it was before it was signed.
      type: bool
    modules:
      description:
        - How many modules are V(signed), V(unsigned) and V(unreadable), and how many O(certificate) signed
          (V(signed_by_certificate)). Null when they are not asked for.
      type: dict
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
            "release": {"type": "str"},
            "certificate": {"type": "path"},
            "modules": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    try:
        kernel = KernelSignHost(HostIO()).facts(module.params)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, kernel=kernel)


if __name__ == "__main__":
    main()
