# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every crash of every run of a move: nowhere two live copies, and from everywhere the next run ends with one."""

from __future__ import annotations

import dataclasses
import typing as t

import move_model
import pytest
from move_model import World

from ansible_collections.anycloud.container_host.plugins.module_utils._move import journal as journals
from ansible_collections.anycloud.container_host.plugins.module_utils._move import phases, recovery
from ansible_collections.anycloud.container_host.plugins.module_utils._move import steps as definitions
from ansible_collections.anycloud.container_host.plugins.module_utils._move.journal import SOURCE, TARGET, Journal
from ansible_collections.anycloud.container_host.plugins.module_utils._move.phases import PHASES, rank

REACHABLE = ((SOURCE, TARGET), (SOURCE,), (TARGET,))
WISHES = (recovery.RESUME, recovery.ROLL_BACK)
RUNS = 3
State = tuple[World, tuple[move_model.Run, ...], int]


def successors(state: State) -> t.Iterator[State]:
    """All that can happen next: an entry of a run, a run that dies or starts, a host that loses its power."""
    world, runs, started = state
    for index, run in enumerate(runs):
        others = runs[:index] + runs[index + 1 :]
        yield world, others, started
        for verify_fails in (False, True):
            after, left = move_model.advance(world, run, verify_fails)
            yield after, (others if left is None else (*others, left)), started
        # A run that falls back counts as one more, so that the walk comes to its end.
        for reachable in REACHABLE[:2] if started < RUNS else ():
            back = move_model.fall_back(world, run, reachable)
            if back is not None and back.program != run.program:
                yield world, (*others, back), started + 1
                # That it has failed may be an error: its control node heard no more of it, and it goes on on its host.
                if not others:
                    yield world, (move_model.going_on(run), back), started + 1
        left_behind = move_model.outlive(world, run)
        if left_behind is not None:
            yield left_behind, others, started
    if world.arriving:
        yield move_model.arrive(world), runs, started
        yield dataclasses.replace(world, arriving=False), runs, started  # it has ended
    if started < RUNS and len(runs) < 2:
        for reachable in REACHABLE:
            for wish in WISHES:
                after, new = move_model.start_run(world, f"run-{started}", reachable, wish)
                yield after, (runs if new is None else (*runs, new)), started + 1
                # It may die between writing that the lease is its own and ending what still arrives.
                if world.arriving:
                    yield dataclasses.replace(after, arriving=True), runs, started + 1
    if started < RUNS and not runs and not world.target_lives:
        # The operator says that the target is off. It may boot all the same.
        after, new = move_model.start_run(world, f"run-{started}", (SOURCE,), recovery.RESUME, target_is_lost=True)
        yield after, (() if new is None else (new,)), started + 1
    for host in (SOURCE, TARGET):
        yield move_model.reboot(world, host), runs, started
    yield move_model.power_off_target(world), runs, started


def explore() -> t.Iterator[World]:
    """Every world that can be reached, with up to three runs, two of them at once."""
    first: State = (World(), (), 0)
    seen, waiting, worlds = {key(first)}, [first], set()
    while waiting:
        state = waiting.pop()
        found = state[0].key
        if found not in worlds:
            worlds.add(found)
            yield state[0]
        for after in successors(state):
            name = key(after)
            if name not in seen:
                seen.add(name)
                waiting.append(after)


def key(state: State) -> tuple[t.Any, ...]:
    """What tells this state from another one; which of two runs is named first makes no difference."""
    world, runs, started = state
    return world.key, frozenset(runs), started


@pytest.fixture(scope="module", name="reached")
def fixture_reached() -> list[World]:
    return list(explore())


def wrong_with(world: World) -> str:
    """What must never be, in words; "" when all is well."""
    if world.live > 1:
        return "two copies live"
    if world.target_lives and world.data != "whole":
        return "the target lives on half the data"
    if world.target_lives and world.arriving:
        return "data come into the volumes the target lives on"
    if world.target and world.target.outcome == journals.ROLLED_BACK and world.arriving:
        return "data come into what was removed"
    if move_model.past_no_return(world) and world.source_lives:
        return "the source lives although the target has taken over"
    if world.target_boots and not world.source_fenced:
        return "both would come back with a boot"
    return ""


