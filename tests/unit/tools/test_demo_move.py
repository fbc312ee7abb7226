# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo makes of a move, and the ledger it moves: its program is taken from the Compose file and run here."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import demo_move
import pytest
import yaml
from demo_display import DemoError
from demo_move import Way
from faults.client import Client, Tally, ask_over_http

LOG = """
TASK [anycloud.container_host.move : Report | Tell] ***
ok: [localhost] =>
    move_report:
        downtime_ms: '12345'
        id: ledger-20261129
        moved_bytes: '900'
        rounds: '2'
        rung: precopy
        volumes_equal: true
        wire_bytes: '2100'
"""
CLIENT: dict[str, t.Any] = {
    "acknowledged": [1, 2, 4], "unanswered": [3], "longest_silence_seconds": 7.26, "two_alive": [], "odd": []
}  # fmt: skip
AFTER = {"alpha": False, "beta": True}


@pytest.mark.parametrize(
    ("alive", "begun", "expected"),
    [
        ({"alpha": False, "beta": False}, None, Way("alpha", "beta")),
        ({"alpha": True, "beta": False}, None, Way("alpha", "beta")),
        ({"alpha": False, "beta": True}, None, Way("beta", "alpha")),
        # it stood still, or had just come up at the target, when the demo was interrupted
        ({"alpha": False, "beta": False}, {"source": "beta", "target": "alpha"}, Way("beta", "alpha", True)),
        ({"alpha": True, "beta": False}, {"source": "beta", "target": "alpha"}, Way("beta", "alpha", True)),
    ],
)
def test_from_where_to_where(alive: dict[str, bool], begun: t.Optional[dict[str, str]], expected: Way) -> None:
    assert demo_move.way(alive, begun) == expected


def test_two_copies_are_not_moved() -> None:
    with pytest.raises(DemoError, match="answers on alpha and on beta"):
        demo_move.way({"alpha": True, "beta": True}, None)


def test_the_report_is_read_from_what_the_move_said() -> None:
    told = demo_move.report_in(LOG)
    assert told == {
        "rung": "precopy", "downtime_ms": "12345", "wire_bytes": "2100", "moved_bytes": "900", "rounds": "2",
        "volumes_equal": "true",
    }  # fmt: skip
    as_json = '"move_report": {"downtime_ms": null, "volumes_equal": true, "wire_bytes": "5"}'
    assert demo_move.report_in(as_json) == {"wire_bytes": "5", "volumes_equal": "true"}
    assert demo_move.report_in("it lives on beta already") == {}


def test_a_move_that_lost_nothing() -> None:
    outcome = demo_move.judge(CLIENT, "1\n2\n3\n4\n", AFTER, LOG)
    assert outcome.problems == []
    hosts = {
        "alpha": {"provider": "north", "engine_provider": "podman"},
        "beta": {"provider": "south", "engine_provider": "docker"},
    }
    said = "\n".join(demo_move.lines(outcome, Way("alpha", "beta"), hosts))
    assert "from alpha (north, podman) to beta (south, docker)" in said
    assert "7.3 s, the longest the client was without an answer (stopped to healthy: 12.3 s)" in said
    assert "3 acknowledged, 0 lost, 0 doubled" in said
    assert "2100 on the wire, 900 had to move, in 2 rounds" in said
    assert "manifests  equal" in said


@pytest.mark.parametrize(
    ("client", "records", "alive", "log", "problem"),
    [
        ({}, "1\n4\n", AFTER, LOG, "1 acknowledged records are lost: [2]"),
        ({}, "1\n2\n2\n4\n", AFTER, LOG, "1 records are there twice: [2]"),
        ({}, "", AFTER, LOG, "3 acknowledged records are lost"),
        ({"two_alive": [5.0]}, "1\n2\n4\n", AFTER, LOG, "two copies answered"),
        ({"odd": ["4 at beta: 'acknowledged 3'"]}, "1\n2\n4\n", AFTER, LOG, "fit no question"),
        ({}, "1\n2\n4\n", {"alpha": True, "beta": True}, LOG, "alpha and beta answers"),
        ({}, "1\n2\n4\n", {"alpha": False, "beta": False}, LOG, "no host answers"),
        ({}, "1\n2\n4\n", AFTER, LOG.replace("equal: true", "equal: false"), "manifests were not found to be equal"),
        ({}, "1\n2\n4\n", AFTER, "", "manifests were not found to be equal"),
    ],
)
def test_a_move_that_is_not_as_it_should_be(
    client: dict[str, t.Any], records: str, alive: dict[str, bool], log: str, problem: str
) -> None:
    outcome = demo_move.judge({**CLIENT, **client}, records, alive, log)
    assert len(outcome.problems) == 1
    assert problem in outcome.problems[0]


