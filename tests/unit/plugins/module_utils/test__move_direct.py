# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole cutover between two folders: real processes, sockets and rsync, the real program of the target, and a program
in the place of ssh. Only the engines are in memory, each in the process of its side.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import typing as t
from pathlib import Path

import move_pairs
import pytest
from fake_engine import FakeEngine

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_cutover_host as _cutover
from ansible_collections.anycloud.container_host.plugins.module_utils import (
    _move_gate,
    _move_volume_host,
    _move_waiting,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_talk import TalkingHostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, names
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, Lease
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control import definition, fence
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.store import Store
from ansible_collections.anycloud.container_host.plugins.module_utils._move_direct import Direct

pytestmark = [
    pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="owners need root"),
]

# ssh -F FILE [-O WORD] target [COMMAND]: the command goes to the target's program as one text, as sshd(8) gives it.
SSH = """#!/bin/sh
shift 2
[ "$1" != -O ] || exit 0
shift
exec {python} -IS {program} "$*"
"""
SHOP_BODY: dict[str, t.Any] = {"Id": "sha256:" + "1" * 64, "RepoDigests": []}


class Side:
    """One side of the move, in a folder of its own."""

    def __init__(self, folder: Path, name: str, generation: int) -> None:
        self.folder, self.io = folder / name, TalkingHostIO()
        self.volume, self.told = self.folder / "volume", self.folder / "told"
        self.volume.mkdir(parents=True)
        self.files = key.Files(str(self.folder / "moves"), "m1")
        for path in (self.files.folder, self.files.manifests):
            self.io.make_directory(path, 0o700)
        self.engine = FakeEngine(images={move_pairs.IMAGE: SHOP_BODY})
        self.writer = _cutover.Writer("m1", "node", generation, 60)
        lease = Lease("node", generation, 0)
        with self.here():
            Store(self.io).write(Journal("m1", "shop", name, "alpha", "bravo", phase="volumes_precopied", lease=lease))
            Definitions(self.io).keep(Definition(move_pairs.SHOP, "m1" if name == "target" else ""))

    @contextlib.contextmanager
    def here(self) -> t.Iterator[None]:
        """What is kept of moves is in this side's folder meanwhile."""
        with pytest.MonkeyPatch.context() as patch:
            for module, folder in ((names, "moves"), (definition, "definitions"), (fence, "fences")):
                patch.setattr(module, "FOLDER", str(self.folder / folder))
            yield

    @property
    def journal(self) -> Journal:
        with self.here():
            return Store(self.io).get("m1")

    @property
    def volumes(self) -> list[_move_volume_host.Volume]:
        return _move_volume_host.read_volumes([{"name": "shop_data", "path": str(self.volume)}])

    @property
    def paths(self) -> dict[str, str]:
        return {"shop_data": str(self.volume)}


class World:
    """Both sides. The source's engine runs the workload."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = Side(folder, "source", 1), Side(folder, "target", 2)
        program = Path(self.target.files.gate)
        program.write_text(Path(_move_gate.__file__).read_text())
        guard = {"journal": f"{self.target.folder}/moves/m1.json", "lock": f"{self.target.folder}/moves/m1.gate.lock"}
        places = {"shop_data": str(self.target.volume), key.MANIFESTS: self.target.files.manifests}
        Path(self.target.files.guard).write_text(json.dumps({**guard, "waiting": self.target.files.waiting}))
        Path(self.target.files.places).write_text(json.dumps(places))
        Path(self.source.files.ssh_config).write_text("")
        (folder / "bin").mkdir()
        # The disk of the machine the tests run on is left alone.
        texts = {"ssh": SSH.format(python=sys.executable, program=program), "sync": "#!/bin/sh\n"}
        for name, text in texts.items():
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        with self.source.here():
            deployment = Deployment(self.source.engine, self.source.io, move_pairs.SHOP, Settings(wait=False))  # type: ignore[arg-type]
            deployment.apply(deployment.plan(check_mode=False))
        self.target.engine.create_volume("shop_data", {"labels": {"com.docker.compose.project": "shop"}})

    def wait(self, dies: bool = False) -> None:
        """Have the target wait, in a process of its own. dies: at the word to start."""
        side = self.target

        def engine() -> FakeEngine:
            start = side.engine.start_container

            def started(name: str) -> None:
                if dies:
                    os._exit(1)
                start(name)
                with side.told.open("a") as stream:
                    stream.write(f"{name}\n")

            side.engine.start_container = started  # type: ignore[method-assign]
            return side.engine

        one = _move_waiting.Waiting(
            side.io, side.files, side.writer, side.volumes, side.paths, t.cast("t.Any", engine), 5, time.time
        )
        with side.here():
            one.leave_behind()

    def carry(self) -> _cutover.Carried:
        side = self.source
        manner = _move_volume_host.Manner(target_generation=2)
        with side.here():
            sending = _cutover.sender(side.io, side.files, side.volumes, side.paths, manner, 1)
            direct = Direct(side.io, side.files, 2)
            try:
                return _cutover.carry(side.io, t.cast("t.Any", side.engine), side.writer, sending, direct, 5, time.time)
            finally:
                direct.close()


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    (made.source.volume / "a").write_text("acknowledged")
    (made.source.volume / "large").write_bytes(os.urandom(200_000))
    return made


def until(condition: t.Callable[[], t.Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def contents(side: Side) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in side.volume.iterdir()}


def test_the_hosts_see_to_it_by_themselves(world: World) -> None:
    world.wait()
    carried = world.carry()
    assert (carried.equal, carried.handed_over, carried.started, carried.why_not) == (True, True, True, "")
    assert contents(world.target) == contents(world.source)
    assert world.target.told.read_text().split() == ["shop-db-1", "shop-web-1"]
    assert (world.target.journal.phase, world.source.journal.intent) == ("started", "started")
    assert not any(body["State"]["Running"] for body in world.source.engine.by_name.values())
    assert 0 < (carried.stood_still_seconds or 0) < 20
    assert os.listdir(world.target.files.manifests) == []
    until(lambda: not os.path.exists(world.target.files.waiting))
    assert not os.path.exists(world.target.files.waiting_log)


def test_nobody_waits(world: World) -> None:
    carried = world.carry()
    assert (carried.equal, carried.handed_over, carried.started) == (None, False, False)
    assert "nobody waits here for the source's word" in carried.why_not
    assert contents(world.target) == contents(world.source)
    assert os.listdir(world.target.files.manifests) == ["shop_data"]
    assert (world.target.journal.phase, world.source.journal.intent) == ("volumes_precopied", "")


def test_the_target_dies_at_the_word_to_start(world: World) -> None:
    world.wait(dies=True)
    carried = world.carry()
    assert (carried.equal, carried.handed_over, carried.started) == (True, True, False)
    assert "has ended" in carried.why_not
    # It may run there by now, for all the source knows.
    assert (world.target.journal.intent, world.source.journal.intent) == ("started", "started")
    assert not world.target.told.exists()


def test_one_of_a_run_that_is_over_is_not_found(world: World) -> None:
    world.wait()
    with world.target.here():
        store = Store(world.target.io)
        taken = Journal("m1", "shop", "target", "alpha", "bravo", phase="volumes_precopied", lease=Lease("other", 3, 0))
        store.write(taken)
    with pytest.raises(HostError, match="another run has taken over"):
        world.carry()
    until(lambda: not os.path.exists(world.target.files.waiting))
    assert not world.target.told.exists()
