# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What baseline and baseline_info do on the control node: read the catalogue, resolve it, join the report."""

from __future__ import annotations

import datetime
import functools
import json
import time
import typing as t
from dataclasses import replace
from pathlib import Path

import yaml
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.arguments import (
    Arguments,
    selection_arguments,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import (
    Control,
    check_parameters,
    parse_controls,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.networks import PRIVATE_NETWORKS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import pack
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import (
    failure_message,
    summary,
    table,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.select import (
    NO_PROFILE,
    Selected,
    select,
    to_wire,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._confirmation import Answer, seek, take_back
from ansible_collections.anycloud.container_host.plugins.plugin_utils._payload import fingerprint, kept_payload

CATALOGUE = Path(__file__).resolve().parents[2] / "roles" / "baseline" / "vars" / "controls"
CATALOGUE_KEY = "__baseline_controls"


@functools.lru_cache(maxsize=1)
def read_catalogue() -> tuple[tuple[str, t.Any], ...]:
    """The catalogue's files as plain data: (file name, controls), by file name."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    sources = []
    for path in sorted(CATALOGUE.glob("*.yml")):
        with path.open("rb") as stream:
            sources.append((path.name, yaml.load(stream, loader)[CATALOGUE_KEY]))  # noqa: S506 - a safe loader
    return tuple(sources)


@functools.lru_cache(maxsize=1)
def catalogue() -> dict[str, Control]:
    """The catalogue's controls by id. Raises InputError when one is wrong; its parameters were judged by its tests."""
    problems: list[Problem] = []
    controls = parse_controls(read_catalogue(), problems, trusted=True)
    if problems:
        raise InputError(problems)
    return controls


def plain(value: t.Any) -> t.Any:
    """Values of a task as plain data: no tags, no templates, dates as text."""
    return json.loads(json.dumps(value, default=str))


def resolve(arguments: t.Mapping[str, t.Any], today: datetime.date) -> list[Selected]:
    """The controls that hold for a task's options. Raises InputError with all that is wrong."""
    problems: list[Problem] = []
    controls = with_firewall_options(known_controls(arguments, problems), arguments, problems)
    if arguments["walk"]:
        controls = with_parameters(controls, "file_walk", {"asked": True})
    decisions = (arguments["overrides"], arguments["exemptions"])
    return select(controls, effective_profile(arguments), arguments["features"], *decisions, today, problems)


def effective_profile(arguments: t.Mapping[str, t.Any]) -> str:
    """The profile that holds: none with the state absent."""
    return NO_PROFILE if arguments.get("state") == "absent" else arguments["profile"]


def with_firewall_options(
    controls: t.Mapping[str, Control], arguments: t.Mapping[str, t.Any], problems: list[Problem]
) -> dict[str, Control]:
    """The controls, those of the firewall with what the options say; the default is left out, being the kind's own."""
    options: dict[str, t.Any] = {}
    if arguments["published_from"] != list(PRIVATE_NETWORKS):
        options["published_from"] = arguments["published_from"]
    if arguments["firewall_allow"]:
        options["allow"] = arguments["firewall_allow"]
    if not options:
        return dict(controls)
    check_parameters("firewall", {"part": "input", **options}, "firewall", problems)
    return with_parameters(controls, "firewall", options)


def with_parameters(
    controls: t.Mapping[str, Control], kind: str, parameters: t.Mapping[str, t.Any]
) -> dict[str, Control]:
    """The controls, those of one kind with parameters they don't have of their own."""
    return {
        name: replace(control, parameters={**parameters, **control.parameters}) if control.kind == kind else control
        for name, control in controls.items()
    }


def known_controls(arguments: t.Mapping[str, t.Any], problems: list[Problem]) -> dict[str, Control]:
    """The catalogue and the user's own controls by id; what is wrong with these is added to the problems."""
    return parse_controls([("extra_controls", arguments["extra_controls"])], problems, catalogue())


def sections(arguments: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The chapter each control belongs to, by its id: the name of its file in the catalogue, ``own`` for the user's."""
    chapters = {entry["id"]: name.removesuffix(".yml") for name, entries in read_catalogue() for entry in entries}
    for entry in arguments["extra_controls"]:
        chapters.setdefault(str(entry.get("id")), "own")
    return chapters


def join(
    entries: t.Sequence[dict[str, t.Any]],
    selected: t.Sequence[Selected],
    known: t.Mapping[str, Control],
    chapters: t.Mapping[str, str],
) -> list[dict[str, t.Any]]:
    """The host's entries and those decided beforehand, in the catalogue's order, with what the host was not told.

    Entries of controls that are no longer selected (what was put back) come last.
    """
    answered = {entry["id"]: entry for entry in entries}
    joined = []
    for chosen in selected:
        entry = answered.pop(chosen.control.id, {})
        decided = {
            "status": chosen.status,
            "before": None,
            "after": None,
            "reason": chosen.reason,
            "put_back": False,
        }
        if chosen.status != "enforce" and entry:
            # Put back on the host because it is exempt now.
            decided.update(before=entry["before"], after=entry["after"], put_back=entry["put_back"])
        answer = {"id": chosen.control.id, **(decided if chosen.status != "enforce" else entry)}
        if chosen.overdue:
            answer.update(status="failed", reason=chosen.overdue)
        answer["decision"] = chosen.choice.as_dict() if chosen.choice else None
        joined.append(answer)
    joined.extend({**entry, "decision": None} for entry in answered.values())
    return [{**entry, **_about(known.get(entry["id"])), "section": chapters.get(entry["id"], "")} for entry in joined]


def _about(control: Control | None) -> dict[str, t.Any]:
    if control is None:
        return {"title": "", "kind": "", "severity": "", "profile": "", "references": []}
    return {
        "title": control.title,
        "kind": control.kind,
        "severity": control.severity,
        "profile": control.profile,
        "references": list(control.references),
    }


class BaselineAction(ActionBase):
    """Resolve the controls here, run the module there, join the two."""

    _supports_check_mode = True
    _supports_async = False
    extra_arguments: t.Callable[[], Arguments]

    def _further_arguments(self) -> dict[str, t.Any]:
        """What else the module is handed."""
        return {}

    def _login_user(self) -> str:
        """The user the connection logs in as, as far as the control node knows."""
        try:
            user = self._connection.get_option("remote_user")
        except KeyError:
            user = None
        return str(user or self._play_context.remote_user or "")

    def _confirm_once(self, run_id: str, task_vars: dict[str, t.Any] | None) -> Answer:
        """Confirm over a new connection, with the privileges of the task."""
        try:
            self._connection.reset()
            answer = self._execute_module(module_args={"confirm": run_id}, task_vars=task_vars)
        except AnsibleError as error:
            return Answer(None, str(error))
        said = answer.get("module_stderr") or answer.get("msg") or "the host's answer could not be understood"
        return Answer(answer.get("confirmed"), str(said).strip())

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        # What the module is handed by this plugin is not the user's to give.
        specification = {**selection_arguments(), **type(self).extra_arguments()}
        _validation, given = self.validate_argument_spec(specification)
        arguments = plain(given)
        try:
            selected = resolve(arguments, datetime.date.today())  # noqa: DTZ011 - the date where the operator is
        except InputError as error:
            raise AnsibleActionFail(str(error)) from error
        wire = [to_wire(chosen) for chosen in selected if chosen.status == "enforce"]
        sent = {name: arguments[name] for name in type(self).extra_arguments()}
        sent.update(controls=json.dumps(wire, separators=(",", ":")), login_user=self._login_user())
        sent.update(self._further_arguments())
        with kept_payload(self._task.action.rpartition(".")[2]):
            result.update(self._execute_module(module_args=sent, task_vars=task_vars))
        unconfirmed = result.pop("unconfirmed", None)
        refusal = ""
        if unconfirmed:
            run_id = unconfirmed["run_id"]
            reason = seek(lambda: self._confirm_once(run_id, task_vars), time.monotonic, time.sleep)
            refusal = take_back(result.get("controls", []), unconfirmed["controls"], reason) if reason else ""
        if "controls" in result:
            self._complete(result, arguments, selected)
        if refusal:
            words = result.get("msg")
            result.update(failed=True, msg=f"{refusal}; {words}" if words else refusal)
        return result

    def _complete(
        self, result: dict[str, t.Any], arguments: t.Mapping[str, t.Any], selected: t.Sequence[Selected]
    ) -> None:
        known = known_controls(arguments, [])
        result["controls"] = join(result["controls"], selected, known, sections(arguments))
        result["summary"] = summary(result["controls"])
        result["report"] = table(result["controls"], result["summary"])
        result["profile"] = effective_profile(arguments)
        if not arguments.get("enforce"):
            result["mode"] = "audit"
        else:
            result["mode"] = "check" if self._task.check_mode else "enforce"
        message = failure_message(result["controls"])
        if message:
            result.update(msg=message, failed=bool(arguments.get("enforce")))
        if arguments["controls_as"] == "packed":
            result["controls_packed"] = pack(result.pop("controls"))


# Strategies load an action plugin before they fork a worker for each host, so this is read once a run, not once a host.
catalogue()
fingerprint()
