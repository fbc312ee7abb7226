# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves a workload that is written to, disturbs the move in every phase, and judges what is left afterwards.

    python tests/faults/run.py --inventory ~/.cache/container-host/labs/molecule/inventory.yml \
        --cells volumes_precopied:control_killed,started:* --seeds 3

Each cell begins from a snapshot of hosts that are ready (made first unless --ready says that it is there): the writer
lives on the source. A client writes; playbooks/move.yml is started; the fault comes in the cell's phase; the same
playbook is run again until it has finished, and once more, which must change nothing. What was seen of each is in
tests/output/faults, one folder a cell and seed. Exits with 1 when any was not as it has to be.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
import traceback
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import yaml  # noqa: E402 - all of these are found beside this folder
from faults import matrix, report  # noqa: E402
from faults.hands import ClientProcess, HandsError, Host, Lab, Run, ansible, read_inventory  # noqa: E402
from faults.judge import Verdict, evidence, judge  # noqa: E402
from proof import git, write_proof  # noqa: E402

VARIABLES = yaml.safe_load((ROOT / "tests" / "faults" / "vars.yml").read_text(encoding="utf-8"))
PROOF = ROOT / "docs" / "proof" / "move_faults.json"
MIB = 1 << 20
MOST_DELAY_SECONDS = 3.0
READY_SECONDS, RUN_SECONDS, MOST_RUNS = 900, 3600, 5


@dataclass
class Bench:
    """What all cells share. sides: source and target."""

    inventory: Path
    sides: dict[str, Host]
    lab: Lab
    output: Path
    move: dict[str, t.Any] = field(default_factory=dict)

    def restore(self) -> None:
        """Both hosts as they were when they were ready."""
        for host in self.sides.values():
            host.close()
        self.lab.restore([host.name for host in self.sides.values()])
        for host in self.sides.values():
            host.wait_until_ready(READY_SECONDS)

    def start_run(self, name: str, folder: Path, node: str = "") -> Run:
        """Start playbooks/move.yml."""
        return Run(name, self.inventory, self.move, folder / f"{name.replace(' ', '-')}.log", node)


def say(text: str) -> None:
    """Tell what is being done, and when."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def play(bench: Bench, name: str, what: str) -> None:
    """Run one of this folder's playbooks. Raises HandsError."""
    say(what)
    names = {f"faults_{side}": host.name for side, host in bench.sides.items()}
    values = json.dumps({**names, "faults_lab": bench.lab.name})
    log = bench.output / f"{name}.log"
    ansible(log, "ansible-playbook", "-i", str(bench.inventory), f"tests/faults/{name}.yml", "-e", values)


