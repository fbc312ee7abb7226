# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world with two hosts, in which every run of a move can end after every single entry of every step.

The journals, the decision and the lists of what a step writes and does are the project's own. Only the hosts are made
up: whether a copy lives, whether it would come back with a boot, whether its data are whole, and whether data still come
that a run has begun to send, which may outlive it.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_gate as gate
from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import phases, recovery
from ansible_collections.anycloud.container_host.plugins.module_utils._move import steps as definitions
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import (
    SOURCE,
    TARGET,
    Journal,
    MoveRefusedError,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal_text import render

STEPS = definitions.steps()
SENDING = ("precopy", "final_delta")
CUTOVER = ("freeze", "final_delta", "compare", "hand_over", "start")
Program = tuple[tuple[str, str, int], ...]
"""What is left of a run: host, step, number of its entry."""


def key_of(journal: t.Optional[Journal]) -> tuple[t.Any, ...]:
    """What tells this journal from another one."""
    if journal is None:
        return ()
    lease = journal.lease
    return (journal.phase, journal.intent, journal.outcome, journal.target_is_down, lease.holder, lease.generation)


@dataclass(frozen=True)
class World:
    """source_*: the copy on the source; target_*: that on the target. data: the target's: none, stale or whole.

    arriving: data still come that some run has sent.
    """

    source: t.Optional[Journal] = None
    target: t.Optional[Journal] = None
    source_lives: bool = True
    source_fenced: bool = False
    target_exists: bool = False
    target_lives: bool = False
    target_boots: bool = False
    data: str = "none"
    arriving: bool = False

    @property
    def key(self) -> tuple[t.Any, ...]:
        """What tells this world from another one."""
        return (
            key_of(self.source),
            key_of(self.target),
            (self.source_lives, self.source_fenced),
            (self.target_exists, self.target_lives, self.target_boots, self.data, self.arriving),
        )

    @property
    def live(self) -> int:
        """How many copies live."""
        return int(self.source_lives) + int(self.target_lives)

    def journal(self, host: str) -> t.Optional[Journal]:
        return self.source if host == SOURCE else self.target

    def writing(self, host: str, journal: Journal) -> World:
        # What happened when, and until when, decides nothing, and would make every world another one.
        plain = dataclasses.replace(journal, history=(), lease=dataclasses.replace(journal.lease, expires_at=0))
        return dataclasses.replace(self, **t.cast("dict[str, t.Any]", {host: plain}))


@dataclass(frozen=True)
class Run:
    """A control node's run: its holder, the generations of the leases it got, and what it still has to do."""

    holder: str
    generations: tuple[tuple[str, int], ...]
    program: Program


def reboot(world: World, host: str) -> World:
    """The host loses its power and boots again."""
    if host == SOURCE:
        return dataclasses.replace(world, source_lives=not world.source_fenced)
    return dataclasses.replace(world, target_lives=world.target_exists and world.target_boots, arriving=False)


def power_off_target(world: World) -> World:
    """The target loses its power and stays off for now."""
    return dataclasses.replace(world, target_lives=False, arriving=False)


def close_gate(world: World) -> World:
    """Wait for what still arrives, or end it."""
    return dataclasses.replace(world, arriving=False)


def outlive(world: World, run: Run) -> t.Optional[World]:
    """The run dies while it sends data, and they still come; None when it doesn't send."""
    if run.program[0][1].split()[0] not in SENDING:
        return None
    after, left = advance(world, run)
    # Sending is never the last thing a run does: nothing left to do is that it was refused.
    return None if left is None else dataclasses.replace(after, data="stale", arriving=True)


def arrive(world: World) -> World:
    """Some of the data that still come are written."""
    return dataclasses.replace(world, data="stale")


def compile_steps(decided: t.Sequence[recovery.Step]) -> Program:
    """The entries of all steps, one after the other."""
    found: list[tuple[str, str, int]] = []
    for step in decided:
        name = f"{step.name} {step.phase}"
        entries = STEPS.get(step.name, (None,))
        found.extend((step.host, name, number) for number in range(len(entries)))
    return tuple(found)


def start_run(
    world: World, holder: str, reachable: t.Collection[str], wish: str, target_is_lost: bool = False
) -> tuple[World, t.Optional[Run]]:
    """A run begins: it takes the leases it can get, then decides. It takes over whoever held them, the worst case."""
    generations = []
    for host in (SOURCE, TARGET):
        journal = world.journal(host)
        if host in reachable and journal is not None and journal.unfinished:
            taken = journals.take_lease(journal, holder, 0, 1, ["*"])
            world = world.writing(host, taken)
            generations.append((host, taken.lease.generation))
            world = close_gate(world) if host == TARGET else world
    source: recovery.Seen = world.source if SOURCE in reachable else recovery.UNREACHABLE
    target: recovery.Seen = world.target if TARGET in reachable else recovery.UNREACHABLE
    decision = recovery.decide(source, target, wish, target_is_lost)
    steps = decision.steps
    if decision.action == recovery.BEGIN and world.source is not None:
        return world, None  # one move is enough
    return world, Run(holder, tuple(generations), compile_steps(steps)) if steps else None


def fall_back(world: World, run: Run, reachable: t.Collection[str]) -> t.Optional[Run]:
    """A run whose step failed rolls back by itself, with the leases it has; None where that is not the way."""
    source: recovery.Seen = world.source if SOURCE in reachable else recovery.UNREACHABLE
    target: recovery.Seen = world.target if TARGET in reachable else recovery.UNREACHABLE
    decision = recovery.decide(source, target, recovery.ROLL_BACK)
    if decision.action != recovery.ROLL_BACK:
        return None
    return Run(run.holder, run.generations, compile_steps(decision.steps))


def going_on(run: Run) -> Run:
    """What a run has begun on a host and can't end any more: the rest of the step. Of a cutover it is all until the
    target has started, since the hosts see to that by themselves.
    """
    first = run.program[0]
    cutover = first[1].split()[0] in CUTOVER
    left = []
    for entry_of in run.program:
        if entry_of[:2] != first[:2] and not (cutover and entry_of[1].split()[0] in CUTOVER):
            break
        left.append(entry_of)
    return dataclasses.replace(run, program=tuple(left))


def advance(world: World, run: Run, verify_fails: bool = False) -> tuple[World, t.Optional[Run]]:
    """One entry of a run. None for the run once it is refused, fails, or is through."""
    host, name, number = run.program[0]
    step, phase = name.split()
    rest = run.program[1:]
    generations = dict(run.generations)
    try:
        if step == "begin":
            wanted = Journal("m", "shop", host, "a", "b")
            there = world.journal(host)
            journal = journals.begin([there] if there else [], wanted, host == SOURCE and world.source_fenced)
            taken = journals.take_lease(journal, run.holder, 0, 1, [run.holder])
            generations[host] = taken.lease.generation
            world = world.writing(host, taken)
        else:
            for side in (SOURCE, TARGET) if host == recovery.BOTH else (host,):
                held = world.journal(side)
                if side in generations and held is not None:
                    journals.check_lease(held, run.holder, generations[side])
                elif host != recovery.BOTH:
                    return world, None
            if host == recovery.BOTH:
                demand_let_in(world, step, generations)
                world = transfer(world, step)
            else:
                world = entry(world, host, step, phase, number, verify_fails)
    except MoveRefusedError:
        return world, None
    left = Run(run.holder, tuple(sorted(generations.items())), rest) if rest else None
    return world, left


def demand_let_in(world: World, step: str, generations: t.Mapping[str, int]) -> None:
    """What the source and the target's own program say to data that are about to come. Raises MoveRefusedError."""
    if step not in (*SENDING, "seed_images"):
        return
    if world.source is not None:
        journals.demand_may_carry(world.source, generations.get(SOURCE, 0))
    try:
        gate.admit(None if world.target is None else render(world.target), generations.get(TARGET, 0))
    except gate.RefusedError as error:
        raise MoveRefusedError(str(error)) from error


def transfer(world: World, step: str) -> World:
    """What goes between the hosts. Raises MoveRefusedError while the target's gate is locked by other data."""
    if step in SENDING and world.arriving:
        raise MoveRefusedError("another copy still writes")
    if step == "remove_keys":
        return close_gate(world)
    if step == "precopy":
        return dataclasses.replace(world, data="stale")
    if step == "final_delta":
        return dataclasses.replace(world, data="stale" if world.source_lives else "whole")
    return world


def entry(world: World, host: str, step: str, phase: str, number: int, verify_fails: bool) -> World:
    """One entry of a step on one host, its guard first. Raises MoveRefusedError."""
    journal = world.journal(host)
    assert journal is not None
    if step in ("note", "compare"):
        return world.writing(host, journals.complete(journal, phase, 0))
    made = STEPS[step][number]
    if made.kind == definitions.WRITE:
        return world.writing(host, made.change(journal, 0))
    made.guard(journal)
    return act(world, made.action, verify_fails)


def act(world: World, action: str, verify_fails: bool) -> World:
    """What an action does to the hosts."""
    changes: dict[str, dict[str, t.Any]] = {
        definitions.STAGE: {},
        definitions.PREPARE_TARGET: {"target_exists": True},
        definitions.FENCE: {"source_fenced": True},
        definitions.STOP: {"source_lives": False},
        definitions.CLOSE_GATE: {},
        definitions.START_TARGET: {"target_exists": True, "target_lives": True},
        definitions.AWAIT_HEALTHY: {"target_exists": True, "target_lives": True},
        definitions.ENABLE_AT_BOOT: {"target_exists": True, "target_lives": True, "target_boots": True},
        definitions.REMOVE_TARGET: {"target_exists": False, "target_lives": False, "target_boots": False},
        definitions.UNFENCE: {"source_fenced": False},
        definitions.START_SOURCE: {"source_lives": True},
    }
    after = close_gate(world) if action == definitions.CLOSE_GATE else dataclasses.replace(world, **changes[action])
    if action == definitions.AWAIT_HEALTHY and verify_fails:
        raise MoveRefusedError("unhealthy")
    return after


def settle(world: World, wish: str, verify_fails: bool = False) -> World:
    """Runs with both hosts in reach and no more faults, until nothing is left to do (three are enough)."""
    if not world.target_lives:
        world = reboot(world, TARGET)
    for number in range(3):
        world, run = start_run(world, f"last-{number}", (SOURCE, TARGET), wish)
        while run is not None:
            world, run = advance(world, run, verify_fails)
        if verify_fails:
            wish = recovery.ROLL_BACK
    return world


def past_no_return(world: World) -> bool:
    """Whether the target's copy is the workload."""
    journal = world.source
    return journal is not None and journal.reached >= phases.rank(phases.NO_RETURN)
