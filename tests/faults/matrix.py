# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: phases of a move, faults, and which faults make sense in which phase. Pure.

A phase here is one that is under way: a fault comes once a journal's history has the word that is written just before
it, and a moment later, which the seed decides.
"""

from __future__ import annotations

import random
import typing as t
from dataclasses import dataclass

SOURCE, TARGET, CONTROL = "source", "target", "control"

# Phase under way -> whose journal says so, and by which word of its history (see _move/journal.py, _move/steps.py).
PHASES: dict[str, tuple[str, str]] = {
    "planned": (SOURCE, "taken by"),
    "verdict": (TARGET, "taken by"),
    "images_seeded": (SOURCE, "verdict"),
    "volumes_precopied": (TARGET, "images_seeded"),
    "source_fenced": (SOURCE, "begins source_fenced"),
    "frozen": (SOURCE, "source_fenced"),
    "final_delta": (SOURCE, "frozen"),
    "started": (TARGET, "begins started"),
    "verified": (TARGET, "started"),
    "switched": (SOURCE, "begins switched"),
    "released": (SOURCE, "begins released"),
}
# The same for faults that have to be there before the data are: the run that stops the workload copies at once.
EARLIER: dict[str, tuple[str, str]] = {"final_delta": (SOURCE, "begins source_fenced")}
# Over in seconds, since the hosts see to them by themselves: a fault that takes its time would come in another phase.
QUICK = ("source_fenced", "frozen", "final_delta", "started")
QUICK_SECONDS = 0.8
CARRYING = ("images_seeded", "volumes_precopied", "final_delta")
"""The phases in which data go from host to host."""

# When what a fault takes away is given back.
BY_ITSELF, BEFORE_NEXT_RUN, AFTER_NEXT_RUN = "by itself", "before the next run", "after the next run"


@dataclass(frozen=True)
class Fault:
    """How a move is disturbed.

    host: where it happens (source, target, control). act: kill_control, second_control, power_cut, or the name of a fault
    of host.py. phases: those it makes sense in; all when empty. given_back: see above. at_once: comes with the word
    itself, since it has to be there before the data are.
    """

    name: str
    title: str
    host: str
    act: str
    phases: tuple[str, ...] = ()
    given_back: str = BY_ITSELF
    at_once: bool = False


_TABLE = (
    Fault("control_killed", "the control node is killed", CONTROL, "kill_control"),
    Fault("second_control", "a second control node starts the same move", CONTROL, "second_control"),
    Fault("control_source_cut", "control node and source don't hear each other", SOURCE, "control_cut"),
    Fault("control_target_cut", "control node and target don't hear each other", TARGET, "control_cut"),
    Fault("source_target_cut", "the target does not hear the source after byte N", SOURCE, "peer_cut", CARRYING, at_once=True),
    Fault("bad_link", "what the source sends is late, lost, damaged, out of order", SOURCE, "bad_link", CARRYING, at_once=True),
    Fault("bit_flipped", "one bit arrives as another one", TARGET, "bit_flip", ("volumes_precopied",), at_once=True),
    Fault("source_off", "the source loses its power", SOURCE, "power_cut", given_back=AFTER_NEXT_RUN),
    Fault("target_off", "the target loses its power and boots again", TARGET, "power_cut", given_back=BEFORE_NEXT_RUN),
    Fault("target_disk_full", "the target's disk is full", TARGET, "disk_full", (*CARRYING, "started"), BEFORE_NEXT_RUN,
          at_once=True),
    Fault("source_engine_killed", "the source's engine is killed", SOURCE, "engine_kill"),
    Fault("target_engine_killed", "the target's engine is killed", TARGET, "engine_kill"),
)  # fmt: skip
FAULTS: dict[str, Fault] = {fault.name: fault for fault in _TABLE}

ESSENTIAL = (
    "volumes_precopied:source_target_cut",
    "volumes_precopied:bit_flipped",
    "final_delta:control_killed",
    "started:control_killed",
    "started:target_off",
    "switched:source_off",
)
"""The cells `make test-all` runs."""


class MatrixError(ValueError):
    """A cell that is none."""


@dataclass(frozen=True)
class Cell:
    """One phase and one fault."""

    phase: str
    fault: Fault

    @property
    def name(self) -> str:
        """phase:fault, as the command line takes it."""
        return f"{self.phase}:{self.fault.name}"

    @property
    def trigger(self) -> tuple[str, str]:
        """Whose journal, and the word its history has once the phase is under way."""
        word = PHASES[self.phase]
        return EARLIER.get(self.phase, word) if self.fault.at_once else word


def allowed(phase: str, fault: Fault) -> bool:
    """Whether the fault makes sense in the phase."""
    return not fault.phases or phase in fault.phases


def all_cells() -> list[Cell]:
    """Every cell that makes sense, phase by phase."""
    return [Cell(phase, fault) for phase in PHASES for fault in FAULTS.values() if allowed(phase, fault)]


def parse(names: str) -> list[Cell]:
    """Cells from ``phase:fault,...``; ``essential`` and ``all`` stand for sets, ``phase:*`` and ``*:fault`` for a row
    and a column. Raises MatrixError with every problem.
    """
    every = all_cells()
    found: list[Cell] = []
    problems = []
    for name in [word.strip() for word in names.split(",") if word.strip()]:
        if name == "all":
            found += every
        elif name == "essential":
            found += parse(",".join(ESSENTIAL))
        else:
            phase, _colon, fault = name.partition(":")
            matched = [cell for cell in every if phase in ("*", cell.phase) and fault in ("*", cell.fault.name)]
            problems += [] if matched else [_why_none(name, phase, fault)]
            found += matched
    if problems:
        raise MatrixError("\n".join(problems))
    return list(dict.fromkeys(found))


def _why_none(name: str, phase: str, fault: str) -> str:
    if phase not in (*PHASES, "*"):
        return f"{name}: {phase!r} is no phase; use one of {', '.join(PHASES)}"
    if fault not in (*FAULTS, "*"):
        return f"{name}: {fault!r} is no fault; use one of {', '.join(FAULTS)}"
    return f"{name}: {fault} makes sense in {', '.join(FAULTS[fault].phases)} only"


@dataclass(frozen=True)
class Chance:
    """What a seed decides. delay_seconds: from the word to the fault. cut_after_bytes, cut_seconds: of a cut link."""

    delay_seconds: float
    cut_after_bytes: int
    cut_seconds: int


def chance(cell: Cell, seed: int, most_seconds: float, data_bytes: t.Mapping[str, int]) -> Chance:
    """The same cell and seed give the same chance. A cut is short enough to be waited out with an odd seed, and longer
    than a run has patience for with an even one.

    data_bytes: about how much goes from host to host in a phase, for those that carry any.
    """
    dice = random.Random(f"{cell.name}:{seed}")
    most_delay = min(most_seconds, QUICK_SECONDS) if cell.phase in QUICK else most_seconds
    delay = 0.0 if cell.fault.at_once else dice.uniform(0, most_delay)
    most = data_bytes.get(cell.phase, 0)
    return Chance(round(delay, 2), dice.randint(most // 8, most // 2), 40 if seed % 2 else 240)


def cells_with_seeds(cells: t.Sequence[Cell], seeds: int) -> list[tuple[Cell, int]]:
    """Each cell with seeds 1 to N, the seeds of a cell side by side."""
    return [(cell, seed) for cell in cells for seed in range(1, seeds + 1)]
