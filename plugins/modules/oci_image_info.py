#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module oci_image_info: documentation, arguments and a thin shell."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oci_image_info
short_description: Show which images are in the cache of built images
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Says for each image whether it is built, with its digest and size, and builds nothing.
extends_documentation_fragment:
  - anycloud.container_host._oci_image
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
  - anycloud.container_host._attributes.actiongroup
seealso:
  - module: anycloud.container_host.oci_image
"""

EXAMPLES = r"""
- name: Ask whether an image is built
  anycloud.container_host.oci_image_info:
    images:
      - name: guestbook-web
        context: examples/workloads/guestbook/web
    base_images:
      - reference: docker.io/library/debian:trixie-slim
        suite: trixie
        sources:
          - deb http://deb.debian.org/debian trixie main
  register: built
"""

RETURN = r"""
images:
  description: The images in the order asked for, as M(anycloud.container_host.registry_image) takes them.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name asked for.
      type: str
      sample: guestbook-web
    tag:
      description: The tag asked for.
      type: str
      sample: "1"
    layout:
      description: The directory of its OCI image layout.
      type: str
      sample: /root/.cache/container-host/oci/images/6ed503eb1920
    digest:
      description: The manifest's digest, or null as long as it is not built.
      type: str
builds:
  description: More about the same images, in the same order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name asked for.
      type: str
      sample: guestbook-web
    recipe_sha256:
      description: What the image is kept under, the SHA-256 of all it is built from but for the packages' versions.
      type: str
    present:
      description: Whether it is in the cache.
      type: bool
    config_digest:
      description: The digest of its configuration, which engines call the image id.
      type: str
    layer_digests:
      description: The digests of its layers, from the base image up.
      type: list
      elements: str
    size_bytes:
      description: The size of all its blobs, compressed.
      type: int
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.arguments import (
    read_images,
    recipe_arguments,
    results_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.build import Cache


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=recipe_arguments(), supports_check_mode=True)
    cache = Cache(HostIO(), module.params["cache_directory"], module.params["source_date_epoch"])
    try:
        images = read_images(cache, module.params)
        found = results_of(cache, images, [cache.find(image.key) for image in images])
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