class Trial:
    """One cell with one seed."""

    def __init__(self, bench: Bench, cell: matrix.Cell, seed: int) -> None:
        self.bench, self.cell, self.seed = bench, cell, seed
        self.folder = bench.output / f"{cell.phase}-{cell.fault.name}-{seed}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        sizes = {"images_seeded": VARIABLES["faults_image_mib"] * MIB, "final_delta": 8192,
                 "volumes_precopied": VARIABLES["faults_ballast_mib"] * MIB}  # fmt: skip
        self.chance = matrix.chance(cell, seed, MOST_DELAY_SECONDS, sizes)
        self.runs: list[dict[str, t.Any]] = []
        self.started: list[Run] = []
        self.log: list[dict[str, t.Any]] = []

    def run(self) -> dict[str, t.Any]:
        """Do it; the record of what was seen, with the verdict."""
        began = time.monotonic()
        seen: dict[str, t.Any] = {}
        try:
            verdict = self._try(seen)
        except HandsError as error:
            verdict = Verdict(problems=[f"could not be carried out: {error}"])
        except Exception:  # noqa: BLE001 - one cell that fails must not take the others with it
            verdict = Verdict(problems=[f"the runner failed: {traceback.format_exc()[-1200:]}"])
        finally:
            for run in self.started:
                run.kill()
        record = {
            "cell": self.cell.name,
            "seed": self.seed,
            "chance": vars(self.chance),
            "verdict": verdict.as_dict(),
            "runs": self.runs,
            "fault_log": self.log,
            "seconds": round(time.monotonic() - began, 1),
            "commit": git("rev-parse", "--short", "HEAD"),
            "seen": seen,
        }
        (self.folder / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return record

    def _try(self, seen: dict[str, t.Any]) -> Verdict:
        bench = self.bench
        self.say("back to the snapshot")
        bench.restore()
        addresses = {side: host.workload_address for side, host in bench.sides.items()}
        client = ClientProcess(addresses, self.folder)
        try:
            if not client.wait_for_more(3, 300):
                raise HandsError(f"the writer does not answer on the source ({addresses['source']}) before the move")
            self.say("move")
            first = self._start("run 1")
            reached, alive, second = self._disturb(first)
            self.runs.append(first.finish(RUN_SECONDS))
            self._tell_run()
            if second is not None:
                self.runs.append({**second.finish(RUN_SECONDS), "counts": self.runs[0]["rc"] != 0})
                self.log = [{"what": "second run", "action": self.runs[-1]["action"]}]
                self._tell_run()
            self._recover()
            again = client.wait_for_more(3, 180)
        finally:
            client.stop()
        seen["client"] = {**client.known(), "answers_at_the_end": again}
        seen["hosts"] = {
            side: host.ask("observe", 300, project=VARIABLES["faults_project"], volume=VARIABLES["faults_volume"])
            for side, host in bench.sides.items()
        }
        seen["injected"] = evidence(self.cell.fault.act, reached, alive, self.log)
        return judge(seen["client"], seen["hosts"], self.runs, seen["injected"])

    def _start(self, name: str, node: str = "") -> Run:
        run = self.bench.start_run(name, self.folder, node)
        self.started.append(run)
        return run

    def _disturb(self, first: Run) -> tuple[bool, bool, t.Optional[Run]]:
        """Wait for the phase, then cause the fault: whether the phase was seen, whether the run was alive then, and the
        run of the second control node.
        """
        side, word = self.cell.trigger
        watched, reached, deadline = self.bench.sides[side], False, time.monotonic() + RUN_SECONDS
        while not reached and time.monotonic() < deadline:
            alive = first.alive
            answer = watched.ask("wait", project=VARIABLES["faults_project"], word=word, seconds=2)
            reached = bool(answer["reached"])
            if not alive:
                break
        time.sleep(self.chance.delay_seconds)
        alive = first.alive
        if not reached or not alive:
            return reached, alive, None
        self.say(f"{self.cell.phase} is under way ({word!r} on the {side}): {self.cell.fault.title}")
        return reached, alive, self._cause(first)

    def _cause(self, first: Run) -> t.Optional[Run]:
        fault = self.cell.fault
        if fault.act == "kill_control":
            first.kill()
        elif fault.act == "second_control":
            return self._start("run of a second control node", "second-control")
        elif fault.act == "power_cut":
            self.bench.sides[fault.host].close()
            self.bench.lab.cut_power(self.bench.sides[fault.host].name)
        else:
            self.bench.sides[fault.host].ask("fault", name=fault.act, values=self._values())
        return None

    def _values(self) -> dict[str, t.Any]:
        """What the fault on the host needs to know."""
        target = self.bench.sides["target"].peer_address
        known: dict[str, dict[str, t.Any]] = {
            "control_cut": {"seconds": self.chance.cut_seconds},
            "peer_cut": {
                "peer": target,
                "after_bytes": self.chance.cut_after_bytes,
                "seconds": self.chance.cut_seconds,
            },
            "bad_link": {"peer": target, "seconds": RUN_SECONDS},
            "engine_kill": {"seconds": 60},
            "bit_flip": {
                "volume": VARIABLES["faults_volume"],
                "size": VARIABLES["faults_ballast_mib"] * MIB,
                "seconds": 900,
            },
        }
        return known.get(self.cell.fault.act, {})

    def _recover(self) -> None:
        """Run the move again until it has finished, and once more."""
        fault = self.cell.fault
        if fault.given_back == matrix.AFTER_NEXT_RUN:
            # Nothing is demanded of a run that can't reach a host, but to do no harm.
            self._run_again(counts=False)
        self._give_back()
        while not any(run["rc"] == 0 and run.get("counts", True) for run in self.runs) and len(self.runs) < MOST_RUNS:
            self._run_again()
        done = [run for run in self.runs if run["rc"] == 0 and run.get("counts", True)]
        # Another run after one that has rolled back would begin a move of its own.
        if done and done[-1]["action"] in ("begin", "resume", "there"):
            self._run_again()

    def _run_again(self, counts: bool = True) -> None:
        run = self._start(f"run {len(self.runs) + 1}")
        self.runs.append({**run.finish(RUN_SECONDS), "counts": counts})
        self._tell_run()

    def _give_back(self) -> None:
        fault = self.cell.fault
        if fault.act == "power_cut":
            self.say("power on")
            self.bench.lab.power_on()
            self.bench.sides[fault.host].wait_until_ready(READY_SECONDS)
        elif fault.host != matrix.CONTROL:
            host = self.bench.sides[fault.host]
            host.close()
            # A cut that outlasts the run is over by itself at last.
            host.wait_until_ready(READY_SECONDS)
            self.log = host.ask("heal")["log"]

    def _tell_run(self) -> None:
        run = self.runs[-1]
        words = f"; {': '.join(run['last_words'].splitlines()[:2])}" if run["last_words"] else ""
        self.say(f"{run['name']}: {run['action']} ended with {run['rc']} after {run['seconds']:.0f} s{words}")

    def say(self, text: str) -> None:
        """Tell what this trial does."""
        say(f"{self.cell.name} seed {self.seed}: {text}")


def write(records: t.Sequence[t.Mapping[str, t.Any]], arguments: argparse.Namespace, seconds: float) -> None:
    """Record what was shown, beside what earlier runs have shown of other cells."""
    earlier = json.loads(PROOF.read_text(encoding="utf-8"))["results"]["cells"] if PROOF.exists() else {}
    cells = report.add_up(records, earlier)
    write_proof(
        name=PROOF.stem,
        claim="A move that is disturbed in any phase ends with one live copy that has every acknowledged record once",
        where="real VM",
        command=f"python tests/faults/run.py --inventory INVENTORY --cells {arguments.cells} --seeds {arguments.seeds}",
        seconds=seconds,
        passed=sum(record["verdict"]["ok"] for record in records),
        failed=sum(not record["verdict"]["ok"] for record in records),
        results={"cells": cells},
    )


def read_arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Disturb moves of a workload on real hosts, and judge what is left.")
    parser.add_argument("--inventory", type=Path, required=True)
    parser.add_argument("--source", default="debian13")
    parser.add_argument("--target", default="debian12")
    parser.add_argument("--cells", default="essential", help="phase:fault,... or essential or all; * for any")
    parser.add_argument("--seeds", type=int, default=1, help="how often each cell is run")
    parser.add_argument("--seed", type=int, help="one seed instead, to see a failure again")
    parser.add_argument("--lab", type=Path, default=ROOT / "molecule" / "default" / "vars" / "lab.yml")
    parser.add_argument("--accelerator", choices=["tcg", "kvm"], default="tcg", help="what runs the lab's hosts")
    parser.add_argument("--ready", action="store_true", help="the snapshot of hosts that are ready is there already")
    parser.add_argument("--output", type=Path, default=ROOT / "tests" / "output" / "faults")
    parser.add_argument("--proof", action="store_true", help="record the result in docs/proof/move_faults.json")
    parser.add_argument("--list", action="store_true", help="list the cells and end")
    arguments = parser.parse_args()
    try:
        arguments.parsed = matrix.parse(arguments.cells)
    except matrix.MatrixError as error:
        parser.error(str(error))
    return arguments


def make_bench(arguments: argparse.Namespace, output: Path) -> Bench:
    """The hosts and their lab. Raises HandsError when the inventory lacks one."""
    inventory = arguments.inventory.expanduser().resolve()
    hosts = read_inventory(inventory)
    sides = {"source": arguments.source, "target": arguments.target}
    missing = sorted(name for name in sides.values() if name not in hosts)
    if missing:
        raise HandsError(f"{inventory}: has no {' and no '.join(missing)}; it has {', '.join(sorted(hosts))}")
    lab = Lab(arguments.lab.resolve(), VARIABLES["faults_snapshot"], arguments.accelerator, output)
    bench = Bench(inventory, {side: Host(name, hosts[name]) for side, name in sides.items()}, lab, output)
    bench.move = {
        **VARIABLES["faults_move"],
        "workload": VARIABLES["faults_project"],
        "from": arguments.source,
        "to": arguments.target,
        # How the hosts find each other, which may not be how Ansible finds them.
        "move_target_address": bench.sides["target"].peer_address,
        "move_target_port": 22,
    }
    return bench


def run_cells(arguments: argparse.Namespace, bench: Bench) -> list[dict[str, t.Any]]:
    """The records of all cells the command line names. Raises HandsError when the hosts can't be prepared."""
    if not arguments.ready:
        play(bench, "prepare", "bring the hosts to where a move can begin")
    chosen = matrix.cells_with_seeds(arguments.parsed, arguments.seeds)
    if arguments.seed is not None:
        chosen = [(cell, arguments.seed) for cell in arguments.parsed]
    records = []
    for cell, seed in chosen:
        records.append(Trial(bench, cell, seed).run())
        print(report.line(records[-1]), flush=True)
    try:
        play(bench, "go_back", "leave the hosts as they were found")
    except HandsError as error:
        print(error, file=sys.stderr)
    return records


def main() -> int:
    """Run the cells the command line names."""
    arguments = read_arguments()
    if arguments.list:
        print("\n".join(cell.name for cell in arguments.parsed))
        return 0
    output = arguments.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        records = run_cells(arguments, make_bench(arguments, output))
    except HandsError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"\n{report.text_table(report.add_up(records))}\n")
    failed = [f"{record['cell']} seed {record['seed']}" for record in records if not record["verdict"]["ok"]]
    print(f"{len(records) - len(failed)} passed, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}")
    if failed:
        print(f"What was seen of each: {output}/<phase>-<fault>-<seed>/record.json and the logs beside it")
    if arguments.proof:
        write(records, arguments, time.monotonic() - started)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
