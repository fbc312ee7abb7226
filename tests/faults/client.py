# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writer's client: asks for one record after the other, wherever the writer answers, and keeps what it was told.

Runs beside the move, on the control node, which the move does not touch. It is told all addresses the writer may have,
goes on to the next when one does not answer, and asks the others meanwhile whether a second copy lives there. No number
is asked for twice: what was not acknowledged may be there or not, what was acknowledged has to be.

    client.py --address alpha=127.0.0.1:42201 --address bravo=127.0.0.1:42203 --output client.json --stop stop
    client.py --output client.json --wait-for 3

An output that is there already is gone on with. It ends once the file --stop names exists.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import sys
import time
import typing as t
from dataclasses import asdict, dataclass, field
from pathlib import Path

# An emulated host has one processor, and the move needs it as well.
PAUSE_SECONDS = 0.5
LOOK_EVERY_SECONDS = 2.0
SAVE_EVERY_SECONDS = 1.0
WAIT_SECONDS = 300
APPEND = "/cgi-bin/append"
ACKNOWLEDGED, UNANSWERED, ODD = "acknowledged", "unanswered", "odd"
Ask = t.Callable[[str, str], str]
"""Address and path to the body of the answer. Raises OSError when there is none."""


@dataclass
class Tally:
    """What the client knows. times: seconds of the epoch. odd: answers that were not those to the question.

    two_alive: when two copies answered one after the other and back again.
    """

    sent: int = 0
    acknowledged: list[int] = field(default_factory=list)
    unanswered: list[int] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    by_address: dict[str, int] = field(default_factory=dict)
    two_alive: list[float] = field(default_factory=list)
    started_at: float = 0
    last_at: float = 0
    longest_silence_seconds: float = 0
    silence_began_at: float = 0

    def take(self, number: int, address: str, outcome: str, said: str, now: float) -> None:
        """Note how one question ended."""
        self.sent = max(self.sent, number)
        if outcome == ACKNOWLEDGED:
            self.acknowledged.append(number)
            self.by_address[address] = self.by_address.get(address, 0) + 1
            self.hear(now)
            self.last_at = now
        else:
            self.unanswered.append(number)
        if outcome == ODD:
            self.odd.append(f"{number} at {address}: {said[:200]!r}")

    def hear(self, now: float) -> None:
        """Measure the silence until now."""
        silence = now - (self.last_at or self.started_at or now)
        if silence > self.longest_silence_seconds:
            self.longest_silence_seconds, self.silence_began_at = silence, now - silence


def judge_answer(number: int, said: str) -> str:
    """What an answer is: acknowledged for exactly the number asked for, unanswered when the writer could not."""
    if said.strip() == f"acknowledged {number}":
        return ACKNOWLEDGED
    return UNANSWERED if said.strip() == f"failed {number}" else ODD


class Client:
    """Asks. addresses: name -> host:port, tried in this order at first. ask, clock: the world. append: the path."""

    def __init__(
        self, addresses: t.Mapping[str, str], tally: Tally, ask: Ask, clock: t.Callable[[], float], append: str = APPEND
    ) -> None:
        self.addresses, self.tally, self.ask, self.clock = dict(addresses), tally, ask, clock
        self.append = append
        self.present = next(iter(self.addresses))
        self.number = tally.sent
        self.looked_at = 0.0

    def step(self) -> bool:
        """Ask for one more record, where the last one was answered, then elsewhere. Whether one was acknowledged."""
        for name in [self.present, *(name for name in self.addresses if name != self.present)]:
            self.number += 1
            try:
                said = self.ask(self.addresses[name], f"{self.append}?{self.number}")
                outcome = judge_answer(self.number, said)
            except OSError as error:
                said, outcome = str(error), UNANSWERED
            self.tally.take(self.number, name, outcome, said, self.clock())
            if outcome == ACKNOWLEDGED:
                self.present = name
                return True
        return False

    def look(self) -> None:
        """Ask the other addresses whether a copy lives there too; it counts when this one still does afterwards."""
        now = self.clock()
        if now - self.looked_at < LOOK_EVERY_SECONDS:
            return
        self.looked_at = now
        for name in self.addresses:
            if name != self.present and self._lives(name) and self._lives(self.present):
                self.tally.two_alive.append(now)

    def _lives(self, name: str) -> bool:
        try:
            return self.ask(self.addresses[name], "/alive").strip() == "alive"
        except OSError:
            return False


def ask_over_http(timeout_seconds: float) -> Ask:
    """Ask over HTTP, a new connection each time, as clients of a moved address would."""

    def ask(address: str, path: str) -> str:
        connection = http.client.HTTPConnection(address, timeout=timeout_seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode("utf-8", "replace")
            if answer.status != 200:
                raise OSError(f"status {answer.status}")
            return body
        except http.client.HTTPException as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    return ask


def save(tally: Tally, output: Path) -> None:
    """Write what is known, whole or not at all."""
    new = output.with_suffix(".new")
    new.write_text(json.dumps(asdict(tally)) + "\n", encoding="utf-8")
    os.replace(new, output)


def load(output: Path) -> Tally:
    """What an earlier client knew; its silence until now is nobody's."""
    if not output.exists():
        return Tally(started_at=time.time())
    known = Tally(**json.loads(output.read_text(encoding="utf-8")))
    known.last_at = time.time()
    return known


def wait_for_more(output: Path, count: int, seconds: float) -> bool:
    """Whether so many more records are acknowledged in time, by a client that writes to this file."""

    def known() -> int:
        return len(json.loads(output.read_text(encoding="utf-8"))["acknowledged"]) if output.exists() else 0

    wanted, deadline = known() + count, time.monotonic() + seconds
    while known() < wanted:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def main() -> int:
    """Ask until told to stop, or wait for one that does."""
    parser = argparse.ArgumentParser(description="Write records over HTTP and keep what was acknowledged.")
    parser.add_argument("--address", action="append", default=[], metavar="NAME=HOST:PORT")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--stop", type=Path, help="end once this file exists")
    parser.add_argument("--wait-for", type=int, help="wait until another client has so many more answers, instead")
    parser.add_argument("--timeout-seconds", type=float, default=5)
    parser.add_argument("--append-path", default=APPEND, help="what is asked for to have a number written")
    arguments = parser.parse_args()
    if arguments.wait_for is not None:
        if wait_for_more(arguments.output, arguments.wait_for, WAIT_SECONDS):
            return 0
        print(f"no {arguments.wait_for} more answers within {WAIT_SECONDS} s", file=sys.stderr)
        return 1
    if not arguments.address or arguments.stop is None:
        parser.error("--address and --stop are needed to ask")
    arguments.output.with_suffix(".lock").touch()
    with arguments.output.with_suffix(".lock").open() as lock:
        # One that was told to end may still be at it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        arguments.stop.unlink(missing_ok=True)
        write_records(arguments)
    return 0


def write_records(arguments: argparse.Namespace) -> None:
    """Ask until the file that says so is there."""
    tally = load(arguments.output)
    addresses = dict(entry.split("=", 1) for entry in arguments.address)
    client = Client(addresses, tally, ask_over_http(arguments.timeout_seconds), time.time, arguments.append_path)
    saved_at = 0.0
    while not arguments.stop.exists():
        client.step()
        client.look()
        if time.time() - saved_at > SAVE_EVERY_SECONDS:
            save(tally, arguments.output)
            saved_at = time.time()
        time.sleep(PAUSE_SECONDS)
    tally.hear(time.time())
    save(tally, arguments.output)


if __name__ == "__main__":
    sys.exit(main())
