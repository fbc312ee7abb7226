# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Image archives as ``docker save`` and ``podman save`` make and load them: read as a stream, written as one. Pure.

Form: the image specification 1.2 of Docker (manifest.json: Config, RepoTags, Layers), layers uncompressed.
"""

from __future__ import annotations

import json
import tarfile
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.layers import Image, hexadecimal

SMALL_BYTES = 4 << 20
"""No configuration of an image is larger."""


class ChunkReader:
    """A stream to read from, over pieces as they come from an engine."""

    def __init__(self, chunks: t.Iterator[bytes]) -> None:
        self._chunks = chunks
        self._waiting = b""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; fewer only at the end."""
        pieces, have = [self._waiting], len(self._waiting)
        while size < 0 or have < size:
            piece = next(self._chunks, b"")
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        whole = b"".join(pieces)
        cut = have if size < 0 else size
        self._waiting = whole[cut:]
        return whole[:cut]


def config_of(files: t.Mapping[str, bytes], where: str) -> tuple[str, bytes]:
    """Path and text of the configuration an archive's manifest.json names. files: the small files of the archive.

    Raises HostError when the archive is not in this form.
    """
    try:
        (entry,) = json.loads(files["manifest.json"])
        path = str(entry["Config"])
        return path, files[path]
    except (KeyError, ValueError, TypeError) as error:
        raise HostError(f"{where}: the engine's archive is not in the form of docker save ({error!r})") from error


def layers_of(config: bytes, where: str) -> tuple[str, ...]:
    """The digests of the layers' content in a configuration. Raises HostError."""
    try:
        return tuple(str(layer) for layer in json.loads(config)["rootfs"]["diff_ids"])
    except (KeyError, ValueError, TypeError) as error:
        raise HostError(f"{where}: the image's configuration can't be read ({error!r})") from error


def layer_path(layer: str) -> str:
    """Where a layer is in the archive."""
    return f"{hexadecimal(layer)}.tar"


def manifest_text(image: Image) -> bytes:
    """The archive's manifest.json."""
    entry = {
        "Config": f"{hexadecimal(image.id)}.json",
        "RepoTags": image.tags,
        "Layers": [layer_path(layer) for layer in image.layers],
    }
    return json.dumps([entry]).encode()


def _header(path: str, size: int) -> bytes:
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = size, 0o644
    # GNU's form holds sizes above 8 GiB
    return entry.tobuf(format=tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % tarfile.BLOCKSIZE)


def write(
    image: Image, config: bytes, contents: t.Mapping[str, tuple[int, t.Callable[[], t.Iterator[bytes]]]]
) -> t.Iterator[bytes]:
    """The archive, piece by piece. contents: layer -> size and what gives its content; other layers are left empty."""
    for path, text in ((f"{hexadecimal(image.id)}.json", config), ("manifest.json", manifest_text(image))):
        yield _header(path, len(text)) + text + _padding(len(text))
    for layer in dict.fromkeys(image.layers):
        size, content = contents.get(layer, (0, None))
        yield _header(layer_path(layer), size)
        if content is not None:
            yield from content()
        yield _padding(size)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)
