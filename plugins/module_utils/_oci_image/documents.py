# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The JSON documents of an OCI image layout (OCI image specification 1.0: config, manifest, index, image-layout)."""

from __future__ import annotations

import datetime
import hashlib
import json
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.layer import Layer
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import ImageConfig

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
LAYOUT = '{"imageLayoutVersion": "1.0.0"}'

# dpkg's architecture -> GOARCH and variant, as the specification wants them
ARCHITECTURES = {
    "amd64": ("amd64", ""),
    "arm64": ("arm64", "v8"),
    "armhf": ("arm", "v7"),
    "i386": ("386", ""),
    "ppc64el": ("ppc64le", ""),
    "riscv64": ("riscv64", ""),
    "s390x": ("s390x", ""),
}


@dataclass(frozen=True)
class Document:
    """A JSON document as it is stored."""

    text: str

    @property
    def digest(self) -> str:
        """The digest others refer to it by."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"

    @property
    def size_bytes(self) -> int:
        """The length that goes with the digest."""
        return len(self.text.encode())


@dataclass(frozen=True)
class StoredImage:
    """What an image layout holds. ``size_bytes`` is of all blobs together, compressed."""

    digest: str
    config_digest: str
    layer_digests: tuple[str, ...]
    size_bytes: int


def _document(value: t.Mapping[str, t.Any]) -> Document:
    return Document(json.dumps(value, sort_keys=True, separators=(",", ":")))


def created_at(epoch_seconds: int) -> str:
    """The time an image says it was made at, in RFC 3339."""
    return datetime.datetime.fromtimestamp(epoch_seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def config_document(
    config: ImageConfig, layers: t.Sequence[tuple[Layer, str]], architecture: str, epoch_seconds: int
) -> Document:
    """The image's configuration. layers: from the base up, each with a line of history. architecture: dpkg's name."""
    if architecture not in ARCHITECTURES:
        raise HostError(f"the architecture {architecture} is not known; known are {', '.join(sorted(ARCHITECTURES))}")
    name, variant = ARCHITECTURES[architecture]
    created = created_at(epoch_seconds)
    start: dict[str, t.Any] = {
        "Env": [f"{key}={value}" for key, value in config.environment.items()],
        "WorkingDir": config.working_directory,
    }
    optional: dict[str, t.Any] = {
        "Cmd": list(config.command),
        "Entrypoint": list(config.entrypoint),
        "ExposedPorts": {port: {} for port in config.exposed_ports},
        "Labels": dict(config.labels),
        "StopSignal": config.stop_signal,
        "User": config.user,
        "Volumes": {path: {} for path in config.volumes},
    }
    start.update({key: value for key, value in optional.items() if value})
    document: dict[str, t.Any] = {
        "architecture": name,
        "config": start,
        "created": created,
        "history": [{"created": created, "created_by": text} for _layer, text in layers],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer, _text in layers]},
    }
    if variant:
        document["variant"] = variant
    return _document(document)


def manifest_document(config: Document, layers: t.Sequence[Layer]) -> Document:
    """The image's manifest; its digest is the image's."""
    return _document(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": CONFIG_TYPE, "digest": config.digest, "size": config.size_bytes},
            "layers": [{"mediaType": LAYER_TYPE, "digest": layer.digest, "size": layer.size_bytes} for layer in layers],
        }
    )


def index_document(manifest: Document) -> Document:
    """The index of a layout with this one image."""
    entry = {"mediaType": MANIFEST_TYPE, "digest": manifest.digest, "size": manifest.size_bytes}
    return _document({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [entry]})


def blob_path(layout: str, digest: str) -> str:
    """Where a layout keeps a blob."""
    return f"{layout}/blobs/{digest.replace(':', '/', 1)}"


def stored_image(index: str, read_blob: t.Callable[[str], str | None]) -> StoredImage:
    """What a layout holds, from its index's text. Raises HostError when it isn't a layout this collection wrote."""
    try:
        digest = str(json.loads(index)["manifests"][0]["digest"])
        manifest = json.loads(read_blob(digest) or "")
        parts = [manifest["config"], *manifest["layers"]]
        layers = tuple(str(layer["digest"]) for layer in manifest["layers"])
        size = sum(int(part["size"]) for part in parts)
        return StoredImage(digest, str(manifest["config"]["digest"]), layers, size)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise HostError("a cached image is damaged; remove it from the cache and run again") from error
