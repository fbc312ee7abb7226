#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module registry_image: documentation, arguments and a thin shell."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_image
short_description: Bring images from OCI layouts into a registry
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Copies images with C(skopeo(1)) into a registry, with their digests kept. What is there with its digest is left.
  - In check mode a registry that does not answer counts as empty, for the task before may be what starts it.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
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
    description: The images.
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
      layout:
        description: The OCI image layout to copy it from. Needed with O(state=present).
        type: path
      digest:
        description:
          - The digest of its manifest, as RV(anycloud.container_host.oci_image#module:images[].digest) has it.
          - Needed with O(state=present), but for check mode, where an image may not be built yet.
        type: str
  state:
    description: Whether the images are to be in the registry.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: anycloud.container_host.registry_image_info
  - module: anycloud.container_host.oci_image
"""

EXAMPLES = r"""
- name: Serve the images that were built
  anycloud.container_host.registry_image:
    registry: localhost:5000
    certificate_directory: /srv/registry/trust
    images: "{{ built.images }}"
"""

RETURN = r"""
digests:
  description: Name and tag of each image, and the digest it has in the registry now, null for none.
  returned: success
  type: dict
  sample: {"guestbook-web:1": "sha256:13f9978dce1e2e20b94b34561762bcf831ffbaa63461ddc89f096c6908091c33"}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    ContainerHostError,
    InputError,
    Problem,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._registry import images as _images


def check(images: list[_images.RegistryImage], needs_digest: bool) -> None:
    """Raises InputError for images that can't be copied."""
    problems = [
        Problem(f"images[{number}]", f"{image.label} has no {option}", "give what oci_image returned for it")
        for number, image in enumerate(images)
        for option in ("layout", "digest")
        if not getattr(image, option) and (option == "layout" or needs_digest)
    ]
    if problems:
        raise InputError(problems)


def main() -> None:
    """Run the module."""
    image = {
        "name": {"type": "str", "required": True},
        "tag": {"type": "str", "default": "latest"},
        "layout": {"type": "path"},
        "digest": {"type": "str"},
    }
    module = AnsibleModule(
        argument_spec={
            "registry": {"type": "str", "required": True},
            "certificate_directory": {"type": "path"},
            "images": {"type": "list", "elements": "dict", "required": True, "options": image},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    params = module.params
    present = params["state"] == "present"
    io = HostIO()
    registry = _images.Registry(params["registry"], params["certificate_directory"] or "")
    images = [
        _images.RegistryImage(entry["name"], entry["tag"], entry["layout"] or "", entry["digest"] or "")
        for entry in params["images"]
    ]
    try:
        if present:
            check(images, needs_digest=not module.check_mode)
        observed = _images.observe(io, registry, images, empty_when_unreachable=module.check_mode)
        difference, todo = _images.compare(images, observed, present)
        if not module.check_mode:
            _images.apply(io, registry, todo, present)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    after = {**observed, **{entry.label: (entry.digest or None) if present else None for entry in todo}}
    module.exit_json(changed=bool(difference), diff=difference.before_after(), digests=after)


if __name__ == "__main__":
    main()
