# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what a host was with what it is (see read_state.py): print each difference, exit with 1 if there is one.

compare_state.py BEFORE.json AFTER.json
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path


def differences(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    """Each difference in a line."""
    lines = []
    for part in sorted({*before, *after}):
        old, new = before.get(part, {}), after.get(part, {})
        lines += [
            f"{part}: {key}: was {old.get(key, 'not there')}, is {new.get(key, 'not there')}"
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
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
