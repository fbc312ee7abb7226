# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A fleet's report: what became of every control on every host of a run, as one document."""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.control import PROFILES
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.packed import unpack
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import STATUSES, Score, score
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

SCHEMA_VERSION = 1

READ, FAILED, UNREACHABLE, SKIPPED, WAITING, LOST = "read", "failed", "unreachable", "skipped", "waiting", "lost"
STATES = (READ, FAILED, UNREACHABLE, SKIPPED, WAITING, LOST)
"""What a host can be in a report; see docs/baseline_report.md."""

_ABOUT = ("title", "section", "kind", "severity", "profile", "references")
_FOUND = ("status", "before", "after", "reason", "put_back")
_MESSAGES = {
    SKIPPED: "the baseline was not asked for on this host",
    WAITING: "its turn had not come yet when the report was written",
    LOST: "the host failed or was unreachable before its controls were looked at",
}

Document = dict[str, t.Any]


def fleet_document(
    readings: t.Mapping[str, t.Any], generated_at: datetime.datetime, active: t.Collection[str] = ()
) -> Document:
    """The document for what the modules ``baseline`` or ``baseline_info`` returned, by host.

    A reading without controls tells what went wrong (``unreachable``, ``failed``, ``msg``), or that the host was
    ``skipped``; an empty one that the host was not looked at. active: hosts still in the play; those of them that were
    not looked at wait for their turn. Raises InputError for readings that are none.
    """
    readings = {host: _unpacked(reading) for host, reading in readings.items()}
    problems = [
        Problem(f"readings['{host}']", "is no result of the baseline", "give what the module returned, or {}")
        for host, reading in readings.items()
        if not _is_reading(reading)
    ]
    if problems:
        raise InputError(problems)
    about: dict[str, dict[str, t.Any]] = {}
    waiting = frozenset(active)
    hosts = [_host(name, reading, name in waiting, generated_at.date(), about) for name, reading in readings.items()]
    judged = [reading["controls"] for reading in readings.values() if "controls" in reading]
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": generated_at.isoformat(timespec="seconds"),
        "complete": not any(host["state"] == WAITING for host in hosts),
        "summary": _fleet_summary(hosts),
        "scores": _scores([entry for entries in judged for entry in entries], _widest(hosts)),
        "controls": about,
        "hosts": hosts,
    }


def _unpacked(reading: t.Any) -> t.Any:
    """The reading with its controls as a list, where it has them as a text; None when that text can't be read."""
    if not isinstance(reading, t.Mapping) or "controls_packed" not in reading:
        return reading
    try:
        return {**reading, "controls": unpack(reading["controls_packed"])}
    except ValueError:
        return None


def _is_reading(reading: t.Any) -> bool:
    if not isinstance(reading, t.Mapping):
        return False
    return "controls" not in reading or (isinstance(reading["controls"], list) and "summary" in reading)


def _state(reading: t.Mapping[str, t.Any], active: bool) -> tuple[str, str]:
    if "controls" in reading:
        return READ, ""
    words = " ".join(str(reading.get("msg") or "").split()).removeprefix("Task failed: ")
    if reading.get("unreachable"):
        return UNREACHABLE, words or "no connection"
    if reading.get("failed"):
        return FAILED, words or "its controls could not be looked at"
    state = SKIPPED if reading.get("skipped") else WAITING if active else LOST
    return state, _MESSAGES[state]


def _host(
    name: str,
    reading: t.Mapping[str, t.Any],
    active: bool,
    today: datetime.date,
    about: dict[str, dict[str, t.Any]],
) -> Document:
    """One host's part; what is the same for every host about its controls goes into ``about``, once."""
    state, message = _state(reading, active)
    host: Document = {"host": str(name), "state": state, "message": message}
    if state != READ:
        return host
    entries = reading["controls"]
    for entry in entries:
        if entry["id"] not in about:
            about[entry["id"]] = {key: entry.get(key, "") for key in _ABOUT}
    profile = reading.get("profile", "")
    return {
        **host,
        "profile": profile,
        "mode": reading.get("mode", ""),
        "summary": dict(reading["summary"]),
        "scores": _scores(entries, profile),
        "decisions": [_decision(entry, today) for entry in entries if entry.get("decision")],
        "controls": [{"id": entry["id"], **{key: entry.get(key) for key in _FOUND}} for entry in entries],
    }


def _decision(entry: t.Mapping[str, t.Any], today: datetime.date) -> Document:
    decision = entry["decision"]
    left = None
    if decision["expires"]:
        left = (datetime.date.fromisoformat(decision["expires"]) - today).days
    return {
        "control": entry["id"],
        **{key: decision[key] for key in ("kind", "reason", "expires")},
        "days_left": left,
        "overdue": left is not None and left < 0,
    }


def _scores(entries: t.Sequence[t.Mapping[str, t.Any]], profile: str) -> Document:
    """The score as a whole, of each profile up to the one that holds, and of each section.

    A profile's holds the controls of the ones before it, as the profile itself does.
    """
    level = PROFILES.index(profile) + 1 if profile in PROFILES else 0
    by_profile = {
        name: score(entry for entry in entries if entry.get("profile") in PROFILES[: index + 1])
        for index, name in enumerate(PROFILES[:level])
    }
    by_section: dict[str, list[t.Mapping[str, t.Any]]] = {}
    for entry in entries:
        by_section.setdefault(entry.get("section") or "", []).append(entry)
    sections: dict[str, Score] = {name: score(found) for name, found in by_section.items() if name}
    return {
        "all": score(entries).as_dict(),
        "profiles": {name: value.as_dict() for name, value in by_profile.items()},
        "sections": {name: value.as_dict() for name, value in sections.items()},
    }


def _widest(hosts: t.Iterable[Document]) -> str:
    """The highest profile some host is held to."""
    held = {host.get("profile") for host in hosts}
    return next((name for name in reversed(PROFILES) if name in held), "")


def _fleet_summary(hosts: t.Sequence[Document]) -> Document:
    read = [host for host in hosts if host["state"] == READ]
    return {
        "hosts": len(hosts),
        "states": {state: sum(host["state"] == state for host in hosts) for state in STATES},
        "statuses": {status: sum(host["summary"][status] for host in read) for status in STATUSES},
        "put_back": sum(host["summary"].get("put_back", 0) for host in read),
        "overdue": sum(decision["overdue"] for host in read for decision in host["decisions"]),
    }


def render_json(document: Document) -> str:
    """The document as text, a line for each control and each host: short, and what changed shows line by line."""
    parts = [f'"{key}": {_line(value)}' for key, value in document.items() if key not in ("controls", "hosts")]
    controls = ",\n".join(f" {_line(name)}: {_line(value)}" for name, value in document["controls"].items())
    hosts = ",\n".join(f" {_line(host)}" for host in document["hosts"])
    parts += [f'"controls": {{\n{controls}\n}}', f'"hosts": [\n{hosts}\n]']
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: t.Any) -> str:
    return json.dumps(value, separators=(",", ":"))
