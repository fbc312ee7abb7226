# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A control: what shall hold on a host, why, who asks for it, and what it would break. Data, checked once."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import CONDITIONS, FEATURES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.names import KIND_NAMES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

PROFILES = ("level1", "level2", "strict")
"""Each holds the ones before it."""

SEVERITIES = ("low", "medium", "high")

ID_PATTERN = re.compile(r"[a-z][a-z0-9_]{2,63}")


@dataclass(frozen=True)
class Adjustment:
    """What becomes of a control when a feature is offered or a condition holds.

    parameters: replace those of the control, key by key; None exempts the control.
    """

    when: str
    reason: str
    parameters: t.Mapping[str, t.Any] | None = None


@dataclass(frozen=True)
class Control:
    """One control of the catalogue.

    parameters: for its kind. profile: the lowest profile that holds it. breaks: feature -> what it would do to it.
    requires: features and conditions without which the control has no object.
    """

    id: str
    title: str
    kind: str
    parameters: t.Mapping[str, t.Any]
    rationale: str = ""
    references: tuple[str, ...] = ()
    severity: str = "medium"
    profile: str = "level1"
    breaks: t.Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    adjust: tuple[Adjustment, ...] = ()


def merge_parameters(parameters: t.Mapping[str, t.Any], over: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Parameters with some replaced; mappings among them (such as sysctl values) are merged one level deep."""
    merged = dict(parameters)
    for name, value in over.items():
        old = merged.get(name)
        merged[name] = {**old, **value} if isinstance(old, t.Mapping) and isinstance(value, t.Mapping) else value
    return merged


def check_parameters(kind: str, parameters: t.Any, path: str, problems: list[Problem]) -> None:
    """Have the kind judge its parameters; problems are added to the list."""
    # Ansible compiles every file anew on each run: a control node needs the kinds for the user's own parameters only.
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import (  # noqa: PLC0415
        KINDS,
    )

    if kind in KINDS:
        reader = Reader(parameters, path, problems)
        KINDS[kind].parse(reader)
        reader.finish()


def _adjustment(
    entry: t.Any, control: Reader, path: str, kind: str, parameters: t.Mapping[str, t.Any], trusted: bool
) -> Adjustment:
    reader = Reader(entry, path, control.problems)
    when = reader.choice("when", (*FEATURES, *CONDITIONS))
    reason = reader.text("reason")
    exempt = reader.boolean("exempt", False)
    given = reader.mapping("parameters")
    reader.finish()
    if exempt == bool(given):
        reader.wrong("", "must either exempt or give parameters", "give exempt: true, or parameters")
    if given and not trusted:
        check_parameters(kind, merge_parameters(parameters, given), f"{path}.parameters", control.problems)
    return Adjustment(when, reason, None if exempt else dict(given))


def parse_control(given: t.Any, path: str, problems: list[Problem], trusted: bool = False) -> Control:
    """One control from plain data. Problems are added to the list; the control is usable only if there are none.

    trusted: its kind need not judge the parameters.
    """
    before = len(problems)
    reader = Reader(given, path, problems)
    identifier = reader.text("id")
    if identifier:
        # From here on the id says better than an index where the problem is.
        reader.path = f"{path}({identifier})"
        if not ID_PATTERN.fullmatch(identifier):
            reader.wrong("id", f"is {identifier!r}", "use 3 to 64 lower-case letters, digits and underscores")
    title = reader.text("title")
    kind = reader.choice("kind", KIND_NAMES)
    parameters = reader.mapping("parameters", required=True)
    rationale = reader.text("rationale", "")
    references = reader.texts("references", ())
    severity = reader.choice("severity", SEVERITIES, "medium")
    profile = reader.choice("profile", PROFILES, "level1")
    breaks = dict(reader.scalars("breaks", required=False))
    requires = reader.texts("requires", ())
    adjust = reader.entries("adjust")
    reader.finish()
    for feature in breaks:
        if feature not in FEATURES:
            reader.wrong(f"breaks.{feature}", "is no feature", f"use one of {', '.join(FEATURES)}")
    for index, word in enumerate(requires):
        if word not in FEATURES and word not in CONDITIONS:
            known = ", ".join((*FEATURES, *CONDITIONS))
            reader.wrong(f"requires[{index}]", f"is {word!r}", f"use one of {known}")
    if len(problems) == before and not trusted:
        check_parameters(kind, parameters, f"{reader.path}.parameters", problems)
    adjustments = tuple(
        _adjustment(entry, reader, f"{reader.path}.adjust[{index}]", kind, parameters, trusted)
        for index, entry in enumerate(adjust)
    )
    return Control(
        id=identifier,
        title=title,
        kind=kind,
        parameters=dict(parameters),
        rationale=rationale,
        references=references,
        severity=severity,
        profile=profile,
        breaks=breaks,
        requires=requires,
        adjust=adjustments,
    )


def parse_controls(
    sources: t.Iterable[tuple[str, t.Any]],
    problems: list[Problem],
    known: t.Mapping[str, Control] | None = None,
    trusted: bool = False,
) -> dict[str, Control]:
    """The catalogue: id -> control, in the order given. Every problem of every source is added to the list.

    sources: pairs of a name (a file, an option) and the list of controls read from it. known: controls parsed before,
    which come first. trusted: no kind need judge the parameters, as those of the catalogue, which its tests judge.
    """
    controls = dict(known or {})
    origin = dict.fromkeys(controls, "the catalogue")
    for name, entries in sources:
        if entries is None:
            continue
        if isinstance(entries, str) or not isinstance(entries, t.Sequence):
            problems.append(Problem(name, "is no list", "give a list of controls"))
            continue
        for index, entry in enumerate(entries):
            path = f"{name}[{index}]"
            control = parse_control(entry, path, problems, trusted)
            if control.id in controls:
                message = f"has the id {control.id!r} of {origin[control.id]}"
                problems.append(Problem(path, message, "give it an id of its own; to change a control, override it"))
                continue
            controls[control.id] = control
            origin[control.id] = path
    return controls
