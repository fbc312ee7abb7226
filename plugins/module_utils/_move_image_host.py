# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Images of a move on this host: taken out of the engine layer by layer, sent, checked and put into the other one.

On the way a layer is a file ``<digest>.<size>.tar.gz``, a configuration ``<digest>.json``, in one folder that rsync
brings over: a cut is gone on from, and a layer that two images share travels once.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import typing as t
import zlib
from dataclasses import replace

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move import archive, key, layers
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.durable import settle_engine

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

CHUNK_BYTES = 1 << 20
GZIP_LEVEL = 6
"""What registries' layers are compressed with; every host's Python has it, as it has no zstd."""


def takes_parts(client: EngineClient) -> bool:
    """Whether the engine's store takes an archive that leaves out what it has; Docker's containerd store doesn't."""
    return not any("containerd.snapshotter" in str(value) for _name, value in client.about().get("DriverStatus") or [])


def held(client: EngineClient) -> layers.Held:
    """What the engine has."""
    ids, chains = set(), set()
    parts = takes_parts(client)
    for summary in client.images():
        found = client.image(str(summary["Id"]))
        if found is None:
            continue
        ids.add(_full(str(found["Id"])))
        if parts:
            chains.update(layers.chains((found.get("RootFS") or {}).get("Layers") or []))
    return layers.Held(frozenset(ids), frozenset(chains))


def _full(identity: str) -> str:
    return identity if identity.startswith("sha256:") else f"sha256:{identity}"


def observe(client: EngineClient, reference: str) -> t.Optional[layers.Image]:
    """An image of the engine, or None."""
    found = client.image(reference)
    if found is None:
        return None
    return layers.Image(reference, _full(str(found["Id"])), tuple((found.get("RootFS") or {}).get("Layers") or []))


def is_there(client: EngineClient, image: layers.Image) -> bool:
    """Whether the engine has this image under its name. A containerd store has ids of its own."""
    found = observe(client, image.reference)
    return found is not None and found.layers == image.layers and (found.id == image.id or not takes_parts(client))


def found_id(client: EngineClient, image: layers.Image) -> t.Optional[str]:
    """The id the engine has under the image's name; the image's own when it is the same image."""
    if is_there(client, image):
        return image.id
    found = observe(client, image.reference)
    return found.id if found else None


def wanted(client: EngineClient, references: t.Sequence[str], target: layers.Held) -> tuple[list[layers.Image], int]:
    """The images asked for with what the target lacks of them, and their size. Raises InputError for absent ones."""
    found, problems, size = [], [], 0
    for index, reference in enumerate(references):
        image = observe(client, reference)
        if image is None:
            problems.append(
                Problem(f"images[{index}]", f"{reference} is not there", "give the name the engine has it by")
            )
            continue
        size += int((client.image(reference) or {}).get("Size") or 0)
        found.append(replace(image, missing=layers.missing(image.layers, target)))
    if problems:
        raise InputError(problems)
    return found, size


