# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's last part: a workload that is written to goes from one provider's machine to the other's.

It is the ledger (examples/workloads/ledger), whose image both hosts have by then. A client beside the move asks for one
number after the other, wherever the ledger answers, and keeps what was acknowledged; afterwards all of it has to be
there, once. Run again, the ledger goes the other way; a move that was interrupted is gone on with.
"""

from __future__ import annotations

import json
import re
import sys
import time
import typing as t
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from demo_display import DemoError  # noqa: E402
from faults.client import Tally, ask_over_http, save  # noqa: E402 - found beside the tests
from faults.hands import ClientProcess  # noqa: E402

LEDGER, PORT = "ledger", "8081"
COMPOSE = ROOT / "examples" / "workloads" / LEDGER / "compose.yml"
# Before the move and after it: so many answers show that the client is served.
ANSWERS, PATIENCE_SECONDS = 3, 300
REPORTED = ("rung", "downtime_ms", "wire_bytes", "moved_bytes", "rounds", "volumes_equal")
Json = dict[str, t.Any]


@dataclass(frozen=True)
class Way:
    """From where to where the ledger goes. begun: by a run of the demo that did not see the end of it."""

    source: str
    target: str
    begun: bool = False


def way(alive: t.Mapping[str, bool], begun: t.Optional[t.Mapping[str, str]]) -> Way:
    """The way to go. alive: host -> whether the ledger answers there. begun: source and target of an interrupted move.

    Raises DemoError when it lives twice.
    """
    living = [name for name, lives in alive.items() if lives]
    if len(living) > 1:
        raise DemoError(f"the ledger answers on {' and on '.join(living)}, where one copy shall live")
    if begun is not None:
        return Way(begun["source"], begun["target"], begun=True)
    source = living[0] if living else next(iter(alive))
    return Way(source, next(name for name in alive if name != source))


def report_in(log: str) -> dict[str, str]:
    """The values of ``move_report`` that a run of the move has told, as text; those it did not tell are absent."""
    told = log.rpartition("move_report")[2] if "move_report" in log else ""
    found = {name: re.search(rf"\b{name}['\"]?: ['\"]?([\w.]+)", told) for name in REPORTED}
    return {name: match[1] for name, match in found.items() if match and match[1] not in ("null", "None")}


@dataclass
class Outcome:
    """What was seen. problems: what is wrong, a sentence each; none when all is well."""

    acknowledged: int
    unanswered: int
    silence_seconds: float
    lost: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    report: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def judge(client: t.Mapping[str, t.Any], records: str, alive: t.Mapping[str, bool], log: str) -> Outcome:
    """What is to be said of the move.

    client: what the client wrote down. records: the ledger's, a number a line. alive: host -> whether it answers, after
    the move. log: what the move said.
    """
    numbers = [int(line) for line in records.split()]
    outcome = Outcome(
        len(client["acknowledged"]), len(client["unanswered"]), round(client["longest_silence_seconds"], 1),
        lost=sorted(set(client["acknowledged"]) - set(numbers)),
        doubled=sorted(number for number, times in Counter(numbers).items() if times > 1),
        report=report_in(log),
    )  # fmt: skip
    living = [name for name, lives in alive.items() if lives]
    checks = (
        (len(living) == 1, f"one copy shall live, and {' and '.join(living) or 'no host'} answers"),
        (not client["two_alive"], "two copies answered at the same time"),
        (not client["odd"], f"answers that fit no question: {client['odd'][:3]}"),
        (not outcome.lost, f"{len(outcome.lost)} acknowledged records are lost: {outcome.lost[:10]}"),
        (not outcome.doubled, f"{len(outcome.doubled)} records are there twice: {outcome.doubled[:10]}"),
        (outcome.report.get("volumes_equal", "").lower() == "true", "the manifests were not found to be equal"),
    )
    outcome.problems = [sentence for fine, sentence in checks if not fine]
    return outcome


def lines(outcome: Outcome, went: Way, hosts: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
    """The outcome as lines of text."""
    ends = [(name, hosts[name]) for name in (went.source, went.target)]
    places = [f"{name} ({host['provider']}, {host['engine_provider']})" for name, host in ends]
    told = {name: outcome.report.get(name, "not known") for name in REPORTED}
    stood = f"{float(told['downtime_ms']) / 1000:.1f} s" if told["downtime_ms"].isdigit() else "not known"
    silence, equal = outcome.silence_seconds, told["volumes_equal"].lower() == "true"
    records = f"{outcome.acknowledged} acknowledged, {len(outcome.lost)} lost, {len(outcome.doubled)} doubled"
    sent = f"{told['wire_bytes']} on the wire, {told['moved_bytes']} had to move, in {told['rounds']} rounds"
    return [
        f"The ledger went from {places[0]} to {places[1]} while a client wrote.",
        f"silence    {silence} s, the longest the client was without an answer (stopped to healthy: {stood})",
        f"records    {records}",
        f"bytes      {sent}; the image was there",
        f"manifests  {'equal' if equal else told['volumes_equal']}",
    ]


class LedgerMove:
    """Deploys the ledger, moves it, and says what became of it.

    logs: a folder. playbook: runs one: name of its log, arguments. on_hosts: the arguments that name the hosts.
    """

    def __init__(self, logs: Path, playbook: t.Callable[..., str], on_hosts: t.Sequence[str]) -> None:
        self.logs, self.playbook, self.on_hosts = logs, playbook, on_hosts
        self.marker, self.client_file = logs / "move.json", logs / "client.json"
        self.addresses: dict[str, str] = {}
        self.went: t.Optional[Way] = None
        self.outcome: t.Optional[Outcome] = None
        self.ask = ask_over_http(10)

    def _alive(self) -> dict[str, bool]:
        return {name: self._text(name, "/alive") == "alive" for name in self.addresses}

    def _text(self, name: str, path: str) -> str:
        """What the ledger on a host says; empty when it does not answer."""
        try:
            return self.ask(self.addresses[name], path)
        except OSError:
            return ""

    def deploy(self, hosts: t.Mapping[str, t.Mapping[str, t.Any]]) -> str:
        """Find the ledger, or deploy it on the first host."""
        self.addresses = {name: f"127.0.0.1:{host['provision_forwarded_ports'][PORT]}" for name, host in hosts.items()}
        begun = json.loads(self.marker.read_text()) if self.marker.exists() else None
        alive = self._alive()
        self.went = way(alive, begun)
        if self.went.begun or any(alive.values()):
            return f"it lives on {' or '.join(name for name in alive if alive[name]) or 'no host just now'} already"
        values = {
            "container_host_targets": self.went.source,
            "workload_project_name": LEDGER,
            "workload_compose_file": str(COMPOSE),
        }
        return self.playbook("8-ledger", "playbooks/deploy.yml", *self.on_hosts, "-e", json.dumps(values))

    def go(self) -> str:
        """Move it while a client writes. Raises DemoError when anything was lost, or is not known."""
        if self.went is None:
            raise TypeError("deploy comes first")
        names = {"source": self.went.source, "target": self.went.target}
        if not self.went.begun:
            # Numbers go on after those that are there from an earlier demo.
            known = [int(line) for line in self._text(self.went.source, "/records").split()]
            save(Tally(sent=max(known, default=0), started_at=time.time()), self.client_file)
        self.marker.write_text(json.dumps(names))
        client = ClientProcess(self.addresses, self.logs, append_path="/append")
        try:
            if not self.went.begun and not client.wait_for_more(ANSWERS, PATIENCE_SECONDS):
                raise DemoError(f"the ledger on {self.went.source} does not answer")
            values = {"workload": LEDGER, "from": self.went.source, "to": self.went.target}
            self.playbook("9-move", "playbooks/move.yml", *self.on_hosts, "-e", json.dumps(values))
            if not client.wait_for_more(ANSWERS, PATIENCE_SECONDS):
                raise DemoError(f"the ledger on {self.went.target} does not answer after the move")
        finally:
            client.stop()
        log = (self.logs / "9-move.log").read_text()
        records = self._text(self.went.target, "/records")
        self.outcome = judge(client.known(), records, self._alive(), log)
        if self.outcome.problems:
            raise DemoError(f"The move: {'; '.join(self.outcome.problems)}. What was seen: {self.logs}")
        self.marker.unlink()
        return f"{self.outcome.silence_seconds} s of silence, nothing lost"

    def lines(self, hosts: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
        """What became of it, as text."""
        return lines(self.outcome, self.went, hosts) if self.outcome and self.went else []

    def results(self) -> Json:
        """What became of it, for the record."""
        return {**asdict(self.went), **asdict(self.outcome)} if self.outcome and self.went else {}
