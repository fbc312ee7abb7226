# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the drift benchmark that runs on the host: change settings at random, see what the baseline says.

Reads {"controls": wire form, "rounds": n, "seed": n} from standard input, writes the counts as JSON.
"""

from __future__ import annotations

import collections
import glob
import json
import os
import random
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import run as baseline
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds import (
    kernel_module,
    sshd_option,
    sysctl,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import (
    Selected,
    from_wire,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

MAXIMUM_AT_ONCE = 12
NOBODY = 65534


@dataclass(frozen=True)
class Mutation:
    """One way to change one thing. thing: what is changed; two mutations of one thing are not done in one round."""

    kind: str
    thing: str
    controls: frozenset[str]
    do: t.Callable[[], None]


class Settings:
    """The mutations of one state of the host."""

    def __init__(self, selected: t.Sequence[Selected]) -> None:
        self.mutations: list[Mutation] = []
        self._by_kind: dict[str, list[Selected]] = collections.defaultdict(list)
        for entry in selected:
            self._by_kind[entry.control.kind].append(entry)
        self._sysctls()
        self._modules()
        self._modes()
        self._files()
        self._sshd_options()

    def _owners(self, kind: str, name: str) -> dict[str, dict[str, Selected]]:
        """Thing -> control -> that control, for the mappings or lists under one parameter."""
        owners: dict[str, dict[str, Selected]] = collections.defaultdict(dict)
        for entry in self._by_kind[kind]:
            for thing in entry.parameters.get(name, ()):
                owners[thing][entry.control.id] = entry
        return owners

    def _add(self, kind: str, thing: str, controls: t.Iterable[str], do: t.Callable[[], None]) -> None:
        self.mutations.append(Mutation(kind, thing, frozenset(controls), do))

    def _sysctls(self) -> None:
        for key, owners in self._owners("sysctl", "values").items():
            path = sysctl.path_of(key)
            if not os.path.exists(path):
                continue
            entry = next(iter(owners.values()))
            other = worse(str(entry.parameters["values"][key]), entry.parameters.get("compare", "equal"))
            self._add("running value", key, owners, lambda path=path, other=other: write(path, f"{other}\n"))
            line = find_line(sysctl.DROP_IN, key)
            if line is not None:
                change = f"{key} = {other}"
                self._add("value at boot", key, owners, line_changer(sysctl.DROP_IN, line, change))
                # Without the line the value still holds: it is not lost now, but at the next boot.
                self._add("line for boot gone", key, owners, line_changer(sysctl.DROP_IN, line, None))

    def _modules(self) -> None:
        for name, owners in self._owners("kernel_module", "names").items():
            for line in (f"install {kernel_module.normal(name)} /bin/false",):
                if find_line(kernel_module.MODPROBE_DROP_IN, line) is not None:
                    change = line_changer(kernel_module.MODPROBE_DROP_IN, line, None)
                    self._add("module allowed", name, owners, change)

    def _status_owners(self) -> dict[str, set[str]]:
        """Path -> the controls that care for its mode and owner: those of patterns over it, and of its content."""
        owners: dict[str, set[str]] = collections.defaultdict(set)
        for pattern, controls in self._owners("file_mode", "paths").items():
            for path in glob.glob(pattern):
                if not os.path.islink(path):
                    owners[path] |= set(controls)
        for entry in self._by_kind["file_content"]:
            if os.path.exists(entry.parameters["path"]):
                owners[entry.parameters["path"]].add(entry.control.id)
        return owners

    def _modes(self) -> None:
        for path, owners in self._status_owners().items():
            mode = os.stat(path).st_mode & 0o7777
            self._add("mode of a file", path, owners, lambda path=path, mode=mode: os.chmod(path, mode | 0o002))
            self._add("owner of a file", path, owners, lambda path=path: os.chown(path, NOBODY, -1))

    def _files(self) -> None:
        for entry in self._by_kind["file_content"]:
            path = entry.parameters["path"]
            if not os.path.exists(path):
                continue
            text = Path(path).read_text()
            ids = [entry.control.id]
            self._add("content of a file", path, ids, lambda path=path, text=text: write(path, f"{text}# more\n"))
            self._add("file gone", path, ids, lambda path=path: os.unlink(path))

    def _sshd_options(self) -> None:
        for option, owners in self._owners("sshd_option", "options").items():
            line = find_line(sshd_option.DROP_IN, option)
            if line is not None:
                self._add("option of sshd", option, owners, line_changer(sshd_option.DROP_IN, line, None))


def worse(value: str, compare: str) -> str:
    """Another value, one that does not meet the bound when it is one."""
    if not value.lstrip("-").isdigit():
        return "1 2 3"
    return str(int(value) - 1 if compare == "at_least" else int(value) + 1)


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def find_line(path: str, start: str) -> str | None:
    """The line of a file whose first words these are."""
    words = start.split()
    lines = Path(path).read_text().splitlines() if os.path.exists(path) else []
    return next((line for line in lines if line.split()[: len(words)] == words), None)


def line_changer(path: str, line: str, change: str | None) -> t.Callable[[], None]:
    """A function that replaces a line of a file, or takes it away."""

    def do() -> None:
        lines = Path(path).read_text().splitlines()
        kept = [change if old == line else old for old in lines if old != line or change is not None]
        write(path, "".join(f"{text}\n" for text in kept))

    return do


def pick(settings: Settings, chance: random.Random) -> list[Mutation]:
    """Some mutations, of different things."""
    chosen: dict[str, Mutation] = {}
    for mutation in chance.sample(settings.mutations, chance.randint(1, MAXIMUM_AT_ONCE)):
        chosen.setdefault(mutation.thing, mutation)
    return list(chosen.values())


def look(io: HostIO, selected: t.Sequence[Selected], check_mode: bool) -> dict[str, str]:
    """Control -> status, of all that have not simply passed."""
    entries, _changed = baseline.run(io, selected, "", enforce=True, check_mode=check_mode)
    return {entry.id: entry.status for entry in entries if entry.status != "passed"}


def main() -> int:
    """Do the rounds."""
    task = json.load(sys.stdin)
    selected = from_wire(task["controls"])
    io = HostIO()
    chance = random.Random(task["seed"])
    counts: collections.Counter[str] = collections.Counter()
    by_kind: collections.Counter[str] = collections.Counter()
    complaints: list[str] = []
    quiet = look(io, selected, check_mode=True)
    if quiet:
        print(f"the host is not converged: {quiet}", file=sys.stderr)
        return 1
    for number in range(task["rounds"]):
        mutations = pick(Settings(selected), chance)
        for mutation in mutations:
            mutation.do()
            by_kind[mutation.kind] += 1
        expected = {control for mutation in mutations for control in mutation.controls}
        foretold = look(io, selected, check_mode=True)
        done = look(io, selected, check_mode=False)
        left = look(io, selected, check_mode=True)
        counts["mutations"] += len(mutations)
        counts["missed"] += len(expected - set(foretold))
        counts["invented"] += len(set(foretold) - expected)
        counts["unmended"] += len(left)
        right = set(foretold) == expected == set(done) and not left and set(done.values()) <= {"changed"}
        if not right:
            # What was done must also be what was foretold.
            counts["unmended"] += not left
            what = [f"{mutation.kind} {mutation.thing}" for mutation in mutations]
            complaints.append(
                f"round {number}: changed {what}: expected {sorted(expected)}, foretold {foretold}, "
                f"done {done}, left {left}"
            )
            look(io, selected, check_mode=False)
    kinds = dict(sorted(by_kind.items()))
    names = ("mutations", "missed", "invented", "unmended")
    result = {"rounds": task["rounds"], **{name: counts[name] for name in names}}
    json.dump({**result, "mutations_by_kind": kinds, "complaints": complaints[:20]}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
