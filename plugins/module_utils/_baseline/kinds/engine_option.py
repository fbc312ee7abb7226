# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The configuration of the engines that are installed, in the words of ``engines/words.py``. Never writes.

The engines' files have one owner, the role engine: a deviation has failed, and the remedy names the variable of that
role that mends it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.docker import (
    docker_configuration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.files import (
    EngineFiles,
    read_engine_files,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.podman import (
    podman_configuration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.engines.words import (
    OPTIONS,
    Configuration,
    NoSetting,
    describe,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader

NO_ENGINE = "no container engine is installed yet; the role engine brings one that is configured so"

Wanted = t.Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Parameters:
    """allowed: option -> the values that may be; none at all with an empty list. required: those that must be.

    remedy: what mends it. otherwise: the status of a deviation; ``not_applicable`` where a running host can't be
    mended.
    """

    allowed: Wanted
    required: Wanted
    remedy: str
    otherwise: str


class EngineOption(Kind[Parameters, EngineFiles]):
    """Kind ``engine_option``."""

    name = "engine_option"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            allowed=_read_wanted(reader, "allowed"),
            required=_read_wanted(reader, "required"),
            remedy=reader.text("remedy"),
            otherwise=reader.choice("otherwise", (FAILED, NOT_APPLICABLE), FAILED),
        )
        if not parameters.allowed and not parameters.required:
            reader.wrong("allowed", "is missing", "give options with the values that may be")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> EngineFiles:
        return read_engine_files(scope.io)

    def compare(self, items: t.Sequence[Item[Parameters]], seen: EngineFiles, kept: Record) -> KindPlan:
        engines: dict[str, Configuration] = {}
        errors = []
        if seen.docker:
            try:
                engines["docker"] = docker_configuration(seen.docker, seen.host)
            except ContainerHostError as error:
                errors.append(str(error))
        if seen.podman:
            engines["podman"] = podman_configuration(seen.podman, seen.host)
        builder = PlanBuilder(kept)
        builder.findings = [
            Finding(item.id, FAILED, reason="; ".join(errors)) if errors else _judge(item, engines) for item in items
        ]
        return builder.plan()


def _read_wanted(reader: Reader, name: str) -> Wanted:
    wanted = {}
    for option, values in reader.mapping(name).items():
        if option not in OPTIONS:
            reader.wrong(f"{name}.{option}", "is no option of an engine", f"use one of {', '.join(OPTIONS)}")
        elif not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            reader.wrong(f"{name}.{option}", "is no list of texts", "give a list of texts, in quotes")
        else:
            wanted[option] = tuple(values)
    return wanted


def _judge(item: Item[Parameters], engines: t.Mapping[str, Configuration]) -> Finding:
    if not engines:
        return Finding(item.id, NOT_APPLICABLE, reason=NO_ENGINE)
    wants = item.parameters
    before, after, wrong, without = {}, {}, [], []
    for engine, configuration in engines.items():
        for option in dict.fromkeys((*wants.allowed, *wants.required)):
            value = configuration[option]
            if isinstance(value, NoSetting):
                without.append(value.reason)
                continue
            key = f"{engine} {option}"
            good, words = _hold(value, wants.allowed.get(option), wants.required.get(option, ()))
            before[key] = describe(value)
            after[key] = before[key] if good else words
            if not good:
                wrong.append(f"{option} of {engine} is {before[key]}, not {words}")
    if not before:
        return Finding(item.id, NOT_APPLICABLE, reason="; ".join(dict.fromkeys(without)))
    if not wrong:
        return Finding(item.id, PASSED, before, after)
    reason = f"{'; '.join(wrong)}: {wants.remedy}"
    if wants.otherwise == NOT_APPLICABLE:
        return Finding(item.id, NOT_APPLICABLE, reason=reason)
    return Finding(item.id, FAILED, before, after, reason)


def _hold(value: tuple[str, ...], allowed: tuple[str, ...] | None, required: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a value is as wanted, and what is wanted as a person writes it."""
    good = (allowed is None or set(value) <= set(allowed)) and set(required) <= set(value)
    if allowed is None:
        return good, f"at least {describe(required)}"
    return good, " or ".join(allowed) or "none"
