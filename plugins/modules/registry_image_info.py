#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module registry_image_info: documentation, arguments and a thin shell."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_image_info
short_description: Show which images a registry has
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Asks a registry with C(skopeo(1)) for the digests of images.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
  - anycloud.container_host._attributes.actiongroup
requirements:
  - skopeo 1.9 or later
options:
  registry:
    description: The registry, as host and port.
    type: str
    required: true
  certificate_directory:
    description:
      - A directory that holds the certificate of the registry's authority as C(ca.crt).
      - Without it, the system's authorities are trusted.
    type: path
  images:
    description: The images to ask for.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The image's name in the registry.
        type: str
        required: true
      tag:
        description: The image's tag.
        type: str
        default: latest
seealso:
  - module: anycloud.container_host.registry_image
"""

EXAMPLES = r"""
- name: Ask for a digest
  anycloud.container_host.registry_image_info:
    registry: registry.example.org:5000
    images:
      - name: guestbook-web
        tag: "1"
"""

RETURN = r"""
digests:
  description: Name and tag of each image, and the digest it has in the registry, null for none.
  returned: success
  type: dict
  sample: {"guestbook-web:1": "sha256:13f9978dce1e2e20b94b34561762bcf831ffbaa63461ddc89f096c6908091c33"}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._registry import images as _images


def main() -> None:
    """Run the module."""
    image = {"name": {"type": "str", "required": True}, "tag": {"type": "str", "default": "latest"}}
    module = AnsibleModule(
        argument_spec={
            "registry": {"type": "str", "required": True},
            "certificate_directory": {"type": "path"},
            "images": {"type": "list", "elements": "dict", "required": True, "options": image},
        },
        supports_check_mode=True,
    )
    params = module.params
    registry = _images.Registry(params["registry"], params["certificate_directory"] or "")
    images = [_images.RegistryImage(entry["name"], entry["tag"]) for entry in params["images"]]
    try:
        digests = _images.observe(HostIO(), registry, images)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, digests=digests)


if __name__ == "__main__":
    main()
