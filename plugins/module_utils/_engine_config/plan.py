# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Compare what an engine shall be with what was found: one plan, from which changed, diff and every step follow."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config import files as effects
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.distribution import Selection
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.docker import restart_steps
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import ConfigFile
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.units import Unit, UnitGoal
from ansible_collections.anycloud.container_host.plugins.module_utils._engine_places import DAEMON_JSON
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    PackageRequest,
    PackageStatus,
    version_matches,
)

# Steps after the files are in place, in the order in which they are done.
STEPS = ("daemon-reload", "journal", "reload", "restart")

UNITS = "/etc/systemd/system/"
FOLDER_MODE = 0o755


@dataclass(frozen=True)
class FoundFile:
    """A file as found on the host."""

    content: str
    mode: int


@dataclass(frozen=True)
class Observed:
    """Everything the plan depends on, read from the host. ``folders``: those that are there, path to mode."""

    packages: t.Mapping[str, PackageStatus] = field(default_factory=dict)
    files: t.Mapping[str, FoundFile] = field(default_factory=dict)
    units: t.Mapping[str, Unit] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    folders: t.Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Desired:
    """Everything the host shall be. ``remove_files``, ``remove_packages`` and ``remove_data``: what shall not be there.

    engine_unit: the unit whose reload or restart makes the engine take over its configuration.
    """

    selection: Selection
    files: tuple[ConfigFile, ...]
    goals: tuple[UnitGoal, ...]
    engine_unit: str
    hold: t.Optional[bool] = None
    remove_files: tuple[str, ...] = ()
    remove_packages: tuple[str, ...] = ()
    remove_data: tuple[str, ...] = ()


@dataclass
class Plan:
    """What is to be done, in parts, and the difference it makes."""

    difference: Difference = field(default_factory=Difference)
    install: list[PackageRequest] = field(default_factory=list)
    remove_packages: list[str] = field(default_factory=list)
    hold: list[str] = field(default_factory=list)
    unhold: list[str] = field(default_factory=list)
    write: list[ConfigFile] = field(default_factory=list)
    set_mode: list[ConfigFile] = field(default_factory=list)
    remove_files: list[str] = field(default_factory=list)
    remove_data: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    unmask: list[str] = field(default_factory=list)
    enable: list[str] = field(default_factory=list)
    disable: list[str] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    stop: list[str] = field(default_factory=list)

    def diff(self) -> list[dict[str, t.Any]]:
        """Ansible's ``diff``: one entry per file, as text, then one for everything else."""
        entries: list[dict[str, t.Any]] = []
        rest = Difference()
        for change in self.difference.changes:
            kind, _space, path = change.name.partition(" ")
            if kind == "file":
                header = {"before_header": path, "after_header": path}
                entries.append({**header, "before": change.before or "", "after": change.after or ""})
            else:
                rest.changes.append(change)
        return [*entries, rest.before_after()] if rest else entries

    def actions(self) -> list[str]:
        """The plan in words for the module's result, one line per action."""
        words = [
            f"install {request.name}{' ' + request.version if request.version else ''}" for request in self.install
        ]
        words += [f"remove package {name}" for name in self.remove_packages]
        words += [f"write {file.path}" for file in self.write]
        words += [f"set mode of {file.path}" for file in self.set_mode]
        words += [f"remove {path}" for path in [*self.remove_files, *self.remove_data]]
        for verb in ("hold", "unhold", "unmask", "enable", "disable"):
            words += [f"{verb} {name}" for name in getattr(self, verb)]
        words += [{"journal": "restart systemd-journald"}.get(step, f"{step} engine") for step in self.steps]
        words += [f"stop {name}" for name in self.stop] + [f"start {name}" for name in self.start]
        return words


def packages_to_change(selection: Selection, found: t.Mapping[str, PackageStatus], version: str) -> list[str]:
    """The packages that are missing, or whose version is not the pinned one."""
    absent = PackageStatus("", None)
    wrong = []
    for name in selection.packages:
        installed = found.get(name, absent).version
        if installed is None or (version and name in selection.engine and not version_matches(installed, version)):
            wrong.append(name)
    return wrong


def choose_versions(
    selection: Selection, names: t.Sequence[str], version: str, available: t.Mapping[str, t.Sequence[str]]
) -> list[PackageRequest]:
    """Exact versions for the packages to install, from what the repositories offer (newest first).

    Raises InputError for packages that can't be had, and for a pinned version that can't, listing what can.
    """
    problems, requests = [], []
    for name in names:
        offered = list(available.get(name, ()))
        if not offered:
            message = "no repository of this host has it"
            problems.append(Problem(f"package {name}", message, "check the host's package sources"))
        elif version and name in selection.engine:
            fitting = [one for one in offered if version_matches(one, version)]
            if fitting:
                requests.append(PackageRequest(name, fitting[0]))
            else:
                message = f"{name} {version} is not available"
                problems.append(Problem("version", message, f"use one of: {', '.join(offered)}"))
        else:
            requests.append(PackageRequest(name, offered[0]))
    if problems:
        raise InputError(problems)
    return requests