class Outgoing:
    """The folder of layers on the source."""

    def __init__(self, io: HostIO, client: EngineClient, files: key.Files) -> None:
        self.io, self.client, self.folder = io, client, files.images

    def blob(self, layer: str) -> t.Optional[str]:
        """The file of a layer, or None."""
        return next(iter(self.io.glob(f"{self.folder}/{layers.hexadecimal(layer)}.*.tar.gz")), None)

    def config(self, image: layers.Image) -> str:
        """The file of an image's configuration."""
        return f"{self.folder}/{layers.hexadecimal(image.id)}.json"

    def is_ready(self, image: layers.Image) -> bool:
        """Whether all that is sent of an image is in the folder."""
        return self.io.exists(self.config(image)) and all(self.blob(layer) for layer in image.missing)

    def compressed_bytes(self, images: t.Sequence[layers.Image]) -> int:
        """The size of what is sent of the images."""
        paths = {self.config(image) for image in images}
        paths |= {path for image in images for path in map(self.blob, image.missing) if path}
        return sum(status.size_bytes for status in map(self.io.status, paths) if status)

    def take(self, image: layers.Image) -> layers.Image:
        """Take what is missing out of the engine; returns the image with the digest of its configuration as id."""
        if self.is_ready(image):
            return image
        self.io.make_directory(self.folder, 0o700)
        small: dict[str, bytes] = {}
        known = {layers.hexadecimal(layer) for layer in image.layers if layer not in image.missing or self.blob(layer)}
        reader = t.cast(t.IO[bytes], archive.ChunkReader(self.client.save_image(image.reference)))
        try:
            with tarfile.open(fileobj=reader, mode="r|") as stream:
                for member in stream:
                    if not member.isfile() or any(part in known for part in member.name.replace(".", "/").split("/")):
                        continue
                    content = stream.extractfile(member)
                    if content is not None:
                        self._keep(image, member, content, small)
        except tarfile.TarError as error:
            raise HostError(f"image {image.reference}: the engine's archive is damaged: {error}") from error
        _path, config = archive.config_of(small, f"image {image.reference}")
        if archive.layers_of(config, f"image {image.reference}") != image.layers:
            raise HostError(f"image {image.reference}: was changed while it was read; run again")
        taken = replace(image, id=f"sha256:{hashlib.sha256(config).hexdigest()}")
        lacking = [layer for layer in image.missing if not self.blob(layer)]
        if lacking:
            raise HostError(f"image {image.reference}: the engine's archive lacks the layers {', '.join(lacking)}")
        self.io.write_atomic(self.config(taken), config.decode("utf-8", "surrogateescape"), mode=0o600)
        return taken

    def _keep(
        self, image: layers.Image, member: tarfile.TarInfo, content: t.IO[bytes], small: dict[str, bytes]
    ) -> None:
        """Keep a member if it is a layer that is sent. Older archives tell a layer's digest by its content only."""
        if member.size <= archive.SMALL_BYTES:
            text = content.read()
            small[member.name] = text
            digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
            if digest in image.missing:
                self._compress(digest, len(text), iter([text]))
            return
        partial = f"{self.folder}/.partial.tar"
        digester = hashlib.sha256()
        with self.io.open_stream(partial, "wb") as plain:
            for piece in iter(lambda: content.read(CHUNK_BYTES), b""):
                digester.update(piece)
                plain.write(piece)
        digest = f"sha256:{digester.hexdigest()}"
        if digest in image.missing:
            with self.io.open_stream(partial) as plain:
                self._compress(digest, member.size, iter(lambda: plain.read(CHUNK_BYTES), b""))
        self.io.remove(partial)

    def _compress(self, digest: str, size: int, pieces: t.Iterator[bytes]) -> None:
        partial = f"{self.folder}/.partial.tar.gz"
        with self.io.open_stream(partial, "wb") as raw, gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as packed:
            for piece in pieces:
                packed.write(piece)
        self.io.rename(partial, f"{self.folder}/{layers.hexadecimal(digest)}.{size}.tar.gz")


class Incoming:
    """The folder of layers on the target."""

    def __init__(self, io: HostIO, client: EngineClient, files: key.Files) -> None:
        self.io, self.client, self.folder = io, client, files.images

    def _pieces(self, path: str) -> t.Iterator[bytes]:
        with self.io.open_stream(path) as raw, gzip.GzipFile(fileobj=raw) as packed:
            yield from iter(lambda: packed.read(CHUNK_BYTES), b"")

    def _checked_layer(self, image: layers.Image, layer: str) -> tuple[int, str]:
        """Size and file of a layer whose digest is right. A wrong one is removed, and so sent again."""
        path = next(iter(self.io.glob(f"{self.folder}/{layers.hexadecimal(layer)}.*.tar.gz")), "")
        if not path:
            raise HostError(f"image {image.reference}: the layer {layer} has not arrived; run move_image on the source")
        digester, size = hashlib.sha256(), 0
        try:
            for piece in self._pieces(path):
                digester.update(piece)
                size += len(piece)
        except (OSError, EOFError, zlib.error) as error:
            self.io.remove(path)
            raise HostError(
                f"image {image.reference}: the layer {layer} arrived damaged: {error}; send again"
            ) from error
        if f"sha256:{digester.hexdigest()}" != layer or path.split(".")[-3] != str(size):
            self.io.remove(path)
            raise HostError(f"image {image.reference}: the layer {layer} arrived with another digest; send it again")
        return size, path

    def load(self, image: layers.Image) -> None:
        """Check all that arrived of an image, then load it. Raises HostError when a digest is wrong.

        It is on the disk then.
        """
        place = f"{self.folder}/{layers.hexadecimal(image.id)}.json"
        config = self.io.read_bytes(place)
        if config is None:
            raise HostError(f"image {image.reference}: its configuration has not arrived; run move_image on the source")
        if f"sha256:{hashlib.sha256(config).hexdigest()}" != image.id:
            self.io.remove(place)
            raise HostError(f"image {image.reference}: its configuration arrived with another digest; send it again")
        contents: dict[str, tuple[int, t.Callable[[], t.Iterator[bytes]]]] = {}
        for layer in image.missing:
            size, path = self._checked_layer(image, layer)
            contents[layer] = (size, lambda path=path: self._pieces(path))  # type: ignore[misc]
        self.client.load_image(image.reference, archive.write(image, config, contents))
        if image.tags and not is_there(self.client, image):
            raise HostError(
                f"image {image.reference}: was loaded, and the engine has something else under that name; "
                "does someone pull or build it at the same time?"
            )
        settle_engine(self.io, self.client)
