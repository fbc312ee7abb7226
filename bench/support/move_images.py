# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image whose base the target has, moved between two Docker engines of the benchmark's own."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import time
import typing as t
from pathlib import Path

from support.move_arms import Arms
from support.move_plain import PlainWay
from support.move_world import MOVE, MoveWorld, module

if t.TYPE_CHECKING:
    import docker

START_SECONDS, LOAD_SECONDS = 60, 600
REFERENCE, BASE = "bench/app:1", "bench/base:1"


class Engine:
    """A Docker engine by itself: no network, plain directories for layers. It ends with the namespace."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.socket = str(folder / "docker.sock")
        with (folder / "log").open("wb") as log:
            subprocess.Popen(
                ["dockerd", f"--data-root={folder}/root", f"--exec-root={folder}/exec", f"--host=unix://{self.socket}",
                 f"--pidfile={folder}/pid", "--bridge=none", "--iptables=false", "--ip-forward=false",
                 "--storage-driver=vfs"],
                stdout=log, stderr=log,
            )  # fmt: skip
        self.log = folder / "log"

    def client(self) -> docker.APIClient:
        """A client, once the engine answers. Raises SystemExit."""
        import docker  # noqa: PLC0415 - only where an engine is there

        end = time.monotonic() + START_SECONDS
        while True:
            try:
                client = docker.APIClient(f"unix://{self.socket}", version="auto", timeout=LOAD_SECONDS)
                client.ping()
            except docker.errors.DockerException as error:
                if time.monotonic() > end:
                    raise SystemExit(f"dockerd does not answer: {error}; {self.log.read_text()[-500:]}") from error
                time.sleep(0.2)
            else:
                return client


def layer(name: str, content: bytes) -> bytes:
    """A layer with one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def image(reference: str, layers: t.Sequence[bytes]) -> bytes:
    """An archive that docker load takes."""
    identities = [hashlib.sha256(content).hexdigest() for content in layers]
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{identity}" for identity in identities]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()
    names = [f"{identity}.tar" for identity in identities]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [reference], "Layers": names}]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in [("config.json", config), *zip(names, layers), ("manifest.json", manifest)]:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def measure_image(arms: Arms, size: int, repetitions: int, plain: t.Optional[PlainWay]) -> None:
    """Takes the arm ``image, moved`` and, where there is a plain way, ``image, plain``; none without an engine.

    What had to move are the missing layers, compressed. They are other ones each time.
    """
    if shutil.which("dockerd") is None:
        print("  no dockerd here: the image is not measured", flush=True)
        return
    world = arms.world
    there, here = Engine(world.folder / "there"), Engine(world.folder / "here")
    base = layer("base", content(size) * 3)
    for client in (there.client(), here.client()):
        list(client.load_image(image(BASE, [base])))
    for _number in range(repetitions):
        list(there.client().load_image(image(REFERENCE, [base, layer("library", content(size)), layer("app", b"app")])))
        packed = arms.take("image, moved", functools.partial(move_image, world, there.socket, here.socket))
        here.client().remove_image(REFERENCE)
        if plain and plain.has_engine_client():
            carry = functools.partial(plain.carry_image, REFERENCE, there.socket, here.socket)
            arms.take("image, plain", carry, packed)
            here.client().remove_image(REFERENCE)
        there.client().remove_image(REFERENCE)


def content(size: int) -> bytes:
    """Half of it compresses well, half does not, as programs do."""
    return os.urandom(size // 2) + b"text " * (size // 10)


def move_image(world: MoveWorld, source_socket: str, target_socket: str) -> int:
    """What the role does about images; answers how many bytes the missing layers have, compressed."""
    engine = {"engine": "docker", "socket": source_socket}
    target = {"engine": "docker", "socket": target_socket}
    held = module("move_image_info", **target)["held"]
    sent = module(
        "move_image", move_id=MOVE, directory=world.source, side="source", images=[REFERENCE], held=held, **engine
    )
    module("move_image", move_id=MOVE, directory=world.target, side="target", images=sent["images"], **target)
    return int(sent["compressed_bytes"])
