# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The options that decide what an image is built from, shared by oci_image and oci_image_info."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of a recipe."""

    DOCUMENTATION = r"""
options:
  images:
    description: The images.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The image's name in a registry, without the registry.
        type: str
        required: true
      tag:
        description: The image's tag.
        type: str
        default: latest
      context:
        description: The directory the files are copied from.
        type: path
        required: true
      containerfile:
        description: The Containerfile's path. By default it is C(Containerfile) in O(images[].context).
        type: path
      build_args:
        description: Values for the Containerfile's C(ARG) instructions.
        type: dict
        default: {}
  base_images:
    description: What the names after C(FROM) stand for.
    type: list
    elements: dict
    required: true
    suboptions:
      reference:
        description: The name as it is written after C(FROM).
        type: str
        required: true
      suite:
        description: The suite of the archive the packages come from.
        type: str
        required: true
      sources:
        description: Lines of C(sources.list(5)). They are used for the building, and are in the image.
        type: list
        elements: str
        required: true
      variant:
        description: Which packages are in it, as a variant of C(mmdebstrap(1)).
        type: str
        default: minbase
      path_exclude:
        description: Patterns of files that are not unpacked, as C(dpkg(1)) understands them.
        type: list
        elements: str
        default: []
      path_include:
        description: Patterns of files that are unpacked all the same.
        type: list
        elements: str
        default: []
  cache_directory:
    description: Where images are kept. It can be removed at any time.
    type: path
    default: ~/.cache/container-host/oci
  source_date_epoch:
    description:
      - The time all images say they were made at, in seconds since 1970. No file in them is newer.
      - With the same packages the same recipe then gives the same digest, whenever and wherever it is built.
    type: int
    default: 1767225600
requirements:
  - mmdebstrap 0.8 or later
"""
