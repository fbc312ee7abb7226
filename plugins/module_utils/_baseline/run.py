# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One pass over a host: observe everything, plan everything, keep what was, apply, look again."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record as records
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import way_back
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.conditions import find_conditions
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import (
    Connection,
    find_connection,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import CONDITIONS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Scope,
    apply_steps,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import FIRST, KINDS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    AT_NEXT_BOOT,
    DEVIATES,
    FAILED,
    PASSED,
    PENDING,
    UNKEPT,
    Finding,
    KindPlan,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import Entry
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import (
    Selected,
    resolve_conditions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

DONE_AGAIN = "done again: its drop-in reads differently, or an earlier run was cut off"
NOT_WRITTEN_DOWN = ", not written down"
NO_RECORD = "left as it is, since what it was can't be written down"
NO_WAY_BACK = "left as it is, since the host can't be made ready to take it back"

LOCK = "/run/container-host/baseline.lock"
BUSY = (
    "another run of the baseline is changing this host (one that was interrupted goes on to its end); try again later"
)


@dataclass
class Pass:
    """What one pass works with: the controls by kind, the record, the plans.

    unconfirmed: the kinds whose changes the host takes back by itself unless they are confirmed.
    """

    items: dict[str, list[Item[t.Any]]]
    record: records.Record
    connection: Connection | None
    plans: dict[str, KindPlan] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()

    @property
    def findings(self) -> dict[str, Finding]:
        """What was found, by control."""
        return {finding.control: finding for plan in self.plans.values() for finding in plan.findings}

    @property
    def changing(self) -> list[str]:
        """The kinds that have something to do."""
        return [kind for kind, plan in self.plans.items() if plan.all_steps]


def run(
    io: HostIO,
    selected: t.Sequence[Selected],
    login_user: str = "",
    enforce: bool = True,
    check_mode: bool = False,
    token: str = "",
) -> tuple[list[Entry], bool]:
    """Hold the host against the controls and, when enforcing outside check mode, make it so.

    Returns one entry per control (those put back included) and whether anything changed or would. Without enforcing,
    what deviates has failed. With a token, what could shut everybody out is taken back by the host unless it is
    confirmed with it (way_back.pending says whether). Where what was before can't be written down, nothing is changed.
    Raises HostError when another run is changing the host or that record can't be read, InputError for parameters.
    """
    acting = enforce and not check_mode
    with io.lock(LOCK, BUSY) if acting else contextlib.nullcontext():
        return _run(io, selected, login_user, enforce, check_mode, token)


def _run(
    io: HostIO, selected: t.Sequence[Selected], login_user: str, enforce: bool, check_mode: bool, token: str
) -> tuple[list[Entry], bool]:
    connection = find_connection(io, login_user)
    wanted = {adjustment.when for entry in selected for adjustment in entry.adjust}
    wanted |= {word for entry in selected for word in entry.requires}
    conditions = find_conditions(io, connection, wanted & set(CONDITIONS))
    resolved = [resolve_conditions(entry, conditions) for entry in selected]
    enforced = [entry for entry in resolved if entry.status == "enforce"]
    # An audit judges the host as it is, whatever an earlier run kept.
    record = records.parse_record(io.read_text(records.PATH)) if enforce else {}
    state = Pass(_items(enforced), record, connection)
    others = tuple(kind for kind in KINDS if kind not in FIRST)
    _plan(io, state, FIRST)
    arriving = frozenset(name for plan in state.plans.values() for name in plan.arriving)
    acting = enforce and not check_mode
    if arriving or not acting:
        _plan(io, state, others, arriving)
    if acting:
        foretold = state.findings
        way_back.postpone(io)
        _apply(io, state, FIRST)
        _plan(io, state, others)
        if token:
            _arm(io, state, token)
        _apply(io, state, others)
        _finish(io, state)
        state.plans = {kind: _with_side_effects(plan, foretold) for kind, plan in state.plans.items()}
    status_of_change = "would_change" if check_mode else "changed"
    entries = _entries(resolved, state, enforce, status_of_change)
    return entries, enforce and bool(state.changing)


def _arm(io: HostIO, state: Pass, token: str) -> None:
    """See to it that the host takes back by itself what could shut everybody out."""
    paths: list[str] = []
    commands: list[tuple[str, ...]] = []
    kinds = []
    controls: set[str] = set()
    for kind in state.changing:
        plan = state.plans[kind]
        touched = [path for step in plan.all_steps for path in step.paths]
        if not KINDS[kind].way_in:
            touched = [path for path in touched if way_back.is_way_in(path)]
        if KINDS[kind].way_in or touched:
            kinds.append(kind)
            paths.extend(touched)
            commands.extend(plan.back)
            controls.update(control for step in plan.all_steps for control in step.controls)
    try:
        if kinds and way_back.arm(io, token, dict.fromkeys(paths), commands, controls):
            state.unconfirmed = frozenset(kinds)
    except HostError as error:
        _refuse(state, kinds, f"{NO_WAY_BACK}: {error}")


def _refuse(state: Pass, kinds: t.Iterable[str], reason: str) -> None:
    """Leave these kinds as they are: whatever they would do something about has failed."""
    for kind in kinds:
        plan = state.plans[kind]
        concerned = {control for step in plan.all_steps for control in step.controls}
        concerned |= {finding.control for finding in plan.findings if finding.status in (DEVIATES, UNKEPT)}
        concerned |= {entry.control for entry in plan.restorations}
        state.failures.update(dict.fromkeys(concerned, reason))
        state.plans[kind] = replace(plan, steps=(), last_steps=())


def _with_side_effects(plan: KindPlan, foretold: t.Mapping[str, Finding]) -> KindPlan:
    """The plan with what the installation of a package reached by itself, such as a service that now runs."""

    def judge(finding: Finding) -> Finding:
        first = foretold.get(finding.control, finding)
        if first.status == DEVIATES and finding.status in (PASSED, PENDING, UNKEPT, DEVIATES):
            return replace(finding, status=DEVIATES, before=first.before)
        return finding

    return replace(plan, findings=tuple(judge(finding) for finding in plan.findings))


def _items(selected: t.Sequence[Selected]) -> dict[str, list[Item[t.Any]]]:
    items: dict[str, list[Item[t.Any]]] = {}
    problems: list[Problem] = []
    for entry in selected:
        kind = entry.control.kind
        parameters = KINDS[kind].parse(Reader(entry.parameters, entry.control.id, problems))
        items.setdefault(kind, []).append(Item(entry.control.id, parameters))
    if problems:
        raise InputError(problems)
    return items


def _plan(io: HostIO, state: Pass, kinds: t.Iterable[str], arriving: frozenset[str] = frozenset()) -> None:
    for name in kinds:
        items, kept = state.items.get(name, []), state.record.get(name, {})
        if items or kept:
            kind = KINDS[name]
            scope = Scope(io, items, kept, state.connection, arriving)
            try:
                plan = kind.compare(items, kind.observe(scope), kept)
            except HostError as error:
                # What can't be looked at fails; the other kinds go on.
                plan = KindPlan(tuple(Finding(item.id, FAILED, reason=str(error)) for item in items))
            state.plans[name] = _attributed(plan)


def _attributed(plan: KindPlan) -> KindPlan:
    """A plan with steps that no finding speaks of gets one that does: what is done is always in the report."""
    spoken = any(finding.status in (DEVIATES, UNKEPT) for finding in plan.findings)
    if not plan.all_steps or spoken or any(entry.before != entry.after for entry in plan.restorations):
        return plan
    ids = {control for step in plan.all_steps for control in step.controls}
    findings = tuple(
        replace(finding, status=UNKEPT, reason=DONE_AGAIN)
        if finding.control in ids and finding.status != FAILED
        else finding
        for finding in plan.findings
    )
    return replace(plan, findings=findings)


def _apply(io: HostIO, state: Pass, kinds: t.Iterable[str]) -> None:
    """Write down what was, then do the steps of these kinds."""
    changing = [kind for kind in kinds if kind in state.changing]
    before = state.record
    for kind in changing:
        state.record = records.extended(state.record, kind, state.plans[kind].keep)
    try:
        if state.record != before:
            records.save(io, state.record)
    except HostError as error:
        state.record = before
        _refuse(state, changing, f"{NO_RECORD}: {error}")
        return
    for kind in changing:
        state.failures.update(KINDS[kind].apply(io, state.plans[kind]))


def _finish(io: HostIO, state: Pass) -> None:
    """Do the last steps, look again at what was changed, take what was put back out of the record."""
    for plan in state.plans.values():
        state.failures.update(apply_steps(io, plan.last_steps))
    again = Pass(state.items, state.record, state.connection)
    _plan(io, again, state.changing)
    for kind, plan in again.plans.items():
        findings = {finding.control: finding for finding in plan.findings}
        for finding in state.plans[kind].findings:
            now = findings[finding.control]
            if finding.status in (DEVIATES, UNKEPT) and now.status in (DEVIATES, UNKEPT, FAILED):
                reason = now.reason if now.status == FAILED else f"was applied, yet is {_short(now.before)}"
                state.failures.setdefault(finding.control, reason)
    done = state.record
    later: dict[str, list[str]] = {}
    for kind, plan in state.plans.items():
        keys = [entry.key for entry in plan.restorations if entry.control not in state.failures]
        if kind in state.unconfirmed:
            later[kind] = keys
        else:
            done = records.without(done, kind, keys)
    if done != state.record:
        try:
            records.save(io, done)
        except HostError as error:
            for entry in (entry for plan in state.plans.values() for entry in plan.restorations):
                state.failures.setdefault(entry.control, str(error))
    if way_back.pending(io):
        way_back.forget_when_confirmed(io, later)
        way_back.expect_confirmation(io)


def _short(value: t.Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _entries(resolved: t.Sequence[Selected], state: Pass, enforce: bool, status_of_change: str) -> list[Entry]:
    findings = state.findings
    restored: dict[str, list[Restoration]] = {}
    for plan in state.plans.values():
        for restoration in plan.restorations:
            differs = restoration.before != restoration.after or restoration.reason
            if differs or restoration.control in state.failures:
                restored.setdefault(restoration.control, []).append(restoration)
    entries = []
    for chosen in resolved:
        control = chosen.control.id
        finding = findings.pop(control, None)
        if finding is None:
            entry = Entry(control, chosen.status, reason=chosen.reason)
        else:
            entry = _judge(finding, chosen.reason, enforce, status_of_change)
        entries.append(_failed_if(entry, state.failures))
    for control, finding in findings.items():
        entries.append(Entry(control, FAILED, finding.before, finding.after, finding.reason))
    known = {entry.id: index for index, entry in enumerate(entries)}
    for control, things in restored.items():
        entry = _restored(control, things, status_of_change)
        if control not in known:
            entries.append(_failed_if(entry, state.failures))
        elif entries[known[control]].status in ("exempt", "not_applicable"):
            old = entries[known[control]]
            entries[known[control]] = replace(old, before=entry.before, after=entry.after, put_back=True)
    return entries


def _judge(finding: Finding, note: str, enforce: bool, status_of_change: str) -> Entry:
    status, reason, before = finding.status, finding.reason, finding.before
    if status == UNKEPT and enforce:
        status = status_of_change
        if reason != DONE_AGAIN:
            before = {name: f"{value}{NOT_WRITTEN_DOWN}" for name, value in before.items()}
    elif status == UNKEPT:
        status, reason = "passed", ""
    elif status == PENDING:
        later = reason or AT_NEXT_BOOT
        status, reason = ("passed", later) if enforce else (FAILED, f"set, but {later}")
    elif status == DEVIATES:
        status = status_of_change if enforce else FAILED
        if not enforce and reason in ("", AT_NEXT_BOOT):
            reason = "deviates"
    reason = "; ".join(word for word in (note, reason) if word)
    return Entry(finding.control, status, before, finding.after, reason)


def _restored(control: str, things: t.Sequence[Restoration], status_of_change: str) -> Entry:
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    for thing in things:
        before.update(thing.before)
        after.update(thing.after)
    reason = "; ".join(
        dict.fromkeys(["put back as it was before", *(thing.reason for thing in things if thing.reason)])
    )
    return Entry(control, status_of_change, before, after, reason, put_back=True)


def _failed_if(entry: Entry, failures: t.Mapping[str, str]) -> Entry:
    if entry.id not in failures or entry.status == FAILED:
        return entry
    return replace(entry, status=FAILED, reason="; ".join(word for word in (entry.reason, failures[entry.id]) if word))


def ensure_root(io: HostIO) -> None:
    """Refuse to judge a host without the rights to: half of it could not be read. Raises HostError."""
    if io.read_bytes("/etc/shadow") is None:
        raise HostError("root privileges are needed to read and set the controls; use become: true")
