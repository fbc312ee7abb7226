# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of docs/move.md about moves that were disturbed, from the fault matrix and docs/proof/move_faults.json."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))

from faults import report  # noqa: E402 - found beside the tests
from faults.matrix import FAULTS, PHASES  # noqa: E402

PROOF = ROOT / "docs" / "proof" / "move_faults.json"

HEAD = """\
## Moves that are disturbed

`tests/faults/run.py` moves a workload that is written to from one virtual machine to another, disturbs the move while
a phase is under way, runs `playbooks/move.yml` again until it has finished, and once more, which must change nothing.
Then it judges what is left: one live copy, which has every record that was acknowledged to a client, and none twice;
journals that agree; no key, file, container or process left behind; and only the live copy comes back with a boot.
The next run may finish the move or undo it.
"""
RECORDED = """\
The number in a cell is how often it was run, each time at another moment; how the move was brought to its end stands
behind it (by itself: the run that was disturbed). A dash stands where a fault makes no sense, an empty cell was not
run. The longest that a client was without an answer was {silence} s, on emulated machines. Recorded on {date}.
"""
NOTHING = "No cell has been recorded yet.\n"


def load() -> t.Optional[dict[str, t.Any]]:
    """The proof, or None when the matrix was not run yet."""
    return json.loads(PROOF.read_text(encoding="utf-8")) if PROOF.is_file() else None


def section(proof: t.Optional[t.Mapping[str, t.Any]]) -> str:
    """The whole part."""
    lines = [HEAD]
    if proof is None:
        lines.append(NOTHING)
    else:
        cells = proof["results"]["cells"]
        silence = max(cell["longest_silence_seconds"] for cell in cells.values())
        lines += [RECORDED.format(silence=silence, date=proof["date"][:10]), report.markdown(cells)]
        failed = [f"- {name}: {problem}" for name, cell in cells.items() for problem in cell["problems"]]
        if failed:
            lines.append("What was wrong:\n\n" + "\n".join(failed) + "\n")
    rows = [
        f"| `{fault.name}` | {fault.title} | {_phases(fault.phases)} | {fault.given_back} |"
        for fault in FAULTS.values()
    ]
    lines.append("| fault | what happens | in the phases | over |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(lines)


def _phases(names: t.Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name in PHASES) or "all"
