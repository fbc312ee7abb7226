# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a host: have OpenSCAP and Lynis judge it, and print what they say as JSON.

    collect.py DATA_STREAM PROFILE [PROFILE ...] [--without-lynis]

Both judge the running system: `oscap-chroot` and `lynis --rootdir` would judge the kernel of another machine.
A profile whose rules are all among those of an earlier one, with the same values, is not evaluated again: its results
are taken from there (CIS level 1 is such a part of level 2).

Standard library only. Printed: {"openscap": {"version", "content", "seconds", "profiles": {profile: {rule: result}}},
"lynis": {"version", "seconds", "index", "tests", "points", "suggestions", "warnings"}}; suggestions and warnings are lists
of [test id, text], points are {test id: [given, at most]}.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
PREFIX = "xccdf_org.ssgproject.content_"
LYNIS_REPORT = Path("/var/log/lynis-report.dat")
LYNIS_LOG = Path("/var/log/lynis.log")
# What Lynis writes to its log when a test begins, and when it gives points: all of them, or some.
TEST_BEGINS = re.compile(r"Performing test ID (\S+)")
POINTS_GIVEN = re.compile(r"assigned (?:maximum|partial) number of hardening points .*?\((\d+)(?: of (\d+))?\)\.")

# oscap's exit statuses: 0 is "every rule passed", 2 is "some did not", anything else is a breakdown.
JUDGED = (0, 2)


@dataclass(frozen=True)
class Profile:
    """What a profile asks: its rules, and the values its rules are to use."""

    rules: frozenset[str]
    values: frozenset[tuple[str, str]]


def short(identifier: str, what: str) -> str:
    """A rule's or a profile's id without the prefix that all of them have."""
    return identifier.removeprefix(f"{PREFIX}{what}_")


def read_version(stream: ElementTree.Element) -> str:
    """The version of a data stream's benchmark."""
    benchmark = next(stream.iter(f"{XCCDF}Benchmark"))
    return benchmark.findtext(f"{XCCDF}version", "").strip()


def read_profiles(stream: ElementTree.Element) -> dict[str, Profile]:
    """The profiles of a data stream, by their short names."""
    profiles = {}
    for element in stream.iter(f"{XCCDF}Profile"):
        chosen = [one.get("idref", "") for one in element.findall(f"{XCCDF}select") if one.get("selected") == "true"]
        rules = frozenset(short(name, "rule") for name in chosen if name.startswith(f"{PREFIX}rule_"))
        values = frozenset(
            (one.get("idref", ""), one.get("selector") or one.text or "")
            for kind in ("refine-value", "set-value")
            for one in element.findall(f"{XCCDF}{kind}")
        )
        profiles[short(element.get("id", ""), "profile")] = Profile(rules, values)
    return profiles


def covering(profile: Profile, evaluated: t.Mapping[str, Profile]) -> str | None:
    """An evaluated profile that holds every rule and value of this one; None when there is none."""
    for name, other in evaluated.items():
        if profile.rules <= other.rules and profile.values <= other.values:
            return name
    return None


def evaluate(data_stream: Path, profile: str) -> dict[str, str]:
    """Rule -> result (pass, fail, notapplicable, notchecked, error, unknown) as oscap finds them now."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        results = Path(folder) / "results.xml"
        argv = ["oscap", "xccdf", "eval", "--profile", f"{PREFIX}profile_{profile}", "--results", str(results)]
        done = subprocess.run([*argv, str(data_stream)], capture_output=True, text=True, check=False)
        if done.returncode not in JUDGED:
            raise SystemExit(f"oscap ended with {done.returncode}: {done.stderr[-2000:]}")
        found = {}
        for element in ElementTree.parse(results).getroot().iter(f"{XCCDF}rule-result"):
            result = element.findtext(f"{XCCDF}result", "")
            if result != "notselected":
                found[short(element.get("idref", ""), "rule")] = result
        return found


def openscap(data_stream: Path, names: t.Sequence[str]) -> dict[str, t.Any]:
    """Evaluate the profiles, those with the most rules first."""
    started = time.monotonic()
    stream = ElementTree.parse(data_stream).getroot()
    known, content = read_profiles(stream), read_version(stream)
    missing = [name for name in names if name not in known]
    if missing:
        raise SystemExit(f"{data_stream} has no profile {', '.join(missing)}; it has {', '.join(sorted(known))}")
    evaluated: dict[str, Profile] = {}
    results: dict[str, dict[str, str]] = {}
    for name in sorted(names, key=lambda one: -len(known[one].rules)):
        source = covering(known[name], evaluated)
        if source is None:
            results[name] = evaluate(data_stream, name)
            evaluated[name] = known[name]
        else:
            results[name] = {rule: result for rule, result in results[source].items() if rule in known[name].rules}
    version = subprocess.run(["oscap", "--version"], capture_output=True, text=True, check=True).stdout
    seconds = round(time.monotonic() - started)
    return {"version": version.split("\n")[0], "content": content, "seconds": seconds, "profiles": results}


def parse_lynis(text: str) -> dict[str, t.Any]:
    """What is of use in Lynis' report: lines ``key=value``, lists as ``key[]=value``."""
    pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#")]
    single = dict(pairs)

    def listed(key: str) -> list[list[str]]:
        return [value.split("|")[:2] for name, value in pairs if name == f"{key}[]"]

    return {
        "version": single["lynis_version"],
        "index": int(single["hardening_index"]),
        "tests": int(single["lynis_tests_done"]),
        "suggestions": listed("suggestion"),
        "warnings": listed("warning"),
    }


def parse_points(log: str) -> dict[str, list[int]]:
    """Test -> the points it gave and those it could have given, from Lynis' log."""
    points: dict[str, list[int]] = {}
    test = ""
    for line in log.splitlines():
        begins, given = TEST_BEGINS.search(line), POINTS_GIVEN.search(line)
        if begins:
            test = begins[1]
        elif given:
            sums = points.setdefault(test, [0, 0])
            sums[0] += int(given[1])
            sums[1] += int(given[2] or given[1])
    return points


def lynis() -> dict[str, t.Any]:
    """Have Lynis judge the host."""
    started = time.monotonic()
    for path in (LYNIS_REPORT, LYNIS_LOG):
        path.unlink(missing_ok=True)
    subprocess.run(["lynis", "audit", "system", "--quiet", "--no-colors"], capture_output=True, check=False)
    report, log = (path.read_text(encoding="utf-8", errors="replace") for path in (LYNIS_REPORT, LYNIS_LOG))
    found = {**parse_lynis(report), "points": parse_points(log)}
    return {**found, "seconds": round(time.monotonic() - started)}


def main() -> int:
    """Print what the oracles say."""
    parser = argparse.ArgumentParser(description="Have OpenSCAP and Lynis judge this host.")
    parser.add_argument("data_stream", type=Path)
    parser.add_argument("profiles", nargs="+")
    parser.add_argument("--without-lynis", action="store_true")
    arguments = parser.parse_args()
    said = {"openscap": openscap(arguments.data_stream, arguments.profiles)}
    if not arguments.without_lynis:
        said["lynis"] = lynis()
    json.dump(said, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
