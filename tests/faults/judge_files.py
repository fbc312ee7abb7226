# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what was written down of one move: what the client knows, and what was seen on the two hosts.

judge_files.py --client FILE --source FILE --target FILE --lives-on target --output FILE
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from faults.judge import SIDES, judge


def main() -> int:
    """Write the verdict, tell it, and fail when anything is wrong."""
    parser = argparse.ArgumentParser(description="Judge what was written down of one move.")
    for option in ("client", "source", "target", "output"):
        parser.add_argument(f"--{option}", type=Path, required=True)
    parser.add_argument("--lives-on", choices=SIDES, required=True, help="the host the workload has to live on")
    arguments = parser.parse_args()
    client, source, target = (
        json.loads(path.read_text(encoding="utf-8")) for path in (arguments.client, arguments.source, arguments.target)
    )
    verdict = judge(client, {"source": source, "target": target})
    if verdict.live and verdict.live != arguments.lives_on:
        verdict.problems.append(f"the workload lives on the {verdict.live}, not on the {arguments.lives_on}")
    text = json.dumps(verdict.as_dict(), indent=1)
    arguments.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
