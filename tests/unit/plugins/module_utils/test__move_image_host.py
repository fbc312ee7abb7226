# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images go from one engine to another: archives in the forms of old and new engines, in real folders."""

from __future__ import annotations

import hashlib
import io as _io
import json
import os
import shutil
import tarfile
import types
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_image_host as _host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed, HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, layers
from ansible_collections.anycloud.container_host.plugins.modules import move_image

if t.TYPE_CHECKING:
    from pathlib import Path

BASE, LIBRARY = b"base layer " * 600_000, b"library " * 1000


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class FakeEngine:
    """Images in memory; each a configuration and layers. form: how it writes archives."""

    def __init__(self, form: str = "old", containerd: bool = False) -> None:
        self.form, self.containerd = form, containerd
        self.stored: dict[str, tuple[bytes, list[bytes]]] = {}
        self.loaded: list[dict[str, bytes]] = []

    def add(self, reference: str, *contents: bytes) -> None:
        config = json.dumps({"rootfs": {"type": "layers", "diff_ids": [digest(content) for content in contents]}})
        self.stored[reference] = (config.encode(), list(contents))

    def about(self) -> dict[str, t.Any]:
        store = ["driver-type", "io.containerd.snapshotter.v1"] if self.containerd else ["Backing Filesystem", "ext4"]
        return {"DriverStatus": [store], "DockerRootDir": "/var/lib/docker"}

    def images(self) -> list[dict[str, t.Any]]:
        return [{"Id": digest(config)} for config, _contents in self.stored.values()]

    def image(self, reference: str) -> t.Optional[dict[str, t.Any]]:
        for name, (config, contents) in self.stored.items():
            if reference in (name, digest(config)):
                found = [digest(content) for content in contents]
                return {"Id": digest(config), "RootFS": {"Layers": found}, "Size": sum(map(len, contents))}
        return None

    def save_image(self, reference: str) -> t.Iterator[bytes]:
        config, contents = self.stored[reference]
        buffer = _io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:

            def add(name: str, content: bytes) -> None:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, _io.BytesIO(content))

            names = []
            for number, content in enumerate(contents):
                name = f"v1id{number}/layer.tar" if self.form == "old" else f"blobs/sha256/{digest(content)[7:]}"
                names.append(name)
                add(name, content)
            path = f"{digest(config)[7:]}.json" if self.form == "old" else f"blobs/sha256/{digest(config)[7:]}"
            add(path, config)
            add("manifest.json", json.dumps([{"Config": path, "RepoTags": [reference], "Layers": names}]).encode())
        whole = buffer.getvalue()
        yield from (whole[start : start + 1000_003] for start in range(0, len(whole), 1000_003))

    def load_image(self, reference: str, archive: t.Iterator[bytes]) -> None:
        """As the engines do: a layer's file is opened only when the chain isn't there."""
        with tarfile.open(fileobj=_io.BytesIO(b"".join(archive))) as opened:
            files = {member.name: opened.extractfile(member).read() for member in opened}  # type: ignore[union-attr]
        self.loaded.append(files)
        (entry,) = json.loads(files["manifest.json"])
        config = files[entry["Config"]]
        wanted = json.loads(config)["rootfs"]["diff_ids"]
        here = {digest(content): content for _config, contents in self.stored.values() for content in contents}
        contents = [here.get(layer) or files[path] for layer, path in zip(wanted, entry["Layers"])]
        assert [digest(content) for content in contents] == wanted
        for tag in entry["RepoTags"]:
            self.stored[tag] = (config, contents)


class IO(HostIO):
    """A host whose disks are not synced for a test, which would wait for all of this machine's."""

    def __init__(self) -> None:
        self.synced = 0

    def run(self, argv: t.Sequence[str], *more: t.Any, **options: t.Any) -> Completed:
        if argv[0] != "sync":
            return super().run(argv, *more, **options)
        assert argv[-1] == "/var/lib/docker"
        self.synced += 1
        return Completed(tuple(argv), 0, "", "")


