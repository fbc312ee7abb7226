# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves between the hosts of an inventory, for benchmarks: the workload, the ways it may go, the client beside them.

The workload is the one moves are tried with (tests/faults/writer): it acknowledges a number once that is on the disk.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shlex
import signal
import sys
import time
import typing as t
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.shaping import add_options, shape_of

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from faults.hands import ClientProcess, ansible, read_inventory  # noqa: E402 - found beside the tests
from faults.remote import HandsError, Host  # noqa: E402
from faults.trial import VARIABLES  # noqa: E402

__all__ = [
    "MOVE",
    "HandsError",
    "Hosts",
    "MeasuredError",
    "Taken",
    "arguments",
    "definition",
    "end_in_order",
    "judge",
    "parts_in",
]

ANSWERS, PATIENCE_SECONDS = 3, 1800
PARTS = ("stop", "copy", "manifests", "compare", "start")
PLAYBOOKS = ROOT / "bench" / "playbooks"
# What the move has to be told of the two engines; no rate is held back here, and no patience lost with emulated hosts.
MOVE = {name: value for name, value in VARIABLES["faults_move"].items() if "bandwidth" not in name}
MOVE["move_timeout_seconds"] = PATIENCE_SECONDS


class MeasuredError(Exception):
    """What was measured is something else than what was meant."""


@dataclass(frozen=True)
class Taken:
    """What one arm took. silence_seconds: the longest the client was without an answer. seconds: the whole way.

    parts: what the move says of its own time, by name, in seconds; nothing of the plain way.
    """

    silence_seconds: float
    seconds: float
    acknowledged: int
    parts: t.Mapping[str, float] = field(default_factory=dict)


def judge(client: t.Mapping[str, t.Any], records: str, seconds: float) -> Taken:
    """What a client's notes and the records say. Raises MeasuredError for a way on which something was lost or doubled.

    records: those of the writer, each a number in brackets, a line each.
    """
    numbers = [int(line.strip("[]")) for line in records.split()]
    lost = sorted(set(client["acknowledged"]) - set(numbers))
    doubled = sorted(number for number, times in Counter(numbers).items() if times > 1)
    wrong = [f"{len(lost)} lost: {lost[:10]}"] if lost else []
    wrong += [f"{len(doubled)} doubled: {doubled[:10]}"] if doubled else []
    wrong += [] if client["acknowledged"] else ["nothing was acknowledged"]
    wrong += [] if client["by_address"].get("target") else ["nothing was acknowledged at the target"]
    wrong += ["two copies answered"] if client["two_alive"] else []
    if wrong:
        raise MeasuredError("; ".join(wrong))
    return Taken(round(client["longest_silence_seconds"], 2), round(seconds, 1), len(client["acknowledged"]))


def parts_in(log: str) -> dict[str, float]:
    """How long each part of a move took, by its report in the log of its run; nothing when it tells none."""
    told = log.rpartition("move_report")[2] if "move_report" in log else ""
    found = {name: re.search(rf"\b{name}['\"]?: ['\"]?([0-9.]+)", told) for name in (*PARTS, "stood_still_ms")}
    parts = {name: float(match[1]) for name, match in found.items() if match}
    if "stood_still_ms" in parts:
        parts["stood_still"] = parts.pop("stood_still_ms") / 1000
    return parts


def definition(port: int, image: str = VARIABLES["faults_image"]) -> dict[str, t.Any]:
    """A writer that answers at this port of its host, 0 for at none."""
    writer = {**VARIABLES["faults_definition"]["services"]["writer"], "image": image}
    writer["environment"] = {"BALLAST_MIB": "1"}
    writer["ports"] = [f"{port}:8080"] if port else []
    return {"services": {"writer": writer}, "volumes": {"records": {}}}


