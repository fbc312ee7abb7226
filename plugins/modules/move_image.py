#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: move_image
author:
  - The anycloud.container_host authors (@anycloud)
version_added: 0.1.0
short_description: Brings images to a move's target, only the layers it lacks
description:
  - Needs no registry. On the source it takes the images out of the engine, keeps the layers the target lacks and sends
    them compressed over the move's connection. On the target it checks every digest and loads them.
  - Layers are known by the digest of their content (C(diff_id) of the OCI image configuration), which is the same under
    Docker and Podman. An image keeps its id, which is the digest of its configuration, also from one engine to the
    other.
  - "Digests of manifests belong to registries and do not come along: a service whose image is named by digest is to be
    pulled at the target."
  - An interrupted run is gone on with by the next one.
extends_documentation_fragment:
  - anycloud.container_host._move_data
  - anycloud.container_host._move_generation
  - anycloud.container_host._move_sending
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.action
  - anycloud.container_host._attributes.actiongroup
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
options:
  side:
    description: Whether this host is the one the workload leaves or the one it goes to.
    type: str
    choices: [source, target]
    required: true
  images:
    description:
      - The images, by name and tag, or by id.
      - The target takes what the source returns as RV(images).
    type: list
    elements: raw
    required: true
  held:
    description:
      - With O(side=source), what the target has, as RV(anycloud.container_host.move_image_info#module:held) tells
        there.
    type: dict
    default: {}
  bandwidth_limit_kib_per_second:
    description: With O(side=source), the most to send in a second, in KiB. 0 for no limit.
    type: int
    default: 0
  timeout_seconds:
    description: How long the engine or the connection may stay silent.
    type: int
    default: 300
  retries:
    description: With O(side=source), how often sending that was cut off is begun again.
    type: int
    default: 3
seealso:
  - module: anycloud.container_host.move_image_info
  - module: anycloud.container_host.move_key
"""

EXAMPLES = r"""
- name: See what the target has
  anycloud.container_host.move_image_info:
    images: [shop/web:3]
  delegate_to: bravo
  register: there

- name: Send what it lacks
  anycloud.container_host.move_image:
    move_id: shop-1
    side: source
    images: [shop/web:3]
    held: "{{ there.held }}"
  register: sent

- name: Load it
  anycloud.container_host.move_image:
    move_id: shop-1
    side: target
    images: "{{ sent.images }}"
  delegate_to: bravo
"""

RETURN = r"""
images:
  description: The images, as the target takes them.
  returned: success
  type: list
  elements: dict
  contains:
    reference:
      description: Name and tag, or the id when the image was asked for by it.
      type: str
    id:
      description: The digest of the image's configuration.
      type: str
    layers:
      description: The digests of its layers' content, from the base up.
      type: list
      elements: str
    missing:
      description: Those the target lacks; with O(side=target), those that were loaded.
      type: list
      elements: str
wire_bytes:
  description: With O(side=source), what rsync sent and received.
  returned: success
  type: int
compressed_bytes:
  description: With O(side=source), the size of the missing layers and configurations, compressed.
  returned: success
  type: int
whole_bytes:
  description: With O(side=source), the size of the images as the engine knows it, not compressed.
  returned: success
  type: int
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_image_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient, connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, layers, rsync
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.generation import demand_may_carry
from ansible_collections.anycloud.container_host.plugins.module_utils._move_options import (
    generation_options,
    move_options,
    sending_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender


def on_source(module: AnsibleModule, io: HostIO, client: EngineClient, files: key.Files) -> dict[str, t.Any]:
    params = module.params
    target = layers.read_held(params["held"])
    images, whole_bytes = _host.wanted(client, layers.read_references(params["images"]), target)
    outgoing = _host.Outgoing(io, client, files)
    numbers = rsync.Statistics()
    difference = Difference()
    lacking = [image for image in images if not target.has(image)]
    if module.check_mode:
        for image in lacking:
            difference.compare(image.reference, [], list(image.missing) if image.id not in target.ids else [])
    elif lacking:
        images = [image if target.has(image) else outgoing.take(image) for image in images]
        options = rsync.Options(
            params["bandwidth_limit_kib_per_second"],
            min(60, params["timeout_seconds"]),
            generation=params["target_generation"],
        )
        sender = Sender(io, files, params["retries"], params["timeout_seconds"], params["generation"])
        argv = rsync.blobs_argv(files.ssh_config, files.images, key.IMAGES, options)
        numbers = sender.send(argv, "images").statistics
        difference.compare("files sent", 0, numbers.changed_files)
    return {
        "changed": bool(difference),
        "diff": difference.before_after(),
        "images": [image.as_dict() for image in images],
        "wire_bytes": numbers.wire_bytes,
        "compressed_bytes": outgoing.compressed_bytes(images),
        "whole_bytes": whole_bytes,
    }


def on_target(module: AnsibleModule, io: HostIO, client: EngineClient, files: key.Files) -> dict[str, t.Any]:
    images = layers.read_images(module.params["images"])
    difference = Difference()
    todo = [image for image in images if difference.compare(image.reference, _host.found_id(client, image), image.id)]
    if not module.check_mode:
        incoming = _host.Incoming(io, client, files)
        for image in todo:
            incoming.load(image)
    return {
        "changed": bool(difference),
        "diff": difference.before_after(),
        "images": [image.as_dict() for image in images],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **move_options(),
            **generation_options(),
            **sending_options(),
            **connection_options(),
            "side": {"type": "str", "choices": ["source", "target"], "required": True},
            "images": {"type": "list", "elements": "raw", "required": True},
            "held": {"type": "dict", "default": {}},
            "bandwidth_limit_kib_per_second": {"type": "int", "default": 0},
            "timeout_seconds": {"type": "int", "default": 300},
            "retries": {"type": "int", "default": 3},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        key.check(params, {})
        io = HostIO()
        demand_may_carry(io, params["move_id"], params["generation"])
        files = key.Files(params["directory"], params["move_id"])
        client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
        side = on_source if params["side"] == "source" else on_target
        result = side(module, io, client, files)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
