# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real processes, real sockets, and the real program of a move's target between them."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_gate
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, TalkEndedError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_talk import (
    MOST_BYTES,
    Listener,
    TalkingHostIO,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import Journal, Lease
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import render

JOURNAL = Journal("m1", "shop", "target", "alpha", "bravo", phase="volumes_precopied", lease=Lease("node", 2, 0))


def until(condition: t.Callable[[], t.Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


class World:
    """The target's program in a folder, with the move's journal, and somebody who waits there or doesn't."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.io = folder, TalkingHostIO()
        self.socket, self.log, self.journal = folder / "wait.sock", folder / "wait.log", folder / "m1.json"
        self.program = folder / "receive"
        self.program.write_text(Path(_move_gate.__file__).read_text())
        guard = {"journal": str(self.journal), "lock": str(folder / "lock"), "waiting": str(self.socket)}
        (folder / "guard.json").write_text(json.dumps(guard))
        self.note()

    def note(self, **changes: t.Any) -> None:
        self.journal.write_text(render(dataclasses.replace(JOURNAL, **changes)))

    def wait(self, serve: t.Callable[[Listener], None]) -> None:
        """Somebody waits, in a process of its own."""
        listener = self.io.listen(str(self.socket))

        def work() -> None:
            serve(listener)
            listener.close()

        self.io.leave_behind(work, str(self.log))
        listener._socket.close()

    def talk(self, generation: int = 2) -> t.Any:
        argv = [sys.executable, "-IS", str(self.program), f"generation={generation} cutover"]
        return self.io.converse(argv)


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path) -> World:
    return World(tmp_path)


def answer_one(listener: Listener) -> None:
    """Say who answers, and give back what is asked; end with the first who ends."""
    talk = listener.accept(20)
    assert talk is not None
    talk.say({"ready": True, "pid": os.getpid(), "group": os.getpgrp(), "standard": os.readlink("/proc/self/fd/1")})
    try:
        while True:
            asked = talk.hear(20)
            if asked is not None:
                talk.say({"asked": asked})
    except TalkEndedError:
        talk.close()


def test_the_source_talks_through_the_program_with_the_one_who_waits(world: World) -> None:
    world.wait(answer_one)
    assert os.stat(world.socket).st_mode & 0o077 == 0
    talk = world.talk()
    ready = talk.hear(20)
    assert ready["ready"]
    assert ready["pid"] != os.getpid()
    assert ready["group"] != os.getpgrp(), "what ends this one's group must not end it"
    assert ready["standard"] == os.devnull, "who waits for this one's output must not wait for it"
    large = {"do": "x" * 300_000}
    talk.say(large)
    assert talk.hear(20) == {"asked": large}
    assert talk.hear(0) is None
    assert talk.close() == ""
    until(lambda: not world.socket.exists())
    assert not world.log.exists()


def test_the_conversation_ends_with_the_one_who_waits(world: World) -> None:
    def leave(listener: Listener) -> None:
        talk = listener.accept(20)
        assert talk is not None
        talk.say({"ready": True})
        talk.close()

    world.wait(leave)
    talk = world.talk()
    assert talk.hear(20) == {"ready": True}
    with pytest.raises(TalkEndedError, match="has ended"):
        talk.hear(20)
    assert talk.close() == ""


@pytest.mark.parametrize(
    ("changes", "generation", "words"),
    [
        ({}, 2, "nobody waits here"),
        ({}, 1, "another run has taken over"),
        ({}, 0, "another run has taken over"),
        ({"outcome": "rolling_back"}, 2, "takes no more data here"),
        ({"phase": "final_delta"}, 2, "nobody waits here"),
        ({"phase": "final_delta", "intent": "started"}, 2, "takes no more data here"),
        ({"phase": "started"}, 2, "takes no more data here"),
    ],
)
def test_who_is_not_let_in(world: World, changes: dict[str, t.Any], generation: int, words: str) -> None:
    world.note(**changes)
    talk = world.talk(generation)
    with pytest.raises(TalkEndedError):
        talk.hear(20)
    assert words in talk.close()


def test_what_it_dies_of_is_written_down(world: World) -> None:
    def fail(_listener: Listener) -> None:
        raise ValueError("out of order")

    world.wait(fail)
    until(world.log.exists)
    until(lambda: "ValueError: out of order" in world.log.read_text())


def test_it_ends_though_nothing_can_be_written_down(world: World) -> None:
    """And does not go on as if it were the one that left it behind."""
    world.log = world.folder / "none" / "log"
    marker, me = world.folder / "marker", os.getpid()

    def fail(_listener: Listener) -> None:
        marker.write_text(str(os.getpid()))
        raise ValueError("out of order")

    world.wait(fail)
    assert os.getpid() == me, "only one comes back from there"
    until(lambda: marker.exists() and marker.read_text())
    until(lambda: not Path(f"/proc/{marker.read_text()}").exists())


def test_one_who_comes_later_takes_the_place(world: World) -> None:
    first = world.io.listen(str(world.socket))
    second = world.io.listen(str(world.socket))
    assert (first.is_there(), second.is_there()) == (False, True)
    first.close()
    assert second.is_there(), "the place is another one's by now"
    assert second.accept(0.01) is None
    second.close()
    assert not world.socket.exists()
    with pytest.raises(HostError, match="can't be listened at"):
        world.io.listen(str(world.folder / ("x" * 120)))


@pytest.mark.parametrize("said", ["no JSON\n", "[]\n", "x" * (MOST_BYTES + 1)])
def test_what_is_no_document_ends_the_conversation(world: World, said: str) -> None:
    (world.folder / "said").write_text(said)
    talk = world.io.converse(["cat", str(world.folder / "said")])
    with pytest.raises(TalkEndedError, match="the other side says"):
        talk.hear(20)
    talk.close()


def test_a_command_that_is_not_there(world: World) -> None:
    with pytest.raises(HostError, match="command not found"):
        world.io.converse(["no-such-command"])
