# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""systemd units: running or not, started at boot or not, masked or not."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run, Step

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader

RUNNING, STOPPED, MASKED = "running", "stopped", "masked"
ACTIVE_STATES = ("active", "activating", "reloading")
# Unit files that can be enabled and are; static and generated ones are started by others (systemctl(1)).
ENABLED_STATES = ("enabled", "enabled-runtime", "static", "alias", "indirect", "generated", "linked")


@dataclass(frozen=True)
class Parameters:
    """units: with any_of one of them is enough, the first that is running, else the first that is installed.

    package: the one that brings them.
    """

    units: tuple[str, ...]
    any_of: bool
    state: str
    if_missing: str
    package: str


@dataclass(frozen=True)
class Unit:
    """A unit as systemd shows it. load is ``not-found`` for one that isn't installed."""

    load: str
    active: str
    file_state: str

    @property
    def is_installed(self) -> bool:
        """Whether there is such a unit."""
        return self.load != "not-found"

    @property
    def is_running(self) -> bool:
        """Whether it runs or is about to."""
        return self.active in ACTIVE_STATES

    @property
    def is_masked(self) -> bool:
        """Whether nothing can start it."""
        return self.load == "masked" or self.file_state.startswith("masked")

    @property
    def is_enabled(self) -> bool:
        """Whether it comes up at boot, by itself or by what needs it."""
        return self.file_state in ENABLED_STATES

    @property
    def words(self) -> str:
        """The unit's state as a person writes it."""
        if not self.is_installed:
            return "not installed"
        return f"{'masked' if self.is_masked else self.file_state or 'no unit file'}, {self.active}"


@dataclass(frozen=True)
class Seen:
    """Units by the name asked for. error: why systemd could not be asked. arriving: packages about to be installed."""

    units: t.Mapping[str, Unit]
    error: str = ""
    arriving: frozenset[str] = frozenset()


def parse_show(text: str, names: t.Sequence[str]) -> dict[str, Unit]:
    """The blocks of ``systemctl show``, one per unit in the order asked, parted by empty lines."""
    units = {}
    for name, block in zip(names, text.strip("\n").split("\n\n")):
        fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        units[name] = Unit(
            fields.get("LoadState", "not-found"), fields.get("ActiveState", "inactive"), fields.get("UnitFileState", "")
        )
    return units


class ServiceState(Kind[Parameters, Seen]):
    """Kind ``service_state``."""

    name = "service_state"

    def parse(self, reader: Reader) -> Parameters:
        units = reader.texts("units")
        return Parameters(
            units=tuple(unit if "." in unit else f"{unit}.service" for unit in units),
            any_of=reader.boolean("any_of", False),
            state=reader.choice("state", (RUNNING, STOPPED, MASKED)),
            if_missing=reader.choice("if_missing", (FAILED, NOT_APPLICABLE), FAILED),
            package=reader.text("package", ""),
        )

    def observe(self, scope: Scope[Parameters]) -> Seen:
        names = sorted({unit for item in scope.items for unit in item.parameters.units} | set(scope.kept))
        done = scope.io.run(["systemctl", "show", "--property=LoadState,ActiveState,UnitFileState", "--", *names])
        if done.rc != 0:
            return Seen({}, f"systemd can't be asked: {done.stderr.strip() or f'systemctl failed with {done.rc}'}")
        return Seen(parse_show(done.stdout, names), arriving=scope.arriving)

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        if seen.error:
            builder.findings = [Finding(item.id, FAILED, reason=seen.error) for item in items]
            return builder.plan()
        for item in items:
            builder.findings.append(self._compare_one(item, seen, builder))
        wanted = {unit for item in items for unit in item.parameters.units}
        for name, entry in kept.items():
            if name in wanted:
                continue
            was, now = Unit(**entry.before), seen.units[name]
            if was != now and now.is_installed:
                builder.steps.extend(_steps_back(entry.control, name, was, now))
            builder.restorations.append(Restoration(name, entry.control, {name: now.words}, {name: was.words}))
        builder.steps = _with_one_reload(builder.steps)
        return builder.plan()

    def _compare_one(self, item: Item[Parameters], seen: Seen, builder: PlanBuilder) -> Finding:
        wants = item.parameters
        installed = [name for name in wants.units if seen.units[name].is_installed]
        if not installed:
            if wants.state != RUNNING:
                absent = dict.fromkeys(wants.units, "not installed")
                return Finding(item.id, PASSED, absent, absent)
            if wants.package in seen.arriving:
                units = wants.units[:1] if wants.any_of else wants.units
                before = dict.fromkeys(units, "not installed")
                return Finding(item.id, DEVIATES, before, dict.fromkeys(units, "enabled, active"))
            reason = f"not installed: {', '.join(wants.units)}; install {'one of them' if wants.any_of else 'it'}"
            return Finding(item.id, wants.if_missing, reason=reason)
        if wants.any_of:
            installed = [next((name for name in installed if seen.units[name].is_running), installed[0])]
        before = {name: seen.units[name].words for name in installed}
        after = {}
        for name in installed:
            unit = seen.units[name]
            reached, steps = _steps_to(item.id, name, unit, wants.state)
            after[name] = reached.words
            if steps:
                kept = {"load": unit.load, "active": unit.active, "file_state": unit.file_state}
                builder.remember(name, item.id, kept)
                builder.steps.extend(steps)
        return Finding(item.id, DEVIATES if before != after else PASSED, before, after)