def test_the_ledger_is_what_the_client_asks_for(tmp_path: Path) -> None:
    service = yaml.safe_load(demo_move.COMPOSE.read_text())["services"]["ledger"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, *service["entrypoint"][1:], *service["command"]]
    variables = {"PORT": str(port), "RECORDS": str(tmp_path / "records")}
    assert set(variables) == set(service["environment"])
    process = subprocess.Popen(argv, env=variables)
    try:
        ask = ask_over_http(5)
        client = Client({"here": f"127.0.0.1:{port}"}, Tally(), ask, time.time, "/append")
        deadline = time.monotonic() + 20
        while not client.step() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert client.step()
        assert client._lives("here")
        records = ask(f"127.0.0.1:{port}", "/records")
        assert [int(line) for line in records.split()] == client.tally.acknowledged
        assert len(client.tally.acknowledged) == 2
        assert client.tally.odd == []
        with pytest.raises(OSError, match="404"):
            ask(f"127.0.0.1:{port}", "/append?x")
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0, "it ends when it is told to"


HOSTS = {name: {"provision_forwarded_ports": {demo_move.PORT: port}} for name, port in (("alpha", 1), ("beta", 2))}


class Lab:
    """Where the ledger lives and what it has; playbooks do what they are for, and a client gets two records in."""

    def __init__(self, logs: Path) -> None:
        self.logs, self.lives, self.records = logs, "", ["7"]
        self.played: list[tuple[str, dict[str, t.Any]]] = []
        self.interrupted = False

    def playbook(self, log: str, path: str, *argv: str) -> str:
        values = json.loads(argv[-1])
        self.played.append((path, values))
        if self.interrupted:
            raise DemoError("interrupted")
        self.lives = values.get("to") or values["container_host_targets"]
        (self.logs / f"{log}.log").write_text(LOG)
        return "changed"

    def ask(self, address: str, path: str) -> str:
        if address != {"alpha": "127.0.0.1:1", "beta": "127.0.0.1:2"}.get(self.lives):
            raise OSError("refused")
        return "alive" if path == "/alive" else "\n".join(self.records) + "\n"

    def client(self, addresses: dict[str, str], folder: Path, append_path: str) -> Lab:
        assert append_path == "/append"
        assert list(addresses) == ["alpha", "beta"]
        known = json.loads((folder / "client.json").read_text())
        self.written = [known["sent"] + 1, known["sent"] + 2]
        (folder / "client.json").write_text(json.dumps({**known, "sent": self.written[-1]}))
        self.records += [str(number) for number in self.written]
        return self

    def wait_for_more(self, _count: int, _seconds: float) -> bool:
        return True

    def stop(self) -> None:
        pass

    def known(self) -> dict[str, t.Any]:
        return {**CLIENT, "acknowledged": self.written}


def ledger(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> demo_move.LedgerMove:
    monkeypatch.setattr(demo_move, "ClientProcess", lab.client)
    made = demo_move.LedgerMove(lab.logs, lab.playbook, ["-i", "inventory"])
    made.ask = lab.ask
    return made


def test_there_and_with_the_next_demo_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path)
    first = ledger(lab, monkeypatch)
    assert first.lines(HOSTS) == []
    first.deploy(HOSTS)
    assert lab.lives == "alpha"
    assert "nothing lost" in first.go()
    assert lab.written == [8, 9], "it goes on after what is there"
    assert (first.results()["source"], first.results()["target"], lab.lives) == ("alpha", "beta", "beta")
    second = ledger(lab, monkeypatch)
    assert second.deploy(HOSTS) == "it lives on beta already"
    second.go()
    assert lab.lives == "alpha"
    assert [path for path, _values in lab.played] == [
        "playbooks/deploy.yml",
        "playbooks/move.yml",
        "playbooks/move.yml",
    ]


def test_an_interrupted_move_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path)
    first = ledger(lab, monkeypatch)
    first.deploy(HOSTS)
    lab.interrupted = True
    with pytest.raises(DemoError, match="interrupted"):
        first.go()
    lab.interrupted, lab.lives = False, ""
    second = ledger(lab, monkeypatch)
    assert "no host just now" in second.deploy(HOSTS)
    second.go()
    assert (lab.played[-1][1]["from"], lab.played[-1][1]["to"], lab.lives) == ("alpha", "beta", "beta")
    assert not second.marker.exists()


def test_what_is_lost_ends_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path)
    move = ledger(lab, monkeypatch)
    move.deploy(HOSTS)
    monkeypatch.setattr(lab, "stop", lab.records.pop)
    with pytest.raises(DemoError, match=r"1 acknowledged records are lost: \[9\]"):
        move.go()
