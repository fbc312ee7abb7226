# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather what run.yml found for each engine and setting into docs/proof/breaks.json.

write.py [--keep] DIRECTORY     holds <engine>/<setting>.json, each {"setting", "said", "found": what probe.py printed}

With --keep the settings that were not tried now stay as the proof has them from before, where the engine's version, the
kernel and the probes are the same: the table can be made in parts.
"""

from __future__ import annotations

import argparse
import json
import sys
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from proof import FOLDER, write_proof  # noqa: E402 - found beside this folder

UNTOUCHED = "untouched"
PROOF = FOLDER / "breaks.json"


class BreaksError(ValueError):
    """Findings no table can be made of."""


def passed(found: t.Mapping[str, t.Any]) -> set[str]:
    """Names of the probes that passed."""
    return {name for name, probe in found["probes"].items() if probe["passed"]}


def gather(findings: t.Mapping[str, t.Mapping[str, t.Any]], hardened: t.Collection[str]) -> dict[str, t.Any]:
    """One engine's part: its version and kernel, and for each setting the probes that were lost to it.

    findings: setting -> what was found under it. hardened: probes that a host is not expected to pass as it comes.
    Raises BreaksError when the untouched host was not tried, or lost something itself: nothing can be compared then.
    """
    if UNTOUCHED not in findings:
        raise BreaksError(f"no findings for {UNTOUCHED}; the others are compared with it")
    untouched = findings[UNTOUCHED]
    before = passed(untouched)
    missing = sorted(set(untouched["probes"]) - before - set(hardened))
    if missing:
        raise BreaksError(f"the untouched host already fails {', '.join(missing)}")
    lost = {name: sorted(before - passed(found)) for name, found in findings.items() if name != UNTOUCHED}
    return {
        "version": untouched["version"],
        "kernel": untouched["kernel"],
        "probes": sorted(before),
        "not_passed_untouched": sorted(set(untouched["probes"]) - before),
        "lost": lost,
    }


def with_earlier(now: t.Mapping[str, t.Any], earlier: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What was gathered now, with what an earlier proof has for other settings and engines.

    What was lost to other versions is left out: nobody knows whether these would lose the same.
    """
    whole = {**earlier, **now}
    for engine in set(now) & set(earlier):
        if {**earlier[engine], "lost": {}} == {**now[engine], "lost": {}}:
            whole[engine] = {**now[engine], "lost": {**earlier[engine]["lost"], **now[engine]["lost"]}}
    return whole


def claim(settings: t.Sequence[t.Mapping[str, t.Any]], results: t.Mapping[str, t.Any]) -> str:
    """The sentence that is proved: how many of the settings were tried with every engine that has them."""
    engines = {one["name"]: one.get("engines", results) for one in settings if one["name"] != UNTOUCHED}
    tried = sum(
        all(name in results.get(engine, {"lost": ()})["lost"] for engine in those) for name, those in engines.items()
    )
    known = "What usual hardening breaks in containers is known by measurement"
    return f"{known}: {tried} of {len(engines)} settings, each alone, with every feature tried"


def read(directory: Path) -> dict[str, dict[str, t.Any]]:
    """Engine -> setting -> what was found."""
    return {
        engine.name: {
            path.stem: json.loads(path.read_text(encoding="utf-8"))["found"] for path in engine.glob("*.json")
        }
        for engine in sorted(directory.iterdir())
        if engine.is_dir()
    }


def main() -> int:
    """Write the proof."""
    parser = argparse.ArgumentParser(description="Gather what the settings broke.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--keep", action="store_true", help="keep what the proof has for settings not tried now")
    options = parser.parse_args()
    table = yaml.safe_load((ROOT / "tests" / "features" / "probes.yml").read_text(encoding="utf-8"))
    hardened = [probe["name"] for probe in table["probes"] if probe.get("hardened")]
    findings = read(options.directory)
    results = {engine: gather(found, hardened) for engine, found in findings.items()}
    seconds = sum(one["seconds"] for found in findings.values() for one in found.values())
    if options.keep and PROOF.is_file():
        proof = json.loads(PROOF.read_text(encoding="utf-8"))
        results = with_earlier(results, proof["results"])
        seconds += proof["seconds"]
    write_proof(
        name=PROOF.stem,
        claim=claim(
            yaml.safe_load((ROOT / "tests" / "breaks" / "settings.yml").read_text("utf-8"))["settings"], results
        ),
        where="real VM",
        command='bash tests/run_vm_tests.sh all "each usual setting"',
        seconds=seconds,
        # the untouched host has been tried as well
        passed=sum((len(one["lost"]) + 1) * len(one["probes"]) for one in results.values()),
        failed=0,
        results=results,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
