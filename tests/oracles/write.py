# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Score what the oracles said and write docs/proof/oracles_<release>.json.

    write.py DIRECTORY      holds <release>/<stage>.json, each what collect.py printed; the stage none is "before"

Exits with 1 when a score with the profile strict is below its goal.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from oracles.scores import OracleError, lynis_index, read_waivers, score  # noqa: E402 - found from the tests' folder
from proof import write_proof  # noqa: E402

STAGES = ("none", "level1", "level2", "strict")


def scores_of(
    said: t.Mapping[str, t.Any],
    table: t.Mapping[str, t.Any],
    waivers: t.Mapping[str, str],
    lynis_waivers: t.Mapping[str, str],
) -> dict[str, t.Any]:
    """The scores of one stage. Raises OracleError when an oracle looked at too little."""
    result: dict[str, t.Any] = {
        name: score(rules, waivers, table["profiles"][name]["evaluated_at_least"]).as_data()
        for name, rules in said["openscap"]["profiles"].items()
    }
    if "lynis" in said:
        tests, wanted = said["lynis"]["tests"], table["lynis"]["tests_at_least"]
        if tests < wanted:
            raise OracleError(f"Lynis did only {tests} tests, {wanted} are wanted")
        points = said["lynis"]["points"]
        result["lynis"] = {key: said["lynis"][key] for key in ("version", "index", "tests", "suggestions", "warnings")}
        result["lynis"]["counted"] = lynis_index(points, lynis_waivers)
        result["lynis"]["missing"] = {test: pair for test, pair in sorted(points.items()) if pair[0] < pair[1]}
    return result


def below_goal(stages: t.Mapping[str, t.Any], table: t.Mapping[str, t.Any]) -> list[str]:
    """What is below its goal with the profile strict, in words."""
    strict = stages.get("strict", {})
    reached = {name: strict[name]["percent"] for name in table["profiles"] if name in strict}
    goals = {name: profile["goal"] for name, profile in table["profiles"].items()}
    if "lynis" in strict:
        reached["lynis"], goals["lynis"] = strict["lynis"]["counted"], table["lynis"]["goal"]
    return [f"{name}: {value}, aimed at {goals[name]}" for name, value in reached.items() if value < goals[name]]


def not_better(stages: t.Mapping[str, t.Any]) -> list[str]:
    """What is no better with the profile strict than before, in words."""
    before, strict = stages.get("none", {}), stages.get("strict", {})
    key = {"lynis": "counted"}
    pairs = {name: (before[name], strict[name]) for name in before if name in strict}
    figures = {name: [one[key.get(name, "percent")] for one in pair] for name, pair in pairs.items()}
    return [f"{name}: {now}, and {was} before" for name, (was, now) in figures.items() if now <= was]


def claim_of(release: str, stages: t.Collection[str]) -> str:
    """What a proof says: that a host got better can be said only where it was judged before as well."""
    host = f"Independent oracles give a hardened Debian {release} host"
    return f"{host} better scores than before" if "none" in stages else f"{host} the scores aimed at"


def main() -> int:
    """Write a proof for each release that was judged."""
    directory = Path(sys.argv[1])
    table = yaml.safe_load((FOLDER / "oracles.yml").read_text(encoding="utf-8"))
    document = yaml.safe_load((FOLDER / "waivers.yml").read_text(encoding="utf-8"))
    lynis_document = yaml.safe_load((FOLDER / "lynis_waivers.yml").read_text(encoding="utf-8"))
    status = 0
    for folder in sorted(path for path in directory.iterdir() if path.is_dir()):
        waivers, lynis_waivers = (read_waivers(one, folder.name) for one in (document, lynis_document))
        said = {stage: json.loads((folder / f"{stage}.json").read_text(encoding="utf-8"))
                for stage in STAGES if (folder / f"{stage}.json").is_file()}  # fmt: skip
        if not said:
            print(f"Debian {folder.name}: nothing was said of it")
            status = 1
            continue
        stages = {stage: scores_of(one, table, waivers, lynis_waivers) for stage, one in said.items()}
        missed = [*below_goal(stages, table), *not_better(stages)]
        write_proof(
            name=f"oracles_{folder.name}",
            claim=claim_of(folder.name, stages),
            where="real VM",
            command="make test-all",
            seconds=sum(part["seconds"] for one in said.values() for part in one.values()),
            passed=sum(len(stage) for stage in stages.values()) - len(missed),
            failed=len(missed),
            results={
                "content": sorted({one["openscap"]["content"] for one in said.values()}),
                "stages": stages,
                "below_goal": missed,
            },
        )
        for line in missed:
            print(f"Debian {folder.name}: {line}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
