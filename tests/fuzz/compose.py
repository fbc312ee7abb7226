# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz the reading of Compose files, guided by coverage, with atheris; the exit status is 1 when something was found.

A finding is an input that ends in neither a plan nor a refusal, or that takes too much time or memory (target.py). Each
is shown with its input, which is kept in tests/output/fuzz, and tried again with ``--try FILE``. What was learnt is kept
in .cache/fuzz/corpus for the next run. ``run.sh`` brings atheris along.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT / ".cache" / "collections", ROOT / "tests" / "unit", ROOT / "tests", ROOT / "tests" / "fuzz"]
sys.path[:0] = [str(path) for path in PATHS]

from proof import write_proof  # noqa: E402

OUTPUT = ROOT / "tests" / "output" / "fuzz"
CORPUS = ROOT / ".cache" / "fuzz" / "corpus"
SEEDS = ("tests/unit/fixtures/compose/*.yml", "tests/unit/plugins/plugin_utils/compose_files/*.yml",
         "examples/workloads/**/*.y*ml", "tests/fuzz/seeds/*.txt")  # fmt: skip
_STATUS = re.compile(r"^#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)/")
# Atheris would end the process at its own time limit; target.py has one that counts processor time.
_LIMITS = ["-timeout=1000000", "-max_len=32768", "-rss_limit_mb=2048", "-use_value_profile=0", "-print_final_stats=1"]
# A process that is ended from outside Python, by a fault in C or the memory's limit, is started again, so many times.
_MOST_STARTS = 20


@dataclass
class Run:
    """What a run has measured."""

    executions: int = 0
    edges: int = 0
    corpus: int = 0
    endings: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def read_status(lines: t.Iterable[str]) -> tuple[int, int, int]:
    """Executions, edges and corpus size by the last line of libFuzzer's that tells them; zeros when none does."""
    last = (0, 0, 0)
    for line in lines:
        match = _STATUS.match(line)
        if match:
            last = int(match.group(1)), int(match.group(2)), int(match.group(4))
    return last


def write_dictionary(path: Path) -> None:
    """Words of Compose files and of their interpolation, in libFuzzer's form."""
    from compose_made import WORDS
    from mutate import KEYS

    syntax = ["${", "}", ":-", ":?", ":+", "$$", "<<: *", "&a ", "*a", "!reset ", "!override ", "\n#file .env\n",
              "\n#file over.yml\n", "\n#file inc/compose.yml\n", "- ", "? ", "| \n", '"\\uD800"', "\\0"]  # fmt: skip
    words = [word.encode("utf-8", "surrogatepass") for word in [*syntax, *(f"{key}: " for key in KEYS), *WORDS] if word]
    lines = ['"' + "".join(f"\\x{byte:02x}" for byte in word) + '"' for word in words if len(word) <= 64]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def copy_seeds(folder: Path) -> None:
    """The files that fuzzing starts from."""
    folder.mkdir(parents=True)
    for pattern in SEEDS:
        for path in ROOT.glob(pattern):
            shutil.copy(path, folder / f"{path.parent.name}-{path.name}")


