# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Images in a registry: which are there, and bringing local OCI layouts there with their digests kept."""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

COPY_TIMEOUT_SECONDS = 900
# what skopeo says, passing on the registry's error codes (distribution specification) or the system's
_NOT_THERE = ("manifest unknown", "name unknown", "repository name not known")
_UNREACHABLE = ("connection refused", "no route to host", "i/o timeout", "no such host", "network is unreachable")


class UnreachableError(HostError):
    """Nobody answers at the registry's address."""


@dataclass(frozen=True)
class RegistryImage:
    """An image that is to be in the registry (layout: the OCI layout it comes from) or not (layout empty)."""

    name: str
    tag: str
    layout: str = ""
    digest: str = ""

    @property
    def label(self) -> str:
        """The image's name in messages and differences."""
        return f"{self.name}:{self.tag}"


@dataclass(frozen=True)
class Registry:
    """A registry: ``location`` is host:port; ``certificate_directory``, if not empty, holds the CA's ca.crt."""

    location: str
    certificate_directory: str = ""

    def reference(self, image: RegistryImage) -> str:
        """The image's transport reference."""
        return f"docker://{self.location}/{image.label}"

    def inspect_argv(self, image: RegistryImage) -> list[str]:
        """Print the manifest exactly as the registry holds it."""
        return ["skopeo", "inspect", "--raw", *self._trust("--cert-dir"), self.reference(image)]

    def copy_argv(self, image: RegistryImage) -> list[str]:
        """Copy from the layout. No policy is asked: those judge images from elsewhere, and this one was built here."""
        return [
            "skopeo",
            "--insecure-policy",
            "copy",
            "--preserve-digests",
            *self._trust("--dest-cert-dir"),
            f"oci:{image.layout}",
            self.reference(image),
        ]

    def delete_argv(self, image: RegistryImage) -> list[str]:
        """Remove the image."""
        return ["skopeo", "delete", *self._trust("--cert-dir"), self.reference(image)]

    def _trust(self, option: str) -> list[str]:
        return [option, self.certificate_directory] if self.certificate_directory else []


def digest_in_registry(io: HostIO, registry: Registry, image: RegistryImage) -> str | None:
    """The digest the registry has under the image's name and tag, or None.

    Raises UnreachableError when nobody answers, HostError when the answer is another failure.
    """
    done = io.run(registry.inspect_argv(image), timeout_seconds=60)
    if done.rc == 0:
        return f"sha256:{hashlib.sha256(done.stdout.encode()).hexdigest()}"
    if done.rc == 127:
        raise HostError("skopeo is not there, and images are copied with it; install the package skopeo")
    said = done.stderr.strip().splitlines()[-1:] or [f"skopeo failed with {done.rc}"]
    if any(words in done.stderr for words in _NOT_THERE):
        return None
    if any(words in done.stderr for words in _UNREACHABLE):
        raise UnreachableError(
            f"no registry answers at {registry.location}; start it, or correct the address: {said[0]}"
        )
    raise HostError(f"the registry at {registry.location} could not be asked for {image.label}: {said[0]}")


def observe(
    io: HostIO, registry: Registry, images: t.Sequence[RegistryImage], empty_when_unreachable: bool = False
) -> dict[str, str | None]:
    """Label of every image -> its digest in the registry, None for what isn't there."""
    found: dict[str, str | None] = {}
    try:
        for image in images:
            found[image.label] = digest_in_registry(io, registry, image)
    except UnreachableError:
        if not empty_when_unreachable:
            raise
        found = {image.label: None for image in images}
    return found


def compare(
    images: t.Sequence[RegistryImage], observed: t.Mapping[str, str | None], present: bool
) -> tuple[Difference, list[RegistryImage]]:
    """The difference, and the images to copy or remove."""
    difference = Difference()
    todo = [
        image
        for image in images
        if difference.compare(image.label, observed[image.label], (image.digest or "built") if present else None)
    ]
    return difference, todo


def apply(io: HostIO, registry: Registry, images: t.Sequence[RegistryImage], present: bool) -> None:
    """Copy or remove the images, and see to it that the digests are those promised."""
    for image in images:
        argv = registry.copy_argv(image) if present else registry.delete_argv(image)
        io.run(argv, timeout_seconds=COPY_TIMEOUT_SECONDS, check=True)
        if present:
            digest = digest_in_registry(io, registry, image)
            if digest != image.digest:
                raise HostError(
                    f"{image.label} has the digest {digest} in the registry, and {image.digest} was copied; "
                    "something between changes images"
                )
