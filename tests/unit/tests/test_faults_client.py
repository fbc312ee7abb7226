# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writer's client, with writers made of functions."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from faults import client as clients
from faults.client import Client, Tally

ADDRESSES = {"alpha": "a:1", "bravo": "b:1"}


class World:
    """Copies of the writer by address, and a clock. answers: address -> whether, and what, it answers."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lives = {"a:1": True, "b:1": False}
        self.answers: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []

    def ask(self, address: str, path: str) -> str:
        self.asked.append((address, path))
        self.now += 0.5
        if not self.lives[address]:
            raise OSError("connection refused")
        if path == "/alive":
            return "alive\n"
        return self.answers.get(address, "acknowledged {}").format(path.rpartition("?")[2])

    def clock(self) -> float:
        return self.now


@pytest.fixture(name="world")
def fixture_world() -> World:
    return World()


def test_it_goes_where_the_writer_answers_and_asks_for_no_number_twice(world: World) -> None:
    client = Client(ADDRESSES, Tally(started_at=world.now), world.ask, world.clock)
    assert client.step()
    world.lives = {"a:1": False, "b:1": False}
    assert not client.step()
    world.lives["b:1"] = True
    assert client.step()
    assert client.step()
    assert client.tally.acknowledged == [1, 5, 6]
    assert client.tally.unanswered == [2, 3, 4]
    assert client.tally.by_address == {"alpha": 1, "bravo": 2}
    numbers = [path for _address, path in world.asked]
    assert len(numbers) == len(set(numbers))
    assert world.asked[-1][0] == "b:1", "it stays where it was answered"
    assert client.tally.longest_silence_seconds == 2.0


@pytest.mark.parametrize(
    ("said", "acknowledged", "unanswered", "odd"),
    [
        ("acknowledged {}", [1], [], 0),
        ("failed {}", [], [1, 2], 0),
        ("acknowledged 7{}", [], [1, 2], 1),
        ("<html>", [], [1, 2], 1),
        ("", [], [1, 2], 1),
    ],
)
def test_only_the_answer_to_the_question_counts(
    world: World, said: str, acknowledged: list[int], unanswered: list[int], odd: int
) -> None:
    world.answers["a:1"] = said
    client = Client(ADDRESSES, Tally(started_at=world.now), world.ask, world.clock)
    client.step()
    assert (client.tally.acknowledged, client.tally.unanswered) == (acknowledged, unanswered)
    assert len(client.tally.odd) == odd


def test_two_copies_at_once_are_seen(world: World) -> None:
    client = Client(ADDRESSES, Tally(started_at=world.now), world.ask, world.clock)
    client.step()
    client.look()
    assert client.tally.two_alive == []
    world.lives["b:1"] = True
    client.look()  # not again so soon
    world.now += clients.LOOK_EVERY_SECONDS
    client.look()
    assert len(client.tally.two_alive) == 1


def test_one_copy_that_has_just_moved_is_one(world: World) -> None:
    client = Client(ADDRESSES, Tally(started_at=world.now), world.ask, world.clock)
    client.step()
    world.lives = {"a:1": False, "b:1": True}
    world.now += clients.LOOK_EVERY_SECONDS
    client.look()
    assert client.tally.two_alive == []


def test_the_last_silence_counts_too() -> None:
    tally = Tally(started_at=100)
    tally.take(1, "alpha", "acknowledged", "", 103)
    assert (tally.longest_silence_seconds, tally.silence_began_at) == (3, 100)
    tally.hear(110)
    assert (tally.longest_silence_seconds, tally.silence_began_at) == (7, 103)


def test_what_is_known_is_gone_on_with(tmp_path: Path, world: World) -> None:
    output = tmp_path / "client.json"
    first = Client(ADDRESSES, clients.load(output), world.ask, world.clock)
    first.step()
    first.step()
    clients.save(first.tally, output)
    second = Client(ADDRESSES, clients.load(output), world.ask, world.clock)
    second.step()
    assert second.tally.acknowledged == [1, 2, 3]
    clients.save(second.tally, output)
    assert json.loads(output.read_text())["sent"] == 3
    assert clients.wait_for_more(output, 0, 0)
    assert not clients.wait_for_more(output, 1, 0)


def test_it_asks_over_http_until_it_is_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = tmp_path / "stop"
    said: list[str] = []

    def ask(address: str, path: str) -> str:
        said.append(path)
        if len(said) > 3:
            stop.touch()
        return f"acknowledged {path.rpartition('?')[2]}"

    words = ["client.py", "--address", "alpha=a:1", "--output", str(tmp_path / "client.json"), "--stop", str(stop)]
    monkeypatch.setattr("sys.argv", words)
    monkeypatch.setattr(clients, "ask_over_http", lambda _seconds: ask)
    monkeypatch.setattr(clients, "PAUSE_SECONDS", 0)
    assert clients.main() == 0
    known: dict[str, t.Any] = json.loads((tmp_path / "client.json").read_text())
    assert known["acknowledged"] == [1, 2, 3, 4]
