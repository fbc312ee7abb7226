# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import tarfile

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import archive
from ansible_collections.anycloud.container_host.plugins.module_utils._move.layers import Image

A, B, IDENTITY = (f"sha256:{letter * 64}" for letter in "abc")


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 100000])
def test_the_archive_is_a_tar_with_what_was_missing(size: int) -> None:
    image = Image("shop/web:3", IDENTITY, (A, B, A), (B,))
    content = bytes(range(256)) * (size // 256 + 1)
    pieces = archive.write(image, b"{}", {B: (size, lambda: iter([content[: size // 2], content[size // 2 : size]]))})
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as opened:
        files = {member.name: opened.extractfile(member).read() for member in opened}  # type: ignore[union-attr]
    assert files[f"{'b' * 64}.tar"] == content[:size]
    assert files[f"{'a' * 64}.tar"] == b""
    assert files[f"{'c' * 64}.json"] == b"{}"
    assert json.loads(files["manifest.json"]) == [
        {
            "Config": f"{'c' * 64}.json",
            "RepoTags": ["shop/web:3"],
            "Layers": [f"{'a' * 64}.tar", f"{'b' * 64}.tar", f"{'a' * 64}.tar"],
        }
    ]


@pytest.mark.parametrize("size", [1, 3, 10, 100])
def test_pieces_are_read_as_a_stream(size: int) -> None:
    reader = archive.ChunkReader(iter([b"abc", b"d", b"efghij"]))
    found = []
    while piece := reader.read(size):
        found.append(piece)
    assert b"".join(found) == b"abcdefghij"
    assert all(len(piece) == size for piece in found[:-1])


def test_the_configuration_is_found() -> None:
    files = {"manifest.json": b'[{"Config": "blobs/sha256/x"}]', "blobs/sha256/x": b'{"rootfs": {"diff_ids": ["a"]}}'}
    assert archive.config_of(files, "image a")[0] == "blobs/sha256/x"
    assert archive.layers_of(archive.config_of(files, "image a")[1], "image a") == ("a",)


@pytest.mark.parametrize(
    "files", [{}, {"manifest.json": b"[]"}, {"manifest.json": b"x"}, {"manifest.json": b'[{"Config": "x"}]'}]
)
def test_another_form_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(HostError, match="image a"):
        archive.config_of(files, "image a")


def test_a_configuration_without_layers_is_refused() -> None:
    with pytest.raises(HostError, match="image a"):
        archive.layers_of(b"{}", "image a")
