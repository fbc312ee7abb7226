#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_image_info
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Tells which images and which layers an engine has
description:
  - Tells of the images asked for whether they are there, and of all images which layers the engine would not need
    again.
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.info_module
options:
  images:
    description: The images, by name and tag, or by id.
    type: list
    elements: str
    default: []
  timeout_seconds:
    description: How long the engine may take to answer.
    type: int
    default: 60
seealso:
  - module: anycloud.container_host.move_image
"""

EXAMPLES = r"""
- name: See what the host has
  anycloud.container_host.move_image_info:
    images: [shop/web:3]
"""

RETURN = r"""
images:
  description: The images asked for, in that order.
  returned: success
  type: list
  elements: dict
  contains:
    reference:
      description: As asked for.
      type: str
    exists:
      description: Whether it is there.
      type: bool
    id:
      description: Its id, the digest of its configuration; null when it is absent.
      type: str
    layers:
      description: The digests of its layers' content, from the base up.
      type: list
      elements: str
    digests:
      description: The digests of manifests the engine has for it.
      type: list
      elements: str
    size_bytes:
      description: Its size, not compressed.
      type: int
    layer_bytes:
      description: The sizes of its layers, not compressed, from the base up, without those that have no content.
      type: list
      elements: int
held:
  description: What C(move_image) takes on the source.
  returned: success
  type: dict
  contains:
    ids:
      description: The ids of all images.
      type: list
      elements: str
    chains:
      description:
        - What layers are there, each with all those below it (C(ChainID) of the OCI image specification). Empty for a
          store that takes whole images only, as Docker's containerd store does.
      type: list
      elements: str
    named:
      description: Name of each image asked for that is there -> its id.
      type: dict
"""

import typing as t
from dataclasses import replace

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_image_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient, connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import layers


def describe(client: EngineClient, reference: str) -> dict[str, t.Any]:
    image = _host.observe(client, reference)
    raw = client.image(reference) or {}
    return {
        "reference": reference,
        "exists": image is not None,
        "id": image and image.id,
        "layers": list(image.layers) if image else [],
        "digests": sorted({str(name).rpartition("@")[2] for name in raw.get("RepoDigests") or []}),
        "size_bytes": raw.get("Size"),
        "layer_bytes": layers.sizes(client.image_history(reference)) if image else [],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **connection_options(),
            "images": {"type": "list", "elements": "str", "default": []},
            "timeout_seconds": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        references = layers.read_references(params["images"])
        client = connect(HostIO(), params["engine"], params["socket"] or "", params["timeout_seconds"])
        images = [describe(client, reference) for reference in references]
        named = {image["reference"]: image["id"] for image in images if image["exists"]}
        held = replace(_host.held(client), named=named).as_dict()
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, images=images, held=held)


if __name__ == "__main__":
    main()
