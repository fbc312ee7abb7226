# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs of a fault matrix add up to: by cell, as a table for a terminal, and for the proof. Pure."""

from __future__ import annotations

import typing as t

from faults.matrix import FAULTS, PHASES, allowed

Json = t.Mapping[str, t.Any]


def add_up(records: t.Sequence[Json], earlier: t.Optional[Json] = None) -> dict[str, t.Any]:
    """The results by ``phase:fault``. records: ``cell``, ``seed``, ``verdict``, ``commit``. earlier: results of before;
    a cell that was run now takes the place of what it was then, the others stay, with the commit they ran on.
    """
    cells: dict[str, t.Any] = {name: dict(values) for name, values in (earlier or {}).items()}
    for name in dict.fromkeys(record["cell"] for record in records):
        mine = [record for record in records if record["cell"] == name]
        verdicts = [record["verdict"] for record in mine]
        cells[name] = {
            "seeds": sorted(record["seed"] for record in mine),
            "passed": sum(verdict["ok"] for verdict in verdicts),
            "acknowledged": sum(verdict["acknowledged"] for verdict in verdicts),
            "lost": sum(len(verdict["lost"]) for verdict in verdicts),
            "doubled": sum(len(verdict["doubled"]) for verdict in verdicts),
            "recovered": sorted({verdict["recovered"] for verdict in verdicts}),
            "lives_on": sorted({verdict["live"] or "neither" for verdict in verdicts}),
            "longest_silence_seconds": max(verdict["longest_silence_seconds"] for verdict in verdicts),
            "problems": [f"seed {record['seed']}: {text}" for record in mine for text in record["verdict"]["problems"]],
            "commit": mine[-1]["commit"],
        }
    return cells


def cell_text(cell: t.Optional[Json]) -> str:
    """One cell in a few words; empty when it was not run."""
    if cell is None:
        return ""
    runs = len(cell["seeds"])
    words = f"{cell['passed']} of {runs}" if cell["passed"] != runs else f"{runs}"
    if cell["passed"] != runs:
        return f"{words} FAILED, lost {cell['lost']}, doubled {cell['doubled']}"
    return f"{words}: lost {cell['lost']}, doubled {cell['doubled']}, {' or '.join(cell['recovered'])}"


def line(record: Json) -> str:
    """One run of one cell, for a terminal: all that was seen of it."""
    verdict = record["verdict"]
    head = (
        f"{'ok    ' if verdict['ok'] else 'FAILED'} {record['cell']} seed {record['seed']}: "
        f"{verdict['acknowledged']} acknowledged, {len(verdict['lost'])} lost, {len(verdict['doubled'])} doubled, "
        f"{verdict['unanswered']} without an answer, lives on the {verdict['live'] or 'neither'}, recovered "
        f"{verdict['recovered'] or 'not needed'}, silent for {verdict['longest_silence_seconds']} s at most, "
        f"{record['seconds']:.0f} s"
    )
    return "\n".join([head, *(f"         {problem}" for problem in verdict["problems"])])


def text_table(cells: t.Mapping[str, Json]) -> str:
    """The cells that were run, one a line, phase by phase."""
    lines = []
    for phase in PHASES:
        for fault in FAULTS:
            cell = cells.get(f"{phase}:{fault}")
            if cell is not None:
                silence = f"silent for {cell['longest_silence_seconds']} s at most"
                lines.append(f"  {phase:<18} {fault:<21} {cell_text(cell)}; {silence}")
    return "\n".join(lines)


def markdown(cells: t.Mapping[str, Json]) -> str:
    """Phases by faults; a dash where a fault makes no sense, empty where it was not tried."""
    names = [name for name in FAULTS if any(key.endswith(f":{name}") for key in cells)]
    lines = [f"| phase | {' | '.join(FAULTS[name].title for name in names)} |", "|---" * (len(names) + 1) + "|"]
    for phase in PHASES:
        texts = [
            cell_text(cells.get(f"{phase}:{name}")) or ("" if allowed(phase, FAULTS[name]) else "-") for name in names
        ]
        if any(cells.get(f"{phase}:{name}") for name in names):
            lines.append(f"| `{phase}` | {' | '.join(texts)} |")
    return "\n".join(lines) + "\n"
