# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that atheris runs in: libFuzzer's options come on the command line, what is found goes to a folder.

usage: child.py FOLDER SEEDS [option of libFuzzer...] CORPUS...
SEEDS is a folder of inputs whose parts may be put into others. FOLDER gets ``finding-*.json`` and ``counts.json``.
"""

from __future__ import annotations

import collections
import hashlib
import json
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ansible_collections.anycloud.container_host.plugins", "yaml"]):
    from target import Finding, Target, join, split

from mutate import Chance, fresh, mutate


class Child:
    """One run of the fuzzer."""

    def __init__(self, folder: Path, seeds: Path) -> None:
        self._folder = folder
        self._target = Target(folder / "project")
        self._donors = [path.read_bytes() for path in sorted(seeds.iterdir())]
        self._counts: collections.Counter[str] = collections.Counter()
        self._seen: set[tuple[str, str]] = set()
        self._written = 0.0

    def one(self, data: bytes) -> None:
        ended = self._target.try_input(data)
        if isinstance(ended, Finding):
            self._found(ended, data)
            self._counts["found"] += 1
        else:
            self._counts[ended] += 1
        if time.monotonic() - self._written > 2:
            self._written = time.monotonic()
            (self._folder / "counts.json").write_text(json.dumps(self._counts), encoding="utf-8")

    def _found(self, finding: Finding, data: bytes) -> None:
        same = (finding.kind, finding.where)
        if same in self._seen:
            return
        self._seen.add(same)
        name = hashlib.sha256(repr(same).encode()).hexdigest()[:12]
        (self._folder / f"finding-{name}.yml").write_bytes(data)
        (self._folder / f"finding-{name}.json").write_text(json.dumps(finding.as_dict()), encoding="utf-8")

    def mutate(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Half of the changes are of bytes, by libFuzzer; the others of one file's YAML.

        Most changes spoil a file, and more so the next ones. So every third begins anew with a file that runs.
        """
        chance = Chance(seed)
        kind = chance.number(0, 39)
        if kind == 0:
            return fresh(seed)[:max_size]
        if kind < 20:
            again = chance.number(0, 2) == 0
            files = split(chance.one(self._donors) if again else data)
            name = chance.one([name for name in files if name.endswith(".yml")])
            donor = split(chance.one(self._donors))["compose.yml"]
            changed = mutate(files[name], donor, seed, 1 if again else 4)
            if changed is not None:
                whole = join({**files, name: changed})
                if len(whole) <= max_size:
                    return whole
        return bytes(atheris.Mutate(data, max_size))


def main() -> None:
    folder, seeds = map(Path, sys.argv[1:3])
    child = Child(folder, seeds)
    atheris.Setup([sys.argv[0], *sys.argv[3:]], child.one, custom_mutator=child.mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
