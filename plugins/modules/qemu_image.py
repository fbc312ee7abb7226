#!/usr/bin/python
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module qemu_image: documentation, arguments and a thin shell over the lab's image builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: qemu_image
short_description: Make a disk image for local virtual machines
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Makes a bootable Debian disk image from a Debian mirror, as a cloud's own image would be - cloud-init, a UEFI boot
    chain of signed shim and GRUB, GRUB for a BIOS, the distribution's kernel - and keeps it in a cache.
  - Or takes a cloud image that is there already, by path or URL, into the same cache.
  - An image gets its name when it is whole. One that was interrupted is never used.
  - Runs on the control node. Making an image needs root.
extends_documentation_fragment:
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.LINUX
  - anycloud.container_host._attributes.STATEFUL_MODULE
attributes:
  diff_mode:
    support: full
options:
  name:
    description: What the image is called in the cache. The recipe's digest is appended to it.
    type: str
    required: true
  suite:
    description: The Debian suite to make the image of, for example V(trixie). Exclusive with O(source).
    type: str
  mirror:
    description: The Debian mirror to make it from, and to be used in the image.
    type: str
    default: http://deb.debian.org/debian
  security_mirror:
    description: The mirror of Debian's security updates.
    type: str
    default: http://deb.debian.org/debian-security
  source:
    description: Path or URL of a cloud image in qcow2 or raw format, with cloud-init and a UEFI boot loader.
    type: str
  checksum:
    description: The SHA-256 the file named by O(source) must have, in hexadecimal.
    type: str
  cache_directory:
    description: Where images are kept.
    type: path
    default: ~/.cache/container-host/images
seealso:
  - module: anycloud.container_host.qemu_lab
  - module: anycloud.container_host.qemu_lab_info
"""

EXAMPLES = r"""
- name: Make a Debian 13 image
  anycloud.container_host.qemu_image:
    name: debian-13
    suite: trixie

- name: Use a cloud image that was downloaded before
  anycloud.container_host.qemu_image:
    name: rocky-10
    source: /srv/images/Rocky-10-GenericCloud.x86_64.qcow2
"""

RETURN = r"""
path:
  description: The image's path in the cache.
  returned: success
  type: str
  sample: /root/.cache/container-host/images/debian-13-0f3a52c1b9de.qcow2
"""

import hashlib
import os
import shutil
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import fetch_file

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import build as _build
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.image import Recipe


def sha256_of(path: str) -> str:
    """The file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def take(module: AnsibleModule, io: HostIO, source: str, target: str) -> None:
    """Bring a given image into the cache as qcow2. Raises HostError when it is missing, altered or no disk image."""
    is_url = "://" in source
    if not is_url and not os.path.isfile(source):
        raise HostError(f"source: {source} is not there; give the path or the URL of a cloud image")
    local = fetch_file(module, source, timeout=60) if is_url else source
    checksum = module.params["checksum"]
    if checksum and sha256_of(local) != checksum.lower():
        raise HostError(f"source: {source} has another SHA-256 than {checksum}; fetch it again or correct the checksum")
    folder = tempfile.mkdtemp(prefix=".taking-", dir=os.path.dirname(target))
    try:
        io.run(["qemu-img", "convert", "-O", "qcow2", local, f"{folder}/disk.qcow2"], check=True, timeout_seconds=900)
        io.rename(f"{folder}/disk.qcow2", target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "suite": {"type": "str"},
            "mirror": {"type": "str", "default": "http://deb.debian.org/debian"},
            "security_mirror": {"type": "str", "default": "http://deb.debian.org/debian-security"},
            "source": {"type": "str"},
            "checksum": {"type": "str"},
            "cache_directory": {"type": "path", "default": "~/.cache/container-host/images"},
        },
        mutually_exclusive=[("suite", "source")],
        required_one_of=[("suite", "source")],
        supports_check_mode=True,
    )
    params, io = module.params, HostIO()
    recipe = None
    if params["suite"]:
        recipe = Recipe(params["suite"], params["mirror"], params["security_mirror"])
        digest = recipe.digest
    else:
        digest = hashlib.sha256(f"{params['source']} {params['checksum']}".encode()).hexdigest()[:12]
    target = _build.image_path(params["cache_directory"], params["name"], digest)
    changed = not io.exists(target)
    diff = {"before": {"image": None if changed else target}, "after": {"image": target}}
    try:
        if changed and not module.check_mode:
            io.make_directory(params["cache_directory"])
            if recipe is not None:
                _build.build(io, recipe, params["cache_directory"], params["name"])
            else:
                take(module, io, params["source"], target)
    except ContainerHostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed, path=target, diff=diff)


if __name__ == "__main__":
    main()
