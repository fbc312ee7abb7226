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
import signal
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from faults import matrix, report  # noqa: E402 - all of these are found beside this folder
from faults.hands import Lab, ansible, read_inventory  # noqa: E402
from faults.remote import HandsError, Host  # noqa: E402
from faults.trial import VARIABLES, Bench, Trial, say  # noqa: E402
from proof import write_proof  # noqa: E402

PROOF = ROOT / "docs" / "proof" / "move_faults.json"


def play(bench: Bench, name: str, what: str) -> None:
    """Run one of this folder's playbooks. Raises HandsError."""
    say(what)
    names = {f"faults_{side}": host.name for side, host in bench.sides.items()}
    values = json.dumps({**names, "faults_lab": bench.lab.name})
    log = bench.output / f"{name}.log"
    ansible(log, "ansible-playbook", "-i", str(bench.inventory), f"tests/faults/{name}.yml", "-e", values)


def read_earlier() -> dict[str, t.Any]:
    """The results by cell that are recorded already."""
    if not PROOF.exists():
        return {}
    cells: dict[str, t.Any] = json.loads(PROOF.read_text(encoding="utf-8"))["results"]["cells"]
    return cells


def write(records: t.Sequence[t.Mapping[str, t.Any]], earlier: t.Mapping[str, t.Any], cells: str, seeds: int) -> None:
    """Record what was shown, beside what earlier runs have shown of other cells."""
    write_proof(
        name=PROOF.stem,
        claim="A move that is disturbed, as docs/move.md lists, ends with one live copy that has every acknowledged record once",
        where="real VM",
        command=f"python tests/faults/run.py --inventory INVENTORY --cells {cells} --seeds {seeds}",
        seconds=sum(record["seconds"] for record in records),
        passed=sum(record["verdict"]["ok"] for record in records),
        failed=sum(not record["verdict"]["ok"] for record in records),
        results={"cells": report.add_up(records, earlier)},
    )


def gather(output: Path) -> list[dict[str, t.Any]]:
    """The records that earlier runs have left, also those that were ended before their time."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(output.glob("*/record.json"))]


def read_arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Disturb moves of a workload on real hosts, and judge what is left.")
    parser.add_argument("--inventory", type=Path, help="the hosts; needed to run anything")
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
    parser.add_argument("--gather", action="store_true", help="run nothing; take what earlier runs left in --output")
    parser.add_argument("--list", action="store_true", help="list the cells and end")
    arguments = parser.parse_args()
    if arguments.inventory is None and not (arguments.gather or arguments.list):
        parser.error("--inventory is needed to run anything")
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
    records: list[dict[str, t.Any]] = []
    earlier = read_earlier()
    for cell, seed in chosen:
        records.append(Trial(bench, cell, seed).run())
        print(report.line(records[-1]), flush=True)
        # Each counts from here on, whatever becomes of the rest.
        if arguments.proof:
            write(records, earlier, arguments.cells, arguments.seeds)
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
    # Runs and clients have sessions of their own, and are ended on the way out.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    output = arguments.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    if arguments.gather:
        records = gather(output)
        if arguments.proof and records:
            write(records, read_earlier(), arguments.cells, arguments.seeds)
    else:
        try:
            records = run_cells(arguments, make_bench(arguments, output))
        except HandsError as error:
            print(error, file=sys.stderr)
            return 2
    return tell(records, output)


def tell(records: t.Sequence[t.Mapping[str, t.Any]], output: Path) -> int:
    """Print what was seen; the exit status."""
    print(f"\n{report.text_table(report.add_up(records))}\n")
    failed = [f"{record['cell']} seed {record['seed']}" for record in records if not record["verdict"]["ok"]]
    print(f"{len(records) - len(failed)} passed, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}")
    if failed:
        print(f"What was seen of each: {output}/<phase>-<fault>-<seed>/record.json and the logs beside it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
