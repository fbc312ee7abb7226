# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which controls hold for a host, and in which form: profile, overrides, exemptions, features. Pure."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import (
    PROFILES,
    Adjustment,
    Control,
    check_parameters,
    merge_parameters,
    parse_control,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.features import FEATURES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

NO_PROFILE = "none"
"""The profile without controls: everything is put back."""


@dataclass(frozen=True)
class Selected:
    """A control in the form that holds for one host.

    status: ``enforce``, or what is already decided: ``exempt``, ``not_applicable``, ``failed``.
    reason: why it is adjusted or decided; empty otherwise.
    overdue: why it counts as failed although it is enforced: its override is past its date.
    adjust, requires: what only the host can decide.
    choice: what the user decided about it; None when nothing.
    """

    control: Control
    parameters: t.Mapping[str, t.Any]
    status: str = "enforce"
    reason: str = ""
    overdue: str = ""
    adjust: tuple[Adjustment, ...] = ()
    requires: tuple[str, ...] = ()
    choice: Choice | None = None


@dataclass(frozen=True)
class Choice:
    """What a user decided about one control; parameters is None for an exemption."""

    id: str
    reason: str
    expires: datetime.date | None
    parameters: t.Mapping[str, t.Any] | None

    def is_over(self, today: datetime.date) -> bool:
        """Whether its last day has passed."""
        return self.expires is not None and self.expires < today

    @property
    def kind(self) -> str:
        """What it is called."""
        return "exemption" if self.parameters is None else "override"

    def as_dict(self) -> dict[str, str]:
        """It for a report: kind, reason, and the last day as YYYY-MM-DD, empty without one."""
        return {
            "kind": self.kind,
            "reason": self.reason,
            "expires": "" if self.expires is None else self.expires.isoformat(),
        }

    @property
    def says(self) -> str:
        """The reason, with the date it ends."""
        return self.reason if self.expires is None else f"{self.reason} (until {self.expires.isoformat()})"


def _read_choice(
    entry: t.Any, path: str, controls: t.Mapping[str, Control], problems: list[Problem], override: bool
) -> Choice:
    reader = Reader(entry, path, problems)
    identifier = reader.text("id")
    reason = reader.text("reason")
    expires_text = reader.given.get("expires")
    expires = None
    # YAML makes a date of an unquoted one.
    if isinstance(expires_text, datetime.date):
        reader.given = {**reader.given, "expires": expires_text.isoformat()[:10]}
    expires_text = reader.text("expires", "")
    if expires_text:
        try:
            expires = datetime.date.fromisoformat(expires_text)
        except ValueError:
            reader.wrong("expires", f"is {expires_text!r}", "give a date as YYYY-MM-DD, or leave it out")
    parameters = reader.mapping("parameters", required=True) if override else None
    reader.finish()
    if identifier and identifier not in controls:
        reader.wrong("id", f"is {identifier!r}, which is no control", _nearest(identifier, controls))
    elif identifier and parameters:
        control = controls[identifier]
        check_parameters(control.kind, merge_parameters(control.parameters, parameters), f"{path}.parameters", problems)
    return Choice(identifier, reason, expires, parameters)


def _nearest(word: str, known: t.Iterable[str]) -> str:
    pieces = set(word.split("_"))
    ranked = sorted(known, key=lambda name: (-len(pieces & set(name.split("_"))), name))
    near = [name for name in ranked if pieces & set(name.split("_"))][:3]
    return f"did you mean {' or '.join(near)}?" if near else "see the list of controls in the documentation"


def read_choices(
    overrides: t.Any, exemptions: t.Any, controls: t.Mapping[str, Control], problems: list[Problem]
) -> dict[str, Choice]:
    """What the user decided, by control id. Two decisions about one control are a problem."""
    choices: dict[str, Choice] = {}
    for name, entries, override in (("overrides", overrides, True), ("exemptions", exemptions, False)):
        if not isinstance(entries or [], list):
            problems.append(Problem(name, "is no list", "give a list of mappings with id and reason"))
            continue
        for index, entry in enumerate(entries or []):
            path = f"{name}[{index}]"
            choice = _read_choice(entry, path, controls, problems, override)
            if choice.id in choices:
                message = f"decides about {choice.id!r}, which is decided already"
                problems.append(Problem(path, message, "keep one override or exemption for each control"))
            choices.setdefault(choice.id, choice)
    return choices


def _fit(control: Control, features: t.AbstractSet[str]) -> Selected:
    """The control as the offered features allow it."""
    for adjustment in control.adjust:
        if adjustment.when in features:
            return apply_adjustment(Selected(control, control.parameters), adjustment)
    broken = [feature for feature in control.breaks if feature in features]
    if broken:
        reason = "; ".join(f"would break {feature}: {control.breaks[feature]}" for feature in broken)
        return Selected(control, control.parameters, "exempt", reason)
    missing = [word for word in control.requires if word in FEATURES and word not in features]
    if missing:
        return Selected(control, control.parameters, "not_applicable", f"the host does not offer {', '.join(missing)}")
    left = tuple(adjustment for adjustment in control.adjust if adjustment.when not in FEATURES)
    requires = tuple(word for word in control.requires if word not in FEATURES)
    return Selected(control, control.parameters, adjust=left, requires=requires)


