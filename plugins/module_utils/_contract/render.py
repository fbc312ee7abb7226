# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A fleet's report for people (one table) and for machines (JUnit)."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _junit
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.report import READ
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import (
    GROUP_TITLES,
    HASHED_GROUPS,
)

_ID_DIGITS = 16
_NAMED_FIELDS = 3


def render_text(report: t.Mapping[str, t.Any]) -> str:
    """The table of hosts, what they agree in, and one line for every drift."""
    rows = [("host", "provider", "contract_id", "drift")]
    for entry in report["hosts"]:
        digest = (entry["contract_id"] or "-")[:_ID_DIGITS]
        rows.append((entry["host"], entry["provider"] or "-", digest, _drift_words(entry)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in (*widths, len("drift"))))
    lines += ["", *_agreement(report), *_details(report)]
    return "\n".join(lines).rstrip() + "\n"


def _drift_words(entry: t.Mapping[str, t.Any]) -> str:
    if entry["state"] != READ:
        return f"{entry['state']}: {entry['message']}"
    paths = [difference["path"] for difference in entry["drift"]]
    accepted = f" ({len(entry['accepted'])} accepted)" if entry["accepted"] else ""
    if not paths:
        return f"none{accepted}"
    more = f" and {len(paths) - _NAMED_FIELDS} more" if len(paths) > _NAMED_FIELDS else ""
    return f"{len(paths)}: {', '.join(paths[:_NAMED_FIELDS])}{more}{accepted}"


def _agreement(report: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    count = sum(1 for entry in report["hosts"] if entry["state"] == READ)
    if count < 2:
        return
    same = [group["group"] for group in report["groups"] if group["agree"]]
    other = [group["group"] for group in report["groups"] if not group["agree"]]
    yield f"The {count} hosts agree in {len(same)} of {len(report['groups'])} groups: {', '.join(same) or 'none'}."
    if other:
        yield f"They differ in: {', '.join(other)}."


def _details(report: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    for entry in report["hosts"]:
        for difference in entry["drift"]:
            yield f"{entry['host']}: {difference['path']} {difference['message']} [{difference['reason']}]"
    accepted: dict[str, list[str]] = {}
    for entry in report["hosts"]:
        for difference in entry["accepted"]:
            accepted.setdefault(difference["accepted_for"], []).append(difference["path"])
    for reason, paths in accepted.items():
        yield f"Accepted, {reason}: {', '.join(dict.fromkeys(paths))}."


def render_junit(report: t.Mapping[str, t.Any]) -> str:
    """JUnit XML: a suite per host, a case per group of the contract; accepted differences are told, but pass."""
    suites = (
        (entry["host"], _group_cases(entry) if entry["state"] == READ else [_error_case(entry)])
        for entry in report["hosts"]
    )
    return _junit.render_junit("container host contract", suites)


def _error_case(entry: t.Mapping[str, t.Any]) -> _junit.Case:
    name = "Contract can be read"
    return _junit.Case(entry["host"], name, _junit.ERROR, type=entry["state"], message=entry["message"])


def _group_cases(entry: t.Mapping[str, t.Any]) -> list[_junit.Case]:
    drift = _by_group(entry["drift"])
    accepted = _by_group(entry["accepted"])
    cases = []
    for group in dict.fromkeys([*HASHED_GROUPS, *drift, *accepted]):
        found = drift.get(group, [])
        outcome = (
            {
                "outcome": _junit.FAILURE,
                "type": found[0]["reason"],
                "message": f"{len(found)} difference{'s' if len(found) > 1 else ''}",
                "text": _lines(found),
            }
            if found
            else {}
        )
        output = "accepted:\n" + _lines(accepted[group]) if group in accepted else ""
        cases.append(_junit.Case(entry["host"], GROUP_TITLES.get(group, group), output=output, **outcome))
    return cases


def _by_group(differences: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, list[t.Mapping[str, t.Any]]]:
    groups: dict[str, list[t.Mapping[str, t.Any]]] = {}
    for difference in differences:
        groups.setdefault(difference["group"], []).append(difference)
    return groups


def _lines(differences: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    return "\n".join(f"{d['path']} {d['message']} [{d['reason']}]" for d in differences)
