# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The arguments oci_image and oci_image_info share, and what they return for an image."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.build import Cache, ImageSpec, Prepared
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.documents import StoredImage
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import BaseImage


def recipe_arguments() -> dict[str, t.Any]:
    """The part of the argument specification that says what images are built from."""
    strings = {"type": "list", "elements": "str"}
    image = {
        "name": {"type": "str", "required": True},
        "tag": {"type": "str", "default": "latest"},
        "context": {"type": "path", "required": True},
        "containerfile": {"type": "path"},
        "build_args": {"type": "dict", "default": {}},
    }
    base = {
        "reference": {"type": "str", "required": True},
        "suite": {"type": "str", "required": True},
        "sources": {**strings, "required": True},
        "variant": {"type": "str", "default": "minbase"},
        "path_exclude": {**strings, "default": []},
        "path_include": {**strings, "default": []},
    }
    return {
        "images": {"type": "list", "elements": "dict", "required": True, "options": image},
        "base_images": {"type": "list", "elements": "dict", "required": True, "options": base},
        "cache_directory": {"type": "path", "default": "~/.cache/container-host/oci"},
        "source_date_epoch": {"type": "int", "default": 1767225600},
    }


def read_images(cache: Cache, params: t.Mapping[str, t.Any]) -> list[Prepared]:
    """The images asked for, their inputs read and checked. Raises InputError with every problem."""
    specs = [
        ImageSpec(
            name=image["name"],
            tag=image["tag"],
            context=image["context"],
            containerfile=image["containerfile"] or f"{image['context']}/Containerfile",
            arguments={name: str(value) for name, value in image["build_args"].items()},
        )
        for image in params["images"]
    ]
    bases = [
        BaseImage(
            reference=base["reference"],
            suite=base["suite"],
            sources=tuple(base["sources"]),
            variant=base["variant"],
            path_exclude=tuple(base["path_exclude"]),
            path_include=tuple(base["path_include"]),
        )
        for base in params["base_images"]
    ]
    return cache.prepare(specs, bases)


def results_of(cache: Cache, images: t.Sequence[Prepared], found: t.Sequence[StoredImage | None]) -> dict[str, t.Any]:
    """What the modules return. ``images`` is what registry_image takes; what is not built has a digest of null."""
    pairs = list(zip(images, found))
    return {
        "images": [
            {
                "name": image.spec.name,
                "tag": image.spec.tag,
                "layout": cache.layout(image.key),
                "digest": stored and stored.digest,
            }
            for image, stored in pairs
        ],
        "builds": [
            {
                "name": image.spec.name,
                "recipe_sha256": image.key,
                "present": stored is not None,
                "config_digest": stored and stored.config_digest,
                "layer_digests": list(stored.layer_digests) if stored else [],
                "size_bytes": stored and stored.size_bytes,
            }
            for image, stored in pairs
        ],
    }