def _with_one_reload(steps: t.Sequence[Step]) -> list[Step]:
    """Stops, then what becomes of the units' files, which systemd reads anew once and not each time, then starts."""
    commands = [step for step in steps if isinstance(step, Run)]
    of_files = [step for step in commands if step.argv[1] not in ("stop", "start")]
    controls = tuple(dict.fromkeys(control for step in of_files for control in step.controls))
    return [
        *(step for step in commands if step.argv[1] == "stop"),
        *(replace(step, argv=(step.argv[0], "--no-reload", *step.argv[1:])) for step in of_files),
        *([Run(controls, ("systemctl", "daemon-reload"))] if of_files else []),
        *(step for step in commands if step.argv[1] == "start"),
    ]


def _steps_to(control: str, name: str, unit: Unit, state: str) -> tuple[Unit, list[Run]]:
    """The unit as it shall be, and the commands that make it so."""

    def command(*words: str) -> Run:
        return Run((control,), ("systemctl", *words, name))

    if state == RUNNING:
        steps = [command("unmask")] if unit.is_masked else []
        if not unit.is_enabled:
            steps.append(command("enable"))
        if not unit.is_running:
            steps.append(command("start"))
        file_state = unit.file_state if unit.is_enabled else "enabled"
        return Unit("loaded", unit.active if unit.is_running else "active", file_state), steps
    stopped = "inactive" if unit.is_running else unit.active
    steps = [command("stop")] if unit.is_running else []
    if state == MASKED:
        if not unit.is_masked:
            steps.append(command("mask"))
        return Unit("masked", stopped, "masked"), steps
    # Masked is more than stopped: it stays.
    if unit.file_state.startswith(("enabled", "linked")):
        steps.append(command("disable"))
        return Unit(unit.load, stopped, "disabled"), steps
    return Unit(unit.load, stopped, unit.file_state), steps


def _steps_back(control: str, name: str, was: Unit, now: Unit) -> list[Run]:
    def command(*words: str) -> Run:
        return Run((control,), ("systemctl", *words, name))

    steps = []
    if now.is_masked and not was.is_masked:
        steps.append(command("unmask"))
    if was.file_state.startswith("enabled") and now.file_state != was.file_state:
        steps.append(command("enable"))
    if was.file_state == "disabled" and now.file_state.startswith("enabled"):
        steps.append(command("disable"))
    if was.is_running != now.is_running:
        steps.append(command("start" if was.is_running else "stop"))
    if was.is_masked and not now.is_masked:
        steps.append(command("mask"))
    return steps
