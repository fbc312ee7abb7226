# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cell of the fault matrix with one seed: from the snapshot to the verdict."""

from __future__ import annotations

import json
import shutil
import time
import traceback
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from faults import matrix
from faults.hands import ClientProcess, Lab, Run
from faults.judge import Verdict, evidence, judge
from faults.remote import HandsError, Host
from proof import git

VARIABLES = yaml.safe_load((Path(__file__).resolve().parent / "vars.yml").read_text(encoding="utf-8"))
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
            "engine_kill": {"seconds": 20},
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
            self.log = host.ask("heal", 180)["log"]

    def _tell_run(self) -> None:
        run = self.runs[-1]
        words = f"; {': '.join(run['last_words'].splitlines()[:2])}" if run["last_words"] else ""
        self.say(f"{run['name']}: {run['action']} ended with {run['rc']} after {run['seconds']:.0f} s{words}")

    def say(self, text: str) -> None:
        """Tell what this trial does."""
        say(f"{self.cell.name} seed {self.seed}: {text}")