def apply_adjustment(selected: Selected, adjustment: Adjustment) -> Selected:
    """The control after one adjustment."""
    reason = f"{selected.reason}; {adjustment.reason}" if selected.reason else adjustment.reason
    if adjustment.parameters is None:
        return replace(selected, status="exempt", reason=reason, adjust=())
    parameters = merge_parameters(selected.parameters, adjustment.parameters)
    return replace(selected, parameters=parameters, reason=reason, adjust=())


def _decide(control: Control, choice: Choice, today: datetime.date) -> Selected:
    overdue = ""
    if choice.is_over(today):
        overdue = f"its {choice.kind} ({choice.reason}) ended on {choice.expires}: renew it or take it away"
    if choice.parameters is None:
        status = "failed" if overdue else "exempt"
        return Selected(control, control.parameters, status, overdue or choice.says, choice=choice)
    parameters = merge_parameters(control.parameters, choice.parameters)
    return Selected(control, parameters, reason=f"overridden: {choice.says}", overdue=overdue, choice=choice)


def select(
    controls: t.Mapping[str, Control],
    profile: str,
    features: t.Iterable[str],
    overrides: t.Any,
    exemptions: t.Any,
    today: datetime.date,
    problems: t.Sequence[Problem] = (),
) -> list[Selected]:
    """The controls of a profile, each in the form that holds, in the catalogue's order.

    An override replaces the automatic adjustment: who gives a reason knows better. One past its date makes its
    control ``failed`` and leaves the host as it is: neither silently exempt for ever nor suddenly enforced.
    ``problems``: those found while reading the controls. Raises InputError with everything that is wrong in the input.
    """
    problems = list(problems)
    if profile not in (*PROFILES, NO_PROFILE):
        problems.append(Problem("profile", f"is {profile!r}", f"use one of {', '.join((*PROFILES, NO_PROFILE))}"))
    offered = list(features)
    for index, feature in enumerate(offered):
        if feature not in FEATURES:
            remedy = f"use some of {', '.join(FEATURES)}"
            problems.append(Problem(f"features[{index}]", f"is {feature!r}, which is no feature", remedy))
    choices = read_choices(overrides, exemptions, controls, problems)
    if problems:
        raise InputError(problems)
    if profile == NO_PROFILE:
        return []
    level = PROFILES.index(profile)
    chosen = []
    for control in controls.values():
        if PROFILES.index(control.profile) > level:
            continue
        choice = choices.get(control.id)
        if choice is None:
            chosen.append(_fit(control, frozenset(offered)))
        else:
            chosen.append(_decide(control, choice, today))
    return chosen


def to_wire(selected: Selected) -> dict[str, t.Any]:
    """What the host needs of an enforced control; titles and references stay on the control node."""
    wire: dict[str, t.Any] = {
        "id": selected.control.id,
        "kind": selected.control.kind,
        "parameters": dict(selected.parameters),
    }
    if selected.reason:
        wire["reason"] = selected.reason
    if selected.requires:
        wire["requires"] = list(selected.requires)
    if selected.adjust:
        wire["adjust"] = [
            {"when": entry.when, "reason": entry.reason}
            | ({"exempt": True} if entry.parameters is None else {"parameters": dict(entry.parameters)})
            for entry in selected.adjust
        ]
    return wire


def from_wire(wire: t.Sequence[t.Mapping[str, t.Any]]) -> list[Selected]:
    """The inverse of to_wire. Raises InputError; the parameters are judged when they get their types (run)."""
    problems: list[Problem] = []
    chosen = []
    for index, entry in enumerate(wire):
        given = {name: value for name, value in entry.items() if name != "reason"}
        control = parse_control({"title": entry.get("id"), **given}, f"controls[{index}]", problems, trusted=True)
        reason = str(entry.get("reason") or "")
        chosen.append(
            Selected(control, control.parameters, reason=reason, adjust=control.adjust, requires=control.requires)
        )
    if problems:
        raise InputError(problems)
    return chosen


def resolve_conditions(selected: Selected, conditions: t.AbstractSet[str]) -> Selected:
    """The control once the host's conditions are known."""
    missing = [word for word in selected.requires if word not in conditions]
    if missing:
        return replace(selected, status="not_applicable", reason=f"not the case here: {', '.join(missing)}", adjust=())
    for adjustment in selected.adjust:
        if adjustment.when in conditions:
            return apply_adjustment(selected, adjustment)
    return replace(selected, adjust=())
