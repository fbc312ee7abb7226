# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner's hands on a host, in a directory instead of a host."""

from __future__ import annotations

import hashlib
import io
import json
import os
import typing as t
from pathlib import Path

import pytest
from faults import host, host_look


@pytest.fixture(name="moves")
def fixture_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "moves"
    folder.mkdir()
    monkeypatch.setattr(host_look, "MOVES", str(folder))
    return folder


def write_journal(moves: Path, name: str, project: str, *words: str) -> None:
    history = [{"at": 1, "what": word} for word in words]
    (moves / f"{name}.json").write_text(json.dumps({"id": name, "project": project, "history": history}))


def test_a_word_is_waited_for(moves: Path) -> None:
    write_journal(moves, "writer-1", "writer", "taken by node", "begins started")
    write_journal(moves, "shop-1", "shop", "frozen")
    assert host.wait("writer", "begins started", 0)["reached"] is True
    assert host.wait("writer", "taken by", 0)["reached"] is True
    assert host.wait("writer", "started", 0)["reached"] is False, "what was begun is not done"
    assert host.wait("writer", "frozen", 0)["reached"] is False, "another workload's"


def test_records_are_read(tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(b"x" * 100)
    (tmp_path / "ballast.sha256").write_text(hashlib.sha256(b"x" * 100).hexdigest() + "\n")
    (tmp_path / "records").write_text("[1]\n[2]\n[1[3]\n[4]\n")
    found = host_look.records(str(tmp_path))
    assert found == {"numbers": [1, 2, 3, 4], "torn": ["[1"], "ballast_whole": True}
    (tmp_path / "ballast").write_bytes(b"x" * 99 + b"y")
    assert host_look.records(str(tmp_path))["ballast_whole"] is False


def test_what_moves_leave_is_found(moves: Path) -> None:
    write_journal(moves, "writer-1", "writer")
    for name in ("writer-1.gate.lock", "writer.lock", ".writer-1.json.abc"):
        (moves / name).touch()
    (moves / "writer-1").mkdir()
    found = [path for path in host_look.left_behind() if path.startswith(str(moves))]
    assert found == [f"{moves}/.writer-1.json.abc", f"{moves}/writer-1"]


def test_one_bit_is_flipped_and_nothing_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ballast = tmp_path / "ballast"
    ballast.write_bytes(bytes(range(200)))
    monkeypatch.setattr(host, "mountpoint", lambda _volume: str(tmp_path))
    monkeypatch.setattr(host, "LOG", str(tmp_path / "log"))
    host.bit_flip("writer_records", 200, 0)
    assert ballast.read_bytes() == bytes(range(200)), "it has only just been written, and may be written still"
    os.utime(ballast, (1000, 1000))
    before = ballast.stat()
    host.bit_flip("writer_records", 200, 1)
    after = ballast.stat()
    content = ballast.read_bytes()
    assert [index for index in range(200) if content[index] != index] == [100]
    assert bin(content[100] ^ 100).count("1") == 1
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    host.bit_flip("writer_records", 201, 0)
    log = [json.loads(line)["what"] for line in (tmp_path / "log").read_text().splitlines()]
    assert log == ["not flipped", "flipped", "not flipped"]


class Engines:
    """Units with a main process each, by name; podman's is there from when it is asked something."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, log: Path, **units: int) -> None:
        self.units, self.killed, self.woken = units, [], 0  # type: ignore[var-annotated]
        monkeypatch.setattr(host, "LOG", str(log))
        monkeypatch.setattr(host, "PATIENCE_SECONDS", 0.2)
        monkeypatch.setattr(host, "run", self.show)
        monkeypatch.setattr(host, "wake_podman", self.wake)
        monkeypatch.setattr(host.os, "kill", self.kill)

    def show(self, *argv: str, check: bool = True) -> str:
        return f"{self.units.get(argv[-1].partition('.')[0], 0)}\n"

    def wake(self) -> None:
        self.woken += 1
        if "docker" not in self.units:
            self.units["podman"] = 77

    def kill(self, pid: int, number: int) -> None:
        assert number == 9
        if pid == 66:
            raise ProcessLookupError
        self.killed.append(pid)


@pytest.mark.parametrize(
    ("units", "killed", "noted", "woken"),
    [
        ({"docker": 11, "containerd": 12}, [11, 12], [("docker.service", False), ("containerd.service", False)], False),
        ({"podman": 22}, [22], [("podman.service", False)], False),
        ({}, [77], [("podman.service", True)], True),
        ({"docker": 66}, [], [], True),  # ends each time before it can be killed
    ],
)
def test_the_engine_is_killed_and_no_container(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    units: dict[str, int],
    killed: list[int],
    noted: list[t.Any],
    woken: bool,
) -> None:
    engines = Engines(monkeypatch, tmp_path / "log", **units)
    host.engine_kill(0)
    assert engines.killed == killed
    lines = (tmp_path / "log").read_text().splitlines() if noted else []
    assert [(entry["unit"], entry["idle"]) for entry in map(json.loads, lines)] == noted
    assert bool(engines.woken) is woken


def test_requests_are_answered_and_errors_told(moves: Path, monkeypatch: pytest.MonkeyPatch, capsys: t.Any) -> None:
    started: list[t.Any] = []
    monkeypatch.setitem(host.REQUESTS, "fault", lambda name, values: started.append((name, values)) or {})
    requests = [
        {"do": "wait", "project": "writer", "word": "frozen", "seconds": 0},
        {"do": "fault", "name": "control_cut", "values": {"seconds": 40}},
        {"do": "dance"},
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(request) + "\n" for request in requests)))
    host.serve("192.0.2.1")
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers[0] == {"reached": False}
    assert started == [("control_cut", {"seconds": 40, "address": "192.0.2.1"})]
    assert answers[2] == {"error": "KeyError: 'dance'"}


def test_a_cut_names_both_directions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: list[str] = []
    monkeypatch.setattr(host, "LOG", str(tmp_path / "log"))
    monkeypatch.setattr(host.subprocess, "run", lambda _argv, **more: given.append(more["input"]))
    monkeypatch.setattr(host, "undo_cut", lambda: None)
    host.control_cut("192.0.2.1", 0)
    host.peer_cut("192.0.2.2", 1000, 0)
    assert given[0].splitlines() == [
        "table inet container_host_fault {",
        " chain incoming { type filter hook input priority -300;",
        "  ip saddr 192.0.2.1 tcp dport 22 counter drop",
        " }",
        " chain outgoing { type filter hook output priority -300;",
        "  ip daddr 192.0.2.1 tcp sport 22 counter drop",
        " }",
        "}",
    ]
    assert "  ip daddr 192.0.2.2 tcp dport 22 quota over 1000 bytes counter drop" in given[1].splitlines()


def test_an_engine_that_is_still_to_be_killed_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(*argv: str, **_options: t.Any) -> str:
        asked.append(argv[-1])
        return "" if len(asked) > 2 else "container-host-fault-engine_kill-1.service loaded active running\n"

    monkeypatch.setattr(host, "run", run)
    host.let_end("engine_kill", 60)
    assert asked == ["container-host-fault-engine_kill-*"] * 3
    host.let_end("engine_kill", 0)
    assert len(asked) == 3
