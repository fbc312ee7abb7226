# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The commands a workload's services have for making their data whole before a copy, and for going on after it. Pure.

In a service's labels each is a JSON list of commands, each command a list of words:

    io.anycloud.container-host.move.before: '[["psql", "--username=postgres", "--command=CHECKPOINT"]]'
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.labels import (
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

BEFORE, AFTER = "before", "after"
MOMENTS = (BEFORE, AFTER)
LABEL = "io.anycloud.container-host.move"

_REMEDY = 'give a list of commands, each a list of words: [["redis-cli", "SAVE"]]'

Commands = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Hooks:
    """The commands of one service, in order."""

    before: Commands = ()
    after: Commands = ()

    def at(self, moment: str) -> Commands:
        """Those of one moment."""
        return self.before if moment == BEFORE else self.after


@dataclass(frozen=True)
class Step:
    """One command to run in one container."""

    service: str
    container: str
    argv: tuple[str, ...]


def read_commands(value: t.Any, path: str, problems: list[Problem]) -> Commands:
    """A list of commands; what is wrong with it is added to the problems."""
    if not isinstance(value, list):
        problems.append(Problem(path, "is no list", _REMEDY))
        return ()
    found = []
    for index, command in enumerate(value):
        where = f"{path}[{index}]"
        if not isinstance(command, list) or not command:
            problems.append(Problem(where, "is no list of words", _REMEDY))
        elif not all(isinstance(word, str) for word in command):
            problems.append(Problem(where, "has words that are no text", "put numbers in quotes"))
        elif not command[0].strip() or any("\0" in word for word in command):
            problems.append(Problem(where, "can't be run", "begin with the name of a program"))
        else:
            found.append(tuple(command))
    return tuple(found)


def read_hooks(value: t.Mapping[str, t.Any], path: str = "hooks") -> dict[str, Hooks]:
    """Hooks from an option: name of a service -> ``before`` and ``after``. Raises InputError with every problem."""
    problems: list[Problem] = []
    found = {}
    for service, entry in value.items():
        where = f"{path}.{service}"
        if not isinstance(entry, dict):
            problems.append(Problem(where, "is no mapping", "give before, after or both"))
            continue
        problems += [
            Problem(f"{where}.{name}", "is not known", "known are before and after")
            for name in entry
            if name not in MOMENTS
        ]
        commands = {name: read_commands(entry[name], f"{where}.{name}", problems) for name in MOMENTS if name in entry}
        found[service] = Hooks(**commands)
    if problems:
        raise InputError(problems)
    return found


def from_labels(labels: t.Mapping[str, str], service: str) -> Hooks:
    """The hooks in a container's labels. Raises InputError with every problem."""
    problems: list[Problem] = []
    commands = {}
    for moment in MOMENTS:
        text = labels.get(f"{LABEL}.{moment}")
        if text is None:
            continue
        path = f"services.{service}.labels.{LABEL}.{moment}"
        try:
            value = json.loads(text)
        except ValueError as error:
            problems.append(Problem(path, f"is no JSON ({error})", _REMEDY))
            continue
        commands[moment] = read_commands(value, path, problems)
    if problems:
        raise InputError(problems)
    return Hooks(**commands)


def plan(
    containers: t.Sequence[t.Mapping[str, t.Any]], project: str, moment: str, given: t.Mapping[str, Hooks]
) -> tuple[list[Step], list[str]]:
    """The commands to run, and the services with commands that have no running container.

    containers: as the engine lists them. given: takes the place of a service's labels. Raises InputError with the
    problems of all services.
    """
    problems: list[Problem] = []
    steps: list[Step] = []
    commanded: dict[str, bool] = {}
    for container in containers:
        labels = container.get("Labels") or {}
        if labels.get(COMPOSE_PROJECT) != project:
            continue
        service = str(labels.get(COMPOSE_SERVICE, ""))
        try:
            hooks = given.get(service) or from_labels(labels, service)
        except InputError as error:
            problems += error.problems
            continue
        name = str((container.get("Names") or [""])[0]).lstrip("/")
        running = container.get("State") == "running"
        if hooks.at(moment):
            commanded[service] = commanded.get(service, False) or running
        steps += [Step(service, name, argv) for argv in hooks.at(moment) if running]
    problems += [
        Problem(f"hooks.{service}", f"the workload {project} has no such service here", "correct the name")
        for service in given
        if service not in {str((entry.get("Labels") or {}).get(COMPOSE_SERVICE)) for entry in containers
                           if (entry.get("Labels") or {}).get(COMPOSE_PROJECT) == project}
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    return sorted(steps, key=lambda step: step.service), sorted(
        name for name, running in commanded.items() if not running
    )