def test_nowhere_two_copies_live(reached: list[World]) -> None:
    wrong = {wrong_with(world) for world in reached} - {""}
    assert not wrong
    assert len(reached) > 300, "the walk has lost its way"
    assert {world.live for world in reached} == {0, 1}
    assert {world.arriving for world in reached} == {False, True}
    assert {world.source.phase for world in reached if world.source} == {*PHASES} - {
        phases.IMAGES_SEEDED,
        phases.FINAL_DELTA,
        phases.STARTED,
        phases.VERIFIED,
        phases.SWITCHED,
    }


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("verify_fails", [False, True])
def test_from_everywhere_the_next_run_ends_with_one_copy(reached: list[World], wish: str, verify_fails: bool) -> None:
    for world in reached:
        taken_over = move_model.past_no_return(world)
        after = move_model.settle(world, wish, verify_fails and not taken_over)
        assert after.live == 1, (world, after)
        assert not wrong_with(after), (world, after)
        assert after.source is None or not after.source.unfinished
        assert after.target is None or not after.target.unfinished
        if taken_over:
            assert after.target_lives, (world, after)
            assert after.target_boots, (world, after)
        for host in (SOURCE, TARGET):
            assert move_model.reboot(after, host).live == 1, (world, after)


def breaking(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Take one of the rules away."""
    if what == "no fence":
        without = tuple(entry for entry in move_model.STEPS["freeze"] if entry.action != definitions.FENCE)
        monkeypatch.setitem(move_model.STEPS, "freeze", without)
    elif what == "old writers are heard":
        monkeypatch.setattr(journals, "check_lease", lambda *_arguments: None)
    elif what == "the target may always boot":
        boots = dataclasses.replace(move_model.STEPS["settle"][1], guard=lambda _journal: None)
        started = (*move_model.STEPS["start"], boots)
        monkeypatch.setitem(move_model.STEPS, "start", started)
    elif what == "what is made ready comes back with a boot":
        act = move_model.act
        monkeypatch.setattr(
            move_model,
            "act",
            lambda world, action, fails: dataclasses.replace(
                act(world, action, fails), **({"target_boots": True} if action == definitions.PREPARE_TARGET else {})
            ),
        )
    elif what == "the gate asks no journal":
        monkeypatch.setattr(move_model, "demand_let_in", lambda *_arguments: None)
    elif what == "nobody ends what still arrives":
        monkeypatch.setattr(move_model, "close_gate", lambda world: world)
    elif what == "two copies at a time, and the next run ends none":
        monkeypatch.setattr(move_model, "close_gate", lambda world: world)
        at_start = move_model.STEPS["start"]
        ended = dataclasses.replace(at_start[1], action="end_what_arrives")
        monkeypatch.setitem(move_model.STEPS, "start", (at_start[0], ended, *at_start[2:]))
        act, transfer = move_model.act, move_model.transfer
        monkeypatch.setattr(
            move_model,
            "act",
            lambda world, action, fails: (
                dataclasses.replace(world, arriving=False)
                if action == "end_what_arrives"
                else act(world, action, fails)
            ),
        )
        monkeypatch.setattr(
            move_model,
            "transfer",
            lambda world, step: dataclasses.replace(
                transfer(dataclasses.replace(world, arriving=False), step), arriving=world.arriving
            ),
        )
    elif what == "the source comes back without asking":
        free = tuple(dataclasses.replace(entry, guard=lambda _journal: None) for entry in move_model.STEPS["restore"])
        monkeypatch.setitem(move_model.STEPS, "restore", free)
        monkeypatch.setattr(
            recovery,
            "_without_target",
            lambda source, _lost: recovery._roll_back(None, "", "") if source else recovery.decide(None, None),
        )


@pytest.mark.parametrize(
    "what",
    [
        "no fence",
        "old writers are heard",
        "the target may always boot",
        "what is made ready comes back with a boot",
        "the source comes back without asking",
        "the gate asks no journal",
        "nobody ends what still arrives",
        "two copies at a time, and the next run ends none",
    ],
)
def test_the_walk_finds_each_rule_that_is_missing(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    breaking(monkeypatch, what)
    assert any(wrong_with(world) for world in explore())


def journal(side: str, phase: str = phases.PLANNED, intent: str = "", **more: t.Any) -> Journal:
    return Journal("m", "shop", side, "alpha", "bravo", phase=phase, intent=intent, **more)


DECISIONS: list[tuple[recovery.Seen, recovery.Seen, str, str]] = [
    (None, None, "begin", "nothing_unfinished"),
    (journal(SOURCE), None, "resume", "interrupted"),
    (journal(SOURCE, phases.FROZEN), journal(TARGET, phases.VOLUMES_PRECOPIED), "resume", "interrupted"),
    (journal(SOURCE, phases.FROZEN), "unreachable", "roll_back", "target_unreachable_before_start"),
    (journal(SOURCE, phases.FROZEN, phases.STARTED), "unreachable", "blocked", "target_unreachable"),
    (journal(SOURCE, phases.FROZEN, phases.SWITCHED), "unreachable", "blocked", "target_unreachable_after_switch"),
    ("unreachable", journal(TARGET, phases.STARTED), "blocked", "source_unreachable"),
    ("unreachable", journal(TARGET, phases.SWITCHED), "resume", "source_unreachable_after_switch"),
    (journal(SOURCE, outcome="rolling_back"), journal(TARGET), "roll_back", "rolling_back"),
    (journal(SOURCE, outcome="rolled_back"), journal(TARGET), "clear_target", "source_rolled_back"),
    (None, journal(TARGET, phases.STARTED), "blocked", "source_journal_missing"),
    (None, journal(TARGET, phases.IMAGES_SEEDED), "clear_target", "source_rolled_back"),
    (
        journal(SOURCE, phases.RELEASED, outcome="released"),
        journal(TARGET, phases.SWITCHED),
        "resume",
        "source_released",
    ),
    (
        journal(SOURCE, phases.RELEASED, outcome="revived"),
        journal(TARGET, phases.SWITCHED),
        "blocked",
        "source_revived",
    ),
    (None, "unreachable", "blocked", "target_unreachable"),
]


@pytest.mark.parametrize(("source", "target", "action", "code"), DECISIONS)
def test_decisions(source: recovery.Seen, target: recovery.Seen, action: str, code: str) -> None:
    decision = recovery.decide(source, target)
    assert (decision.action, decision.code) == (action, code)
    assert bool(decision.remedy) == (action == recovery.BLOCKED)
    assert bool(decision.steps) == (action != recovery.BLOCKED)


def test_a_lost_target_takes_the_word_of_the_operator() -> None:
    handed_over = journal(SOURCE, phases.FROZEN, phases.STARTED)
    assert recovery.decide(handed_over, recovery.UNREACHABLE, target_is_lost=True).action == recovery.ROLL_BACK


def test_rolling_back_is_too_late_once_the_target_owns_the_workload() -> None:
    source = journal(SOURCE, phases.FROZEN, phases.SWITCHED)
    decision = recovery.decide(source, journal(TARGET, phases.VERIFIED), recovery.ROLL_BACK)
    assert (decision.action, decision.code) == (recovery.RESUME, "past_no_return")


def test_every_pair_of_journals_is_decided() -> None:
    sides = {
        side: [None, recovery.UNREACHABLE]
        + [
            journal(side, phase, intent, outcome=outcome)
            for phase in PHASES
            for intent in ("", *PHASES)
            if not intent or rank(intent) > rank(phase)
            for outcome in journals.OUTCOMES
        ]
        for side in (SOURCE, TARGET)
    }
    for source in sides[SOURCE]:
        for target in sides[TARGET]:
            decision = recovery.decide(source, target)  # type: ignore[arg-type]
            assert decision.steps or decision.remedy


@pytest.mark.parametrize("outcome", [word for word in journals.OUTCOMES if word not in journals.UNFINISHED])
def test_an_id_is_used_once(outcome: str) -> None:
    over = journal(TARGET, outcome=outcome)
    with pytest.raises(journals.MoveRefusedError, match=f"move m of shop is {outcome} here already"):
        journals.begin([over], journal(TARGET), fenced=False)
    another = dataclasses.replace(journal(TARGET), id="n")
    assert journals.begin([over], another, fenced=False) == another


def test_a_workload_that_is_moved_between_other_hosts() -> None:
    moving = journal(SOURCE, phases.FROZEN)
    decision = recovery.another_move([moving], "alpha", "charlie")
    assert decision is not None
    assert (decision.action, decision.code) == ("blocked", "another_move")
    assert "run it from alpha to bravo" in decision.remedy
    assert recovery.another_move([moving], "alpha", "bravo") is None
    assert recovery.another_move([moving], "", "") is None
    assert recovery.another_move([journal(SOURCE, outcome="released")], "alpha", "charlie") is None


@pytest.mark.parametrize(
    ("source", "target", "unjudged"),
    [
        (None, None, True),
        (journal(SOURCE), journal(TARGET), True),
        (journal(SOURCE, phases.VERDICT), journal(TARGET), False),
        (journal(SOURCE, outcome="rolling_back"), journal(TARGET), False),
    ],
)
def test_a_move_is_judged_until_its_verdict_is_written_down(
    source: recovery.Seen, target: recovery.Seen, unjudged: bool
) -> None:
    assert recovery.is_unjudged(recovery.decide(source, target)) is unjudged
