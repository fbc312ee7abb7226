# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what a host was with what it is (see read_state.py): print each difference, exit with 1 if there is one.

compare_state.py BEFORE.json AFTER.json

Two differences are none: a directory that is new and empty, made for a file that is gone again; and kernel parameters
that the kernel takes from the memory it finds, which is some pages more or less at each boot.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

EMPTY_DIRECTORY = " 40000"
"""How read_state.py ends the description of a directory."""

SAME_WITHIN = 0.02


def is_left_over(key: str, old: t.Any, new: t.Any, after: t.Mapping[str, t.Any]) -> bool:
    """Whether a file's entry is a directory that was not there before and holds nothing."""
    is_new = old is None and str(new).endswith(EMPTY_DIRECTORY)
    return is_new and not any(
        path.startswith(f"{key}/") and not str(what).endswith(EMPTY_DIRECTORY) for path, what in after.items()
    )


def is_about_the_same(old: t.Any, new: t.Any) -> bool:
    """Whether two kernel parameters are numbers, as many of them, that differ by next to nothing."""
    pairs = list(zip(str(old).split(), str(new).split()))
    numeric = all(one.isdigit() for pair in pairs for one in pair)
    return (
        numeric
        and len(str(old).split()) == len(str(new).split())
        and all(abs(int(before) - int(after)) <= SAME_WITHIN * int(before) for before, after in pairs)
    )


def differs(part: str, key: str, old: t.Any, new: t.Any, after: t.Mapping[str, t.Any]) -> bool:
    """Whether an entry differs in a way that counts."""
    if part == "files" and is_left_over(key, old, new, after):
        return False
    return old != new and not (part == "sysctls" and is_about_the_same(old, new))


def differences(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    """Each difference in a line."""
    lines = []
    for part in sorted({*before, *after}):
        old, new = before.get(part, {}), after.get(part, {})
        lines += [
            f"{part}: {key}: was {old.get(key, 'not there')}, is {new.get(key, 'not there')}"
            for key in sorted({*old, *new})
            if differs(part, key, old.get(key), new.get(key), new)
        ]
    return lines


def main() -> int:
    """Compare two files."""
    before, after = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3])
    lines = differences(before, after)
    print("\n".join(lines) or "nothing differs")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
