# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What patching did to a fleet: one document, and the same as a table for people and as JUnit for machines."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _junit

Entry = dict[str, t.Any]

SCHEMA_VERSION = 1
PATCHED, UNCHANGED, FAILED, NOT_PATCHED = "patched", "unchanged", "failed", "not patched"
STATES = (PATCHED, UNCHANGED, FAILED, NOT_PATCHED)
NOT_REACHED = "the play did not come to this host"


def fleet_document(results: t.Mapping[str, t.Mapping[str, t.Any]]) -> Entry:
    """The whole report. results: host -> what the role patch noted; empty for a host it did not come to."""
    hosts = [_entry(host, result) for host, result in results.items()]
    counts = {state: sum(entry["state"] == state for entry in hosts) for state in STATES}
    return {"schema_version": SCHEMA_VERSION, "counts": counts, "hosts": hosts}


def _entry(host: str, result: t.Mapping[str, t.Any]) -> Entry:
    containers = list(result.get("containers") or [])
    expected = [one for one in containers if one["expected"]]
    seconds = [one["seconds_away"] for one in containers if one["seconds_away"] is not None]
    messages = list(result.get("messages") or [])
    did = bool(result.get("updates") or result.get("interrupted") or result.get("rebooted") or result.get("services"))
    state = NOT_PATCHED if not result else FAILED if messages else PATCHED if did else UNCHANGED
    return {
        "host": host,
        "state": state,
        "message": NOT_REACHED if not result else "; ".join(messages),
        "foretold": bool(result.get("foretold")),
        "updates": list(result.get("updates") or []),
        "held": list(result.get("held") or []),
        "kept_back": list(result.get("kept_back") or []),
        "interrupted": list(result.get("interrupted") or []),
        "services_restarted": list(result.get("services") or []),
        "reboot": {
            "required": bool(result.get("reboot_required")),
            "reasons": list(result.get("reboot_reasons") or []),
            "done": bool(result.get("rebooted")),
            "kexec": bool(result.get("rebooted") and result.get("kexec")),
        },
        "containers": containers,
        "containers_back": sum(one["back"] for one in expected),
        "containers_expected": len(expected),
        "longest_seconds_away": max(seconds, default=None),
    }


def render_json(document: Entry) -> str:
    """The document itself."""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def render_text(document: Entry) -> str:
    """One row per host, then what takes more than a cell."""
    rows: list[tuple[str, ...]] = [("host", "state", "packages", "rebooted", "containers back", "longest away", "why")]
    rows += [_row(entry) for entry in document["hosts"]]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    rows.insert(1, (*("-" * width for width in widths), "---"))
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[6]]).rstrip() for row in rows]
    return "\n".join([*lines, "", *_details(document)]).rstrip() + "\n"


def _row(entry: Entry) -> tuple[str, ...]:
    if entry["state"] == NOT_PATCHED:
        return (entry["host"], entry["state"], "-", "-", "-", "-", entry["message"])
    state = f"would be {entry['state']}" if entry["foretold"] and entry["state"] == PATCHED else entry["state"]
    reboot = entry["reboot"]
    done = ("by kexec" if reboot["kexec"] else "yes") if reboot["done"] else "needed" if reboot["required"] else "no"
    longest = entry["longest_seconds_away"]
    return (
        entry["host"],
        state,
        str(len(entry["updates"])),
        done,
        f"{entry['containers_back']} of {entry['containers_expected']}",
        "-" if longest is None else f"{longest:g} s",
        entry["message"] or "; ".join(reboot["reasons"]),
    )


def _details(document: Entry) -> t.Iterator[str]:
    for entry in document["hosts"]:
        host = entry["host"]
        for update in entry["updates"]:
            words = f"{update['before']} -> {update['after']}" if update["before"] else f"new, {update['after']}"
            yield f"{host}: {update['name']} {words}{' (security)' if update['security'] else ''}"
        for held in entry["held"]:
            yield f"{host}: {held['name']} is held at {held['version']}, {held['offered']} is offered"
        if entry["kept_back"]:
            yield f"{host}: kept back: {', '.join(entry['kept_back'])}"
        if entry["interrupted"]:
            yield f"{host}: finished what was interrupted: {', '.join(entry['interrupted'])}"
        if entry["services_restarted"]:
            yield f"{host}: restarted: {', '.join(entry['services_restarted'])}"
        for one in entry["containers"]:
            yield f"{host}: {one['project']}/{one['service']} ({one['container']}) {_container_words(one)}"


def _container_words(one: t.Mapping[str, t.Any]) -> str:
    if not one["back"]:
        return f"is not back: {one['reason']}" if one["expected"] else "has ended, and is not to be restarted"
    if one["seconds_away"] is None:
        return "is back, after a time that can't be told"
    return "never was away" if not one["restarted"] else f"is back after {one['seconds_away']:g} s"


def render_junit(document: Entry) -> str:
    """A suite per host: one case for its packages and reboot, one for each container."""
    return _junit.render_junit("patching", ((entry["host"], _cases(entry)) for entry in document["hosts"]))


def _cases(entry: Entry) -> list[_junit.Case]:
    host, name = entry["host"], "Host is patched"
    if entry["state"] == NOT_PATCHED:
        return [_junit.Case(host, name, _junit.SKIPPED, message=entry["message"])]
    output = "\n".join(_details({"hosts": [{**entry, "containers": []}]}))
    failed = {"outcome": _junit.FAILURE, "type": FAILED, "message": entry["message"]} if entry["message"] else {}
    cases = [_junit.Case(host, name, output=output, **failed)]
    for one in entry["containers"]:
        words = _container_words(one)
        title = f"Container {one['container']} is back"
        if one["back"]:
            cases.append(_junit.Case(host, title, output=words))
        else:
            outcome = _junit.FAILURE if one["expected"] else _junit.SKIPPED
            cases.append(_junit.Case(host, title, outcome, type=one["state"], message=words))
    return cases