class World:
    def __init__(self, folder: Path, form: str, source_containerd: bool = False) -> None:
        self.io = IO()
        self.there, self.here = FakeEngine(form, source_containerd), FakeEngine()
        self.out = key.Files(str(folder / "source"), "m1")
        self.into = key.Files(str(folder / "target"), "m1")

    def take(self, *references: str) -> list[layers.Image]:
        held = _host.held(self.here)  # type: ignore[arg-type]
        images, _size = _host.wanted(self.there, references, held)  # type: ignore[arg-type]
        outgoing = _host.Outgoing(self.io, self.there, self.out)  # type: ignore[arg-type]
        taken = [outgoing.take(image) for image in images]
        shutil.copytree(self.out.images, self.into.images, dirs_exist_ok=True)
        return taken

    def load(self, image: layers.Image) -> None:
        _host.Incoming(self.io, self.here, self.into).load(image)  # type: ignore[arg-type]


@pytest.fixture(params=["old", "new"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    made = World(tmp_path, request.param)
    made.there.add("shop/web:3", BASE, LIBRARY, b"app")
    return made


def test_only_what_is_missing_travels(world: World) -> None:
    world.here.add("base:1", BASE)
    (image,) = world.take("shop/web:3")
    assert image.missing == (digest(LIBRARY), digest(b"app"))
    assert sorted(name.partition(".")[2] for name in os.listdir(world.out.images)) == [
        "3.tar.gz",
        "8000.tar.gz",
        "json",
    ]
    world.load(image)
    assert world.here.loaded[0][f"{digest(BASE)[7:]}.tar"] == b""
    assert _host.is_there(world.here, image)  # type: ignore[arg-type]
    assert world.io.synced == 1


def test_all_travels_to_an_empty_engine_and_the_id_stays(world: World) -> None:
    (image,) = world.take("shop/web:3")
    assert len(image.missing) == 3
    world.load(image)
    assert world.here.stored["shop/web:3"] == world.there.stored["shop/web:3"]
    assert image.id == digest(world.there.stored["shop/web:3"][0])


def test_what_was_taken_is_not_taken_again(world: World) -> None:
    world.take("shop/web:3")
    before = {name: os.stat(f"{world.out.images}/{name}").st_mtime_ns for name in os.listdir(world.out.images)}
    world.there.save_image = None  # type: ignore[method-assign, assignment]
    world.take("shop/web:3")
    assert before == {name: os.stat(f"{world.out.images}/{name}").st_mtime_ns for name in os.listdir(world.out.images)}


def change(content: bytes) -> bytes:
    return content[:-20] + b"\0" + content[-19:]


@pytest.mark.parametrize("damage", [change, lambda content: content[:-50], lambda content: b""])
@pytest.mark.parametrize("name", [".tar.gz", ".json"])
def test_what_arrived_otherwise_is_refused_and_asked_for_again(
    world: World, damage: t.Callable[[bytes], bytes], name: str
) -> None:
    (image,) = world.take("shop/web:3")
    path = next(iter(world.io.glob(f"{world.into.images}/*{name}")))
    with open(path, "rb") as stream:
        content = stream.read()
    with open(path, "wb") as stream:
        stream.write(damage(content))
    with pytest.raises(HostError, match=r"shop/web:3.*again"):
        world.load(image)
    assert not os.path.exists(path)
    assert world.here.loaded == []
    world.take("shop/web:3")
    world.load(image)


def test_a_store_that_takes_no_parts_gets_whole_images(tmp_path: Path) -> None:
    world = World(tmp_path, "new")
    world.there.add("shop/web:3", BASE, b"app")
    world.here.containerd = True
    world.here.add("base:1", BASE)
    assert _host.held(world.here).chains == frozenset()  # type: ignore[arg-type]
    (image,) = world.take("shop/web:3")
    assert image.missing == image.layers


def test_an_image_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(InputError, match=r"images\[1\]: none:1 is not there"):
        world.take("shop/web:3", "none:1")


def test_of_images_that_are_all_there_nothing_is_taken_nor_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine()
    engine.add("a:1", BASE)
    image = _host.observe(engine, "a:1")  # type: ignore[arg-type]
    assert image is not None
    monkeypatch.setattr(engine, "save_image", lambda _reference: pytest.fail("taken out of the engine"))
    held = layers.Held(named={"a:1": image.id}).as_dict()
    module = types.SimpleNamespace(params={"held": held, "images": ["a:1"]}, check_mode=False)
    files = key.Files(str(tmp_path), "m1")
    done = move_image.on_source(module, HostIO(), engine, files)  # type: ignore[arg-type]
    assert (done["changed"], done["wire_bytes"], done["compressed_bytes"]) == (False, 0, 0)
    (taken,) = layers.read_images(done["images"])
    assert _host.found_id(engine, taken) == taken.id  # type: ignore[arg-type]