class Hosts:
    """The two hosts. sides: source and target by name."""

    def __init__(self, inventory: Path, source: str, target: str, output: Path) -> None:
        # Ansible runs in another directory.
        self.inventory, self.output = inventory.expanduser().resolve(), output.resolve()
        self.output.mkdir(parents=True, exist_ok=True)
        known = read_inventory(self.inventory)
        missing = sorted({source, target} - set(known))
        if missing:
            raise HandsError(f"{inventory}: has no {' and no '.join(missing)}; it has {', '.join(sorted(known))}")
        self.sides = {"source": source, "target": target}
        self.known = {name: Host(name, known[name]) for name in (source, target)}

    def play(self, playbook: str, log: str, **values: t.Any) -> float:
        """Run a playbook of the collection or of bench/; returns how long it took. Raises HandsError."""
        path = PLAYBOOKS / f"{playbook}.yml"
        path = path if path.exists() else ROOT / "playbooks" / f"{playbook}.yml"
        names = {f"bench_{side}": name for side, name in self.sides.items()}
        started = time.monotonic()
        argv = ["ansible-playbook", "-i", str(self.inventory), str(path), "-e", json.dumps({**names, **values})]
        ansible(self.output / f"{log}.log", *argv)
        return time.monotonic() - started

    def carry(self, arm: str, size_mib: int) -> Taken:
        """Deploy the writer, have it go over on one of two ways, ``move`` or ``plain``, and remove it again.

        Each time it has another name, so that nothing is there of an earlier one. Raises HandsError or MeasuredError,
        when it is removed as well.
        """
        project = log = f"bench-{arm}-{int(time.time())}"
        common = {"bench_project": project, "bench_way": arm, "bench_definition": definition(8080)}
        folder = self.output / log
        folder.mkdir()
        records = folder / "records"
        addresses = {side: self.known[name].workload_address for side, name in self.sides.items()}
        with self.swept(log, [project]):
            self.play("move_prepare", f"{log}-prepare", **common, bench_size_mib=size_mib)
            client = ClientProcess(addresses, folder)
            try:
                self._see_answers(client, "before")
                seconds = self._go_over(arm, log, common)
                self._see_answers(client, "after")
            finally:
                client.stop()
            self.play("move_finish", f"{log}-finish", **common, bench_records=str(records))
        taken = judge(client.known(), records.read_text(), seconds)
        # Should a later one fail, this is not lost.
        print(f"  {arm}: silence {taken.silence_seconds:.1f} s, the whole way {taken.seconds:.1f} s", flush=True)
        return replace(taken, parts=parts_in((self.output / f"{log}.log").read_text()))

    @contextlib.contextmanager
    def swept(self, log: str, projects: t.Sequence[str]) -> t.Iterator[None]:
        """Have nothing left on the hosts of these writers when what is done with them does not come to its end."""
        try:
            yield
        except BaseException:
            try:
                values = {"bench_projects": list(projects), "bench_definition": definition(0)}
                self.play("move_sweep", f"{log}-sweep", **values)
            except HandsError as error:
                # What went wrong before tells more.
                print(f"Not all could be removed from the hosts: {error}", file=sys.stderr)
            raise

    def _go_over(self, arm: str, log: str, common: t.Mapping[str, t.Any]) -> float:
        if arm == "move":
            names = {"from": self.sides["source"], "to": self.sides["target"], "workload": common["bench_project"]}
            return self.play("move", log, **MOVE, **names, move_keep_source_seconds=0)
        return self.play("move_plain", log, **common, bench_ssh=shlex.join(self._ssh()), bench_address=self._address())

    @staticmethod
    def _see_answers(client: ClientProcess, when: str) -> None:
        if not client.wait_for_more(ANSWERS, PATIENCE_SECONDS):
            raise MeasuredError(f"the writer does not answer {when} it went over")

    def _ssh(self) -> list[str]:
        """How the source reaches the target in the plain way, with a key of its own, without the address."""
        options = ["BatchMode=yes", "StrictHostKeyChecking=accept-new"]
        options.append("UserKnownHostsFile=/root/.ssh/bench_known_hosts")
        return ["ssh", "-i", "/root/.ssh/bench", *(word for option in options for word in ("-o", option))]

    def _address(self) -> str:
        target = self.known[self.sides["target"]]
        return f"{target.variables.get('ansible_user', 'root')}@{target.peer_address}"


def end_in_order() -> None:
    """Have SIGTERM end this program as an error would, so that client, writers and link are seen to."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def arguments(description: str, link: str = "", **numbers: int) -> argparse.Namespace:
    """What the command line of such a benchmark says. numbers: more options that take a number, with their defaults.

    link: what ``--shaped`` does, for a benchmark that has it; ``shape`` is then the link asked for, None for none.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--inventory", type=Path, required=True, help="two hosts with an engine, nothing on port 8080")
    parser.add_argument("--source", default="debian13", help="default: debian13")
    parser.add_argument("--target", default="debian12", help="default: debian12")
    parser.add_argument("--output", type=Path, default=ROOT / "tests" / "output" / "bench-move", help="for logs")
    parser.add_argument("--proof", action="store_true", help="record the result in docs/proof")
    for name, default in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help=f"default: {default}")
    if link:
        add_options(parser, link)
    options = parser.parse_args()
    words = [f"--{name.replace('_', '-')}" for name in numbers if getattr(options, name) < 1]
    if words:
        parser.error(f"{' and '.join(words)} must be 1 or more")
    if link:
        options.shape = shape_of(parser, options)
    return options
