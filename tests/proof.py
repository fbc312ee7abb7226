# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what a long run has shown to docs/proof/<name>.json, with the commit it ran on.

The tables of the documentation are generated from these files, anew after each. From a shell:

    tests/proof.py --name two_hosts_agree --claim "Two hosts have the same contract_id" --where "real VM" \
        --command "make demo" --seconds 512 --passed 4 --failed 0 --results results.json
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "proof"

# Where a claim can be proved, strongest first. docs/proof/README.md says what each means.
PLACES = ("real VM", "real tool on synthetic data", "emulator of an API", "unit test")


class ProofError(ValueError):
    """A proof that can't be written as asked."""


def git(*arguments: str) -> str:
    """The output of a git command in the project, without the last newline; empty outside a checkout."""
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def state_of_checkout() -> tuple[str, bool]:
    """The commit that is checked out, and whether the files differ from it (proofs themselves don't count)."""
    changed = git("status", "--porcelain", "--", ".", ":!docs/proof", ":!docs/support_matrix.md", ":!README.md")
    return git("rev-parse", "HEAD"), bool(changed)


def loop_milliseconds() -> float:
    """Processor time of a million additions, the least of five: a shared machine is not always equally quick."""
    least = float("inf")
    for _ in range(5):
        started, total = time.process_time(), 0
        for number in range(1_000_000):
            total += number
        least = min(least, time.process_time() - started)
    return least * 1000


def write_proof(
    name: str,
    claim: str,
    where: str,
    command: str,
    seconds: float,
    passed: int,
    failed: int,
    results: t.Any = None,
    folder: Path = FOLDER,
) -> Path:
    """Write one proof and return its path.

    name: lowercase with underscores, the file's name. claim: the sentence it proves. where: one of PLACES.
    command: what to type to prove it again. results: anything JSON can hold.
    Raises ProofError when the name or the place is not one of these.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ProofError(f"{name!r} is no name for a proof: use lowercase letters, digits and underscores")
    if where not in PLACES:
        raise ProofError(f"{where!r} is no place a claim is proved: use one of {', '.join(PLACES)}")
    commit, dirty = state_of_checkout()
    document = {
        "name": name,
        "claim": claim,
        "where": where,
        "commit": commit,
        "uncommitted_changes": dirty,
        "date": datetime.datetime.now(tz=datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "command": command,
        "seconds": round(seconds, 1),
        "passed": passed,
        "failed": failed,
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "kernel": platform.release(),
            "processors": os.cpu_count(),
            "loop_milliseconds": round(loop_milliseconds(), 1),
        },
        "results": results,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if folder == FOLDER:
        subprocess.run([sys.executable, str(ROOT / "docs" / "generate_support_matrix.py")], check=True)
    return path


def main() -> int:
    """Write the proof the command line describes."""
    parser = argparse.ArgumentParser(description="Write what a long run has shown to docs/proof/<name>.json.")
    for option in ("name", "claim", "where", "command"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--passed", type=int, required=True)
    parser.add_argument("--failed", type=int, required=True)
    parser.add_argument("--results", type=Path, help="a JSON file with anything more the run has measured")
    arguments = vars(parser.parse_args())
    results = arguments.pop("results")
    try:
        measured = json.loads(results.read_text(encoding="utf-8")) if results else None
        print(write_proof(**arguments, results=measured))
    except (ProofError, OSError, json.JSONDecodeError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
