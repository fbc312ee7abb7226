# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what run.yml has seen, and with --proof write it to docs/proof/compose_stacks_deployed.json.

write.py DIRECTORY      holds <engine>/<stack>.json, each {"engine", "stack", "passed", "seconds", "containers" or "why"}

Exits with 1 unless every stack was deployed and removed, without a change in between, on both engines.
"""

from __future__ import annotations

import argparse
import json
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from proof import write_proof  # noqa: E402 - found beside this folder

ENGINES = ("docker", "podman")
TABLE = Path(__file__).with_name("stacks.yml")
CLAIM = (
    "Ten stacks are deployed under Docker and under Podman, with images built from Debian's packages: ready, "
    "unchanged when deployed again, and gone without a trace when removed"
)

Seen = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Judgement:
    """What is written down: engine -> version; stack -> engine -> seconds to ready, or why not."""

    engines: dict[str, str]
    stacks: dict[str, dict[str, t.Any]]
    passed: int
    failed: int


def names() -> list[str]:
    """The stacks of the table, in its order."""
    return [entry["name"] for entry in yaml.safe_load(TABLE.read_text(encoding="utf-8"))["stacks"]]


def judge(seen: t.Sequence[Seen], wanted: t.Sequence[str]) -> Judgement:
    """What became of each wanted stack on each engine; one that was not seen has failed."""
    found = {(entry["stack"], entry["engine"]["name"]): entry for entry in seen}
    engines = {entry["engine"]["name"]: entry["engine"]["version"] for entry in seen}
    stacks: dict[str, dict[str, t.Any]] = {name: {} for name in wanted}
    passed = 0
    for name, engine in ((name, engine) for name in wanted for engine in ENGINES):
        entry = found.get((name, engine), {"passed": False, "why": "it was not tried"})
        passed += bool(entry["passed"])
        stacks[name][engine] = (
            {"seconds": entry["seconds"], "containers": entry["containers"]}
            if entry["passed"]
            else {"why": entry["why"]}
        )
    return Judgement(engines, stacks, passed, len(wanted) * len(ENGINES) - passed)


def main() -> int:
    """Judge, print, and write."""
    parser = argparse.ArgumentParser(description="Judge what tests/stacks/run.yml has seen.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--seconds", type=float, default=0.0, help="how long the run took")
    parser.add_argument("--proof", action="store_true", help="write it to docs/proof")
    options = parser.parse_args()
    seen = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(options.directory.glob("*/*.json"))]
    verdict = judge(seen, names())
    for name, entries in verdict.stacks.items():
        words = [f"{engine} {entry.get('why') or str(entry['seconds']) + ' s'}" for engine, entry in entries.items()]
        print(f"{name:<26}{', '.join(words)}")
    print(f"{verdict.passed} passed, {verdict.failed} failed")
    if options.proof:
        write_proof(
            name="compose_stacks_deployed",
            claim=CLAIM,
            where="real VM",
            command='bash tests/run_vm_tests.sh all "ten stacks"',
            seconds=options.seconds,
            passed=verdict.passed,
            failed=verdict.failed,
            results={"engines": verdict.engines, "stacks": verdict.stacks},
        )
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
