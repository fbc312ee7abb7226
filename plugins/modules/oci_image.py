#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module oci_image: documentation, arguments and a thin shell."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oci_image
short_description: Build OCI images from a Containerfile and distribution packages, without a container engine
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Builds images from a Containerfile into OCI image layouts in a cache. It needs neither a container engine nor a
    registry - the base image is made from a distribution's packages with C(mmdebstrap(1)), and the Containerfile's
    instructions are carried out in it.
  - The same recipe and the same packages give the same digest.
  - An image is kept under the digest of its recipe, and is only built when that is new. It gets its name when it is
    whole, so one that was interrupted is never used. Several runs may use one cache at the same time.
  - Understood are C(ARG), C(CMD), C(COPY) with C(--chmod) and C(--chown), C(ENTRYPOINT), C(ENV), C(EXPOSE), C(FROM),
    C(LABEL), C(RUN), C(STOPSIGNAL), C(USER), C(VOLUME) and C(WORKDIR), in one stage. All other instructions are
    refused, with their lines. All that a Containerfile adds to its base becomes one layer.
  - Works as root, or as a user with subordinate ids (C(/etc/subuid)).
extends_documentation_fragment:
  - anycloud.container_host._oci_image
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
  - anycloud.container_host._attributes.actiongroup
options:
  state:
    description:
      - V(present) builds what is not in the cache.
      - V(absent) removes the images from the cache. Base images stay.
    type: str
    choices: [present, absent]
    default: present
  rebuild:
    description:
      - Build again what is in the cache, base images too, to take newer packages.
      - An image counts as changed when its digest is another one than before. What that will be can't be known in check
        mode, which then predicts no change for an image that is in the cache.
    type: bool
    default: false
seealso:
  - module: anycloud.container_host.oci_image_info
  - module: anycloud.container_host.registry_image
"""

EXAMPLES = r"""
- name: Build the images of a workload
  anycloud.container_host.oci_image:
    images:
      - name: guestbook-web
        tag: "1"
        context: examples/workloads/guestbook/web
    base_images:
      - reference: docker.io/library/debian:trixie-slim
        suite: trixie
        sources:
          - deb http://deb.debian.org/debian trixie main
          - deb http://deb.debian.org/debian-security trixie-security main
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

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.arguments import (
    read_images,
    recipe_arguments,
    results_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.build import Cache, Prepared
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.documents import StoredImage


def build(cache: Cache, images: list[Prepared], rebuild: bool) -> list[StoredImage]:
    """Build the images; a base image several of them share is built again once."""
    rebuilt: set[str] = set()
    built = []
    for image in images:
        built.append(cache.build(image, again=rebuild, base_again=rebuild and image.base_key not in rebuilt))
        rebuilt.add(image.base_key)
    return built


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **recipe_arguments(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "rebuild": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    present = params["state"] == "present"
    cache = Cache(HostIO(), params["cache_directory"], params["source_date_epoch"])
    try:
        images = read_images(cache, params)
        before = [cache.find(image.key) for image in images]
        after: list[StoredImage | None] = [*before]
        if not module.check_mode and present:
            after = [*build(cache, images, params["rebuild"])]
        elif not present:
            after = [None for _image in images]
            for image in [] if module.check_mode else images:
                cache.remove(image.key)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    difference = Difference()
    for image, old, new in zip(images, before, after):
        predicted = "built" if module.check_mode and present and old is None else new and new.digest
        difference.compare(f"{image.spec.name}:{image.spec.tag}", old and old.digest, predicted)
    module.exit_json(
        changed=bool(difference),
        diff=difference.before_after(),
        **results_of(cache, images, after),
    )


if __name__ == "__main__":
    main()