def fuzz(seconds: int, corpus: Path) -> Run:
    """Fuzz for so long, in as many processes one after the other as it takes."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    corpus.mkdir(parents=True, exist_ok=True)
    copy_seeds(OUTPUT / "seeds")
    write_dictionary(OUTPUT / "words.dict")
    run, started = Run(), time.monotonic()
    for number in range(_MOST_STARTS):
        left = seconds - int(time.monotonic() - started)
        if left <= 0:
            break
        _one_process(run, left, corpus, OUTPUT / f"process-{number}.log")
    run.seconds = time.monotonic() - started
    run.findings = [json.loads(path.read_text("utf-8")) for path in sorted(OUTPUT.glob("finding-*.json"))]
    return run


def _one_process(run: Run, seconds: int, corpus: Path, log: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        options = [*_LIMITS, f"-max_total_time={seconds}", f"-dict={OUTPUT / 'words.dict'}",
                   f"-artifact_prefix={OUTPUT}/"]  # fmt: skip
        argv = [sys.executable, str(ROOT / "tests/fuzz/child.py"), folder, str(OUTPUT / "seeds"), *options, str(corpus),
                str(OUTPUT / "seeds")]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS))}
        with log.open("wb") as file:
            done = subprocess.run(
                argv, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False
            )
        for path in Path(folder).glob("finding-*"):
            shutil.copy(path, OUTPUT)
        counts = Path(folder) / "counts.json"
        for name, count in (json.loads(counts.read_text("utf-8")) if counts.exists() else {}).items():
            run.endings[name] = run.endings.get(name, 0) + count
    lines = log.read_text("utf-8", "replace").splitlines()
    executions, run.edges, run.corpus = read_status(lines)
    run.executions += executions
    if done.returncode:
        finding = {"kind": "ended", "where": log.name, "message": f"the process ended with {done.returncode}",
                   "text": "\n".join(lines[-30:])}  # fmt: skip
        (OUTPUT / f"finding-{log.stem}.json").write_text(json.dumps(finding), encoding="utf-8")


def try_file(path: Path) -> int:
    """Run one input and show how it ended."""
    from target import Finding, Target

    with tempfile.TemporaryDirectory() as folder:
        ended = Target(Path(folder) / "project").try_input(path.read_bytes())
    print(f"{ended.kind}: {ended.message}\n{ended.text}" if isinstance(ended, Finding) else ended)
    return int(isinstance(ended, Finding))


def show(run: Run) -> None:
    """What was measured, then each finding with the beginning of its input."""
    endings = ", ".join(f"{count} {name}" for name, count in sorted(run.endings.items()))
    print(f"{run.executions} executions in {run.seconds:.0f} s ({endings})")
    print(f"{run.corpus} inputs in the corpus, {run.edges} edges covered, {len(run.findings)} findings")
    for path in sorted(OUTPUT.glob("finding-*.json")):
        finding = json.loads(path.read_text("utf-8"))
        print(f"\n--- {finding['kind']} at {finding['where']}: {finding['message']}\n{finding['text'].rstrip()}")
        data = path.with_suffix(".yml")
        if data.exists():
            print(f"--- the input, {data}, begins with:\n{data.read_bytes()[:600]!r}")


def main() -> int:
    """Fuzz, or try one input."""
    parser = argparse.ArgumentParser(description="Fuzz the reading of Compose files, guided by coverage.")
    parser.add_argument("--seconds", type=int, default=120, help="how long (default: 120)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="where what was learnt is kept")
    parser.add_argument("--try", dest="file", type=Path, metavar="FILE", help="run this input alone")
    parser.add_argument("--proof", action="store_true", help="write docs/proof/compose_fuzz_atheris.json")
    arguments = parser.parse_args()
    if arguments.file:
        return try_file(arguments.file)
    run = fuzz(arguments.seconds, arguments.corpus)
    show(run)
    if not run.executions:
        print("nothing was run; the last lines of libFuzzer are in tests/output/fuzz", file=sys.stderr)
        return 1
    if arguments.proof:
        write_proof(
            name="compose_fuzz_atheris",
            claim="Compose files changed byte by byte and part by part, guided by what they reach in the code, end in a plan "
            "for both engines or in a refusal, never in a traceback, a hang or filled memory",
            where="unit test",
            command=f"bash tests/fuzz/run.sh --seconds {arguments.seconds} --proof",
            seconds=run.seconds,
            passed=run.executions - run.endings.get("found", 0),
            failed=len(run.findings),
            results={"executions": run.executions, "edges": run.edges, "corpus": run.corpus, "endings": run.endings,
                     "findings": len(run.findings)},
        )  # fmt: skip
    return 1 if run.findings else 0


if __name__ == "__main__":
    sys.exit(main())
