#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module qemu_image_info: documentation, arguments and a thin shell over the lab's image cache."""

from __future__ import annotations

DOCUMENTATION = r"""
module: qemu_image_info
short_description: List the disk images kept for local virtual machines
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Lists the whole images of a cache. Half-made ones are not images.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.LINUX
  - anycloud.container_host._attributes.INFO_MODULE
options:
  cache_directory:
    description: Where images are kept.
    type: path
    default: ~/.cache/container-host/images
seealso:
  - module: anycloud.container_host.qemu_image
"""

EXAMPLES = r"""
- name: List the images
  anycloud.container_host.qemu_image_info:
"""

RETURN = r"""
images:
  description: The images, one for each name and recipe.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: What the image is called.
      type: str
    digest:
      description: The digest of the recipe or source it was made from.
      type: str
    path:
      description: Its path.
      type: str
    size_bytes:
      description: What it takes on disk, in bytes.
      type: int
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import build as _build


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"cache_directory": {"type": "path", "default": "~/.cache/container-host/images"}},
        supports_check_mode=True,
    )
    module.exit_json(changed=False, images=_build.list_images(HostIO(), module.params["cache_directory"]))


if __name__ == "__main__":
    main()
