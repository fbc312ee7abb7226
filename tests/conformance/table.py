# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of cases (cases/*.yml): reading it, the scripts that look at a host, and what their answers mean.

A file has a topic, its cases, and maybe a group. A case has

    name        unique in its file; says: one sentence for people
    run, in     shell, and where it runs: in the container of a service (service, service-2), or on the host. On the host
                there are ENGINE (docker or podman) and WORK (a directory); in containers there is PLAIN, an address.
    at          the stage at which it runs: "up" unless given, see STAGES
    of          instead of run: an entry of what the modules returned, stage.service, actions.stage or reasons.stage
    expect      what it must be on every host; of a mapping the keys given. Without it all hosts must agree.
    documented  instead of expect: where the engines differ, what it is on each, and the reason
    levelled    where they would differ, how the collection makes them agree
"""

from __future__ import annotations

import shlex
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
HOST = "host"
ENGINES = ("docker", "podman")
# Stage -> the project whose services are meant by "in".
STAGES = {
    "up": "conformance",
    "mended": "conformance",
    "ends": "conformance-ends",
    "engine_restarted": "conformance-restarts",
    "rebooted": "conformance-restarts",
}
# Groups of cases: run by make test, and by make test-all only.
ESSENTIAL = ""
RESTARTS = "restarts"
GROUP_STAGES = {ESSENTIAL: ("up", "mended", "ends"), RESTARTS: ("engine_restarted", "rebooted")}

_KEYS = {"name", "says", "in", "at", "run", "of", "expect", "documented", "levelled"}
_MARK = "== "
_NOWHERE = "-"

Observed = t.Mapping[str, t.Any]


class CaseError(ValueError):
    """A case that says too little, too much, or what nothing is known of."""


@dataclass(frozen=True)
class Case:
    """One observable behaviour. ``expect`` None: all hosts must agree. ``differs``: engine -> what it is there."""

    topic: str
    id: str
    says: str
    group: str = ESSENTIAL
    place: str = ""
    at: str = "up"
    run: str = ""
    of: str = ""
    expect: t.Any = None
    differs: t.Optional[dict[str, t.Any]] = None
    reason: str = ""
    levelled: str = ""

    def expected(self, engine: str) -> t.Any:
        """What it must be on an engine; None where it only must be the same on all hosts."""
        return self.expect if self.differs is None else self.differs[engine]


def load(folder: Path = HERE / "cases") -> list[Case]:
    """All cases, in the order of the files and in them. Raises CaseError."""
    cases: list[Case] = []
    for path in sorted(folder.glob("*.yml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        cases.extend(_case(path.stem, table, entry) for entry in table["cases"])
    ids = [case.id for case in cases]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise CaseError(f"cases of the same name: {', '.join(twice)}")
    return cases


def _case(stem: str, table: t.Mapping[str, t.Any], entry: t.Mapping[str, t.Any]) -> Case:
    name = f"{stem}/{entry.get('name')}"
    group, differs = table.get("group", ESSENTIAL), entry.get("documented")
    wrong = [f"unknown key {key}" for key in sorted(set(entry) - _KEYS)]
    wrong += [f"{key} is missing" for key in ("name", "says") if not entry.get(key)]
    if ("run" in entry) == ("of" in entry):
        wrong.append("give run or of")
    if ("run" in entry) != ("in" in entry):
        wrong.append("give in with run, and only then")
    if differs is not None and "expect" in entry:
        wrong.append("give expect or documented")
    if differs is not None and set(differs) != {*ENGINES, "reason"}:
        wrong.append(f"documented needs {', '.join(ENGINES)} and reason")
    elif differs is not None and differs["docker"] == differs["podman"]:
        wrong.append("documented, but no difference")
    if group not in GROUP_STAGES:
        wrong.append(f"unknown group {group}")
    elif entry.get("at", GROUP_STAGES[group][0]) not in GROUP_STAGES[group]:
        wrong.append(f"no such stage: {entry['at']}")
    if wrong:
        raise CaseError(f"case {name}: {'; '.join(wrong)}")
    return Case(
        topic=table["topic"],
        id=name,
        says=entry["says"],
        group=group,
        place=entry.get("in", ""),
        at=entry.get("at", GROUP_STAGES[group][0]),
        run=entry.get("run", ""),
        of=entry.get("of", ""),
        expect=entry.get("expect"),
        differs=None if differs is None else {engine: differs[engine] for engine in ENGINES},
        reason=" ".join(differs["reason"].split()) if differs else "",
        levelled=entry.get("levelled", ""),
    )


def container(stage: str, place: str) -> str:
    """The container that ``in`` means: of the service itself the first, of service-2 the second."""
    name, _dash, number = place.rpartition("-")
    return f"{STAGES[stage]}-{place}" if name and number.isdigit() else f"{STAGES[stage]}-{place}-1"


def script(cases: t.Sequence[Case], stage: str, before: str = "") -> str:
    """What is run on a host at a stage: one command in each container, all at once, then what looks from outside.

    before: shell that comes first. Everything is read before anything runs: nothing in it can take the rest for input.
    """
    chosen = [case for case in cases if case.run and case.at == stage]
    places = dict.fromkeys(case.place for case in chosen if case.place != HOST)
    lines = ["{", before, 'mkdir -p "$WORK"', f"PLAIN=$({_ADDRESS} 2> /dev/null || true)"]
    for place in places:
        inside = _together(case for case in chosen if case.place == place)
        command = f'timeout 300 "$ENGINE" exec -e PLAIN="$PLAIN" {container(stage, place)} sh -c {shlex.quote(inside)}'
        # side by side: much of it is waiting
        lines.append(f'{command} > "$WORK/{place}.said" 2>&1 &')
    lines.append("wait")
    lines += [f'echo; echo "{_MARK}{_NOWHERE}"; cat "$WORK/{place}.said"' for place in places]
    lines.append(_together(case for case in chosen if case.place == HOST))
    return "\n".join([*lines, "exit 0", "} < /dev/null", ""])


_ADDRESS = (
    '"$ENGINE" inspect --format \'{{(index .NetworkSettings.Networks "conformance_default").IPAddress}}\''
    " conformance-plain-1"
)


def _together(cases: t.Iterable[Case]) -> str:
    return "\n".join(f'echo; echo "{_MARK}{case.id}"\n( {case.run}\n) 2>&1' for case in cases)


def answers(text: str) -> dict[str, str]:
    """What a script printed, by case; what a case printed may end in the middle of a line."""
    found: dict[str, list[str]] = {}
    name = _NOWHERE
    for line in text.splitlines():
        if line.startswith(_MARK):
            name = line[len(_MARK) :]
            found.setdefault(name, [])
        else:
            found.setdefault(name, []).append(line)
    return {case: "\n".join(lines).rstrip("\n") for case, lines in found.items()}


def found(case: Case, observed: Observed) -> t.Any:
    """What was found for a case on one host, in the form that it expects. Raises CaseError when nothing was."""
    if case.run:
        said = answers(observed["said"][case.at])
        if case.id not in said:
            raise CaseError(f"{case.id} was not run: {said.get(_NOWHERE, '').strip() or 'its script ended before'}")
        return said[case.id]
    stage, _dot, name = case.of.partition(".")
    if stage in ("actions", "reasons"):
        return observed[stage][name]
    entry = one(observed["services"][stage], name)
    return {key: entry[key] for key in case.expect}


def one(services: t.Sequence[t.Mapping[str, t.Any]], name: str) -> t.Mapping[str, t.Any]:
    """The first container of a service."""
    for entry in services:
        if entry["service"] == name:
            return entry
    raise CaseError(f"there is no service {name}")
