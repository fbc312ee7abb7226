# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print, as JSON, what a run of the Molecule scenario baseline came to: its report and its rounds of probes in short.

    summary.py DIRECTORY        holds baseline.json and <host>-<boot id>-features.json, as molecule/baseline writes them

{host: {"controls": the report's summary, "exempt": {control: reason}, "rounds": [{"engine", "kernel", "passed",
"failed", "seconds"}]}}; one round for each boot.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

FEATURES = "-features.json"


def in_short(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A round of probes without what they printed."""
    failed = sorted(name for name, probe in found["probes"].items() if not probe["passed"])
    return {
        "engine": found["version"],
        "kernel": found["kernel"],
        "passed": len(found["probes"]) - len(failed),
        "failed": failed,
        "seconds": found["seconds"],
    }


def summarise(report: t.Mapping[str, t.Any], rounds: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """The document. rounds: the name of a file without its end -> what it holds."""
    return {
        host["host"]: {
            "controls": host["summary"],
            "exempt": {one["id"]: one["reason"] for one in host["controls"] if one["status"] == "exempt"},
            "rounds": [
                in_short(found) for name, found in sorted(rounds.items()) if name.startswith(f"{host['host']}-")
            ],
        }
        for host in report["hosts"]
    }


def main() -> int:
    """Print it."""
    directory = Path(sys.argv[1])
    rounds = {
        path.name.removesuffix(FEATURES): json.loads(path.read_text(encoding="utf-8"))
        for path in directory.glob(f"*{FEATURES}")
    }
    report = json.loads((directory / "baseline.json").read_text(encoding="utf-8"))
    json.dump(summarise(report, rounds), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