def _compare_packages(plan: Plan, desired: Desired, observed: Observed, requests: t.Sequence[PackageRequest]) -> None:
    found = observed.packages
    for request in requests:
        before = found[request.name].version if request.name in found else None
        plan.difference.compare(f"package {request.name}", before, request.version or "newest")
        plan.install.append(request)
    for name in desired.remove_packages:
        status = found.get(name)
        if status and status.version is not None:
            plan.difference.compare(f"package {name}", status.version, None)
            plan.remove_packages.append(name)
    installing = {request.name for request in requests}
    for name in desired.selection.holdable:
        held = name in found and found[name].held
        # What is held and gets another version is let go by the package manager, so it is held anew.
        if desired.hold is True and (not held or name in installing):
            plan.hold.append(name)
        elif desired.hold is False and held:
            plan.unhold.append(name)
        if desired.hold is not None:
            plan.difference.compare(f"hold {name}", held, desired.hold)


def _compare_files(plan: Plan, desired: Desired, observed: Observed) -> set[str]:
    steps: set[str] = set()
    for file in desired.files:
        found = observed.files.get(file.path)
        if plan.difference.compare(f"file {file.path}", found.content if found else None, file.content):
            plan.write.append(file)
            if file.path == DAEMON_JSON:
                steps.update(restart_steps(found.content if found else None, file.content))
            elif file.effect == effects.ENGINE:
                steps.add("restart")
                if file.path.startswith(UNITS):
                    steps.add(effects.DAEMON_RELOAD)
            elif file.effect != effects.NOTHING:
                steps.add(file.effect)
        elif found and plan.difference.compare(f"mode {file.path}", f"{found.mode:04o}", f"{file.mode:04o}"):
            plan.set_mode.append(file)
    for path in desired.remove_files:
        if path in observed.files:
            plan.difference.compare(f"file {path}", observed.files[path].content, None)
            plan.remove_files.append(path)
            if path == effects.JOURNAL_PATH:
                steps.add(effects.JOURNAL)
            elif path.startswith(UNITS):
                steps.add(effects.DAEMON_RELOAD)
            elif path.endswith(".conf"):
                steps.add("restart")
    return steps


def _compare_folders(plan: Plan, observed: Observed) -> None:
    """What is configured has to be read by engines that have no privileges, too."""
    for path, mode in observed.folders.items():
        if plan.difference.compare(f"mode {path}", f"{mode:04o}", f"{FOLDER_MODE:04o}"):
            plan.set_mode.append(ConfigFile(path, "", mode=FOLDER_MODE))


def _compare_units(plan: Plan, desired: Desired, observed: Observed) -> None:
    for goal in desired.goals:
        unit = observed.units.get(goal.name)
        loaded = unit is not None and unit.loaded
        enabled, active = (unit.enabled, unit.active) if unit else (False, False)
        # Not there yet: its package brings it, enabled or not, started or not. So every goal is pursued then.
        coming = not loaded and bool(plan.install)
        if not loaded and not coming and not goal.enabled and not goal.active:
            continue
        if unit is not None and unit.file_state.startswith("masked") and (goal.enabled or goal.active):
            plan.difference.compare(f"masked {goal.name}", True, False)
            plan.unmask.append(goal.name)
        if goal.enabled is not None and (enabled != goal.enabled or coming):
            plan.difference.compare(f"enabled {goal.name}", enabled if loaded else None, goal.enabled)
            (plan.enable if goal.enabled else plan.disable).append(goal.name)
        if goal.active is not None and (active != goal.active or coming):
            plan.difference.compare(f"active {goal.name}", active if loaded else None, goal.active)
            (plan.start if goal.active else plan.stop).append(goal.name)


def compare(desired: Desired, observed: Observed, requests: t.Sequence[PackageRequest] = ()) -> Plan:
    """The plan that makes ``observed`` into ``desired``; ``requests`` come from choose_versions."""
    plan = Plan()
    _compare_packages(plan, desired, observed, requests)
    steps = _compare_files(plan, desired, observed)
    _compare_folders(plan, observed)
    if observed.pending:
        # A run that died after writing files and before the engine had taken them over.
        plan.difference.compare("taken over by the engine", False, True)
        steps.update(observed.pending)
    if any(unit.needs_reload for unit in observed.units.values()):
        plan.difference.compare("unit files loaded by systemd", False, True)
        steps.add("daemon-reload")
    _compare_units(plan, desired, observed)
    engine = observed.units.get(desired.engine_unit)
    if not (engine and engine.active):
        # It reads its configuration when it starts.
        steps -= {"reload", "restart"}
    plan.steps = [step for step in STEPS if step in steps]
    for path in desired.remove_data:
        if path in observed.data:
            plan.difference.compare(f"data {path}", "present", None)
            plan.remove_data.append(path)
    return plan
