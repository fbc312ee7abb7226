# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A fleet compared with its standard and with each other."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.canonical import canonical_json
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.diff import SCHEMA_REASON, UNREAD_REASON
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.document import (
    Document,
    check_document,
    flatten,
    unread_paths,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.field import HASHED
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.schema import (
    FIELDS_BY_PATH,
    HASHED_FIELDS,
    HASHED_GROUPS,
    SCHEMA_VERSION,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.standard import (
    Acceptance,
    Rule,
    parse_acceptances,
    parse_standard,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

Entry = dict[str, t.Any]

STANDARD, FLEET = "standard", "fleet"
READ, UNREACHABLE, FAILED, MISSING = "read", "unreachable", "failed", "not read"


def fleet_report(
    readings: t.Mapping[str, t.Any],
    standard: t.Any = None,
    accepted: t.Any = None,
    reference: t.Optional[str] = None,
    providers: t.Optional[t.Mapping[str, str]] = None,
) -> dict[str, t.Any]:
    """Compare all hosts with the standard, and with each other.

    ``readings`` has for every host what ``host_contract_info`` returned: ``contract``, or ``unreachable`` or
    ``failed`` with ``msg``; a mapping without any of these says that the host was never asked.
    Hosts are compared with ``reference``, or, without one, field by field with the value most hosts have; with equal
    numbers, with that of the host that meets the standard best, and of those the first. A field that breaks the
    standard isn't compared with the fleet. ``providers`` names the providers of hosts that couldn't be read.

    Returns ``compliant``, ``schema_version``, ``hosts`` (one entry each: host, provider, region, zone, state, message,
    contract_id, drift, accepted) and ``groups`` (group, agree, hosts by digest). Each drift has path, group, kind
    (standard, fleet or unread), reason, expected, actual, message. Raises InputError for bad input.
    """
    rules = parse_standard(standard or {})
    acceptances = parse_acceptances(accepted or [])
    contracts = {
        host: check_document(reading["contract"], f"readings['{host}'].contract")
        for host, reading in readings.items()
        if "contract" in reading
    }
    if reference and reference not in contracts:
        remedy = f"name one of {', '.join(contracts) or 'no host that could be read'}"
        raise InputError([Problem("reference", f"no contract of {reference} was read", remedy)])
    current = [host for host, document in contracts.items() if document["schema_version"] == SCHEMA_VERSION]
    current.sort(key=lambda host: len(_broken(contracts[host], rules)))
    expected = _expected({host: contracts[host] for host in current}, reference)
    hosts = [_host_entry(host, reading, rules, acceptances, expected) for host, reading in readings.items()]
    for entry in hosts:
        entry["provider"] = entry["provider"] or (providers or {}).get(entry["host"]) or None
    return {
        "schema_version": SCHEMA_VERSION,
        "compliant": all(entry["state"] == READ and not entry["drift"] for entry in hosts),
        "hosts": hosts,
        "groups": [_group_entry(group, contracts) for group in HASHED_GROUPS],
    }


def _expected(contracts: t.Mapping[str, Document], reference: t.Optional[str]) -> dict[str, tuple[t.Any, str]]:
    """For each hashed field the value to be expected, and whose value it is in words."""
    values = {host: flatten(document) for host, document in contracts.items()}
    unread = {host: unread_paths(document) for host, document in contracts.items()}
    expected = {}
    for field in HASHED_FIELDS:
        found: dict[str, list[str]] = {}
        for host in values:
            if field.path not in unread[host] and reference in (None, "", host):
                found.setdefault(canonical_json(values[host][field.path]), []).append(host)
        if found:
            hosts = max(found.values(), key=len)
            words = f"as on {hosts[0]}" if len(hosts) == 1 else f"as on {len(hosts)} hosts, {hosts[0]} among them"
            expected[field.path] = (values[hosts[0]][field.path], words)
    return expected


def _host_entry(
    host: str,
    reading: t.Mapping[str, t.Any],
    rules: t.Sequence[Rule],
    acceptances: t.Sequence[Acceptance],
    expected: t.Mapping[str, tuple[t.Any, str]],
) -> Entry:
    document = reading.get("contract")
    state, message = _state(reading)
    entry: Entry = {
        "host": host,
        **{key: (document["identity"].get(key) if document else None) for key in ("provider", "region", "zone")},
        "state": state,
        "message": message,
        "contract_id": document["contract_id"] if document else None,
        "drift": [],
        "accepted": [],
    }
    for difference in _drift(document, rules, expected) if document else ():
        why = next((a.reason for a in acceptances if a.covers(host, difference["path"])), None)
        if why is None:
            entry["drift"].append(difference)
        else:
            entry["accepted"].append({**difference, "accepted_for": why})
    return entry


def _state(reading: t.Mapping[str, t.Any]) -> tuple[str, str]:
    if "contract" in reading:
        return READ, ""
    words = " ".join(str(reading.get("msg") or "").split()).removeprefix("Task failed: ")
    if reading.get("unreachable"):
        return UNREACHABLE, words or "no connection"
    if reading.get("failed"):
        return FAILED, words or "the contract couldn't be read"
    return MISSING, "the host failed or was unreachable before its contract was read"


def _drift(
    document: Document, rules: t.Sequence[Rule], expected: t.Mapping[str, tuple[t.Any, str]]
) -> t.Iterator[Entry]:
    version = document["schema_version"]
    if version != SCHEMA_VERSION:
        message = f"the contract is of schema {version}, expected {SCHEMA_VERSION}; read it again"
        yield _entry("schema_version", FLEET, SCHEMA_REASON, SCHEMA_VERSION, version, message)
        return
    values, unread, broken = flatten(document), unread_paths(document), _broken(document, rules)
    for path, value in values.items():
        field = FIELDS_BY_PATH[path]
        if path in unread:
            if field.section == HASHED or path in broken:
                yield _entry(path, UNREAD_REASON, UNREAD_REASON, None, None, f"couldn't be read: {unread[path]}")
        elif path in broken:
            wanted = broken[path].words()
            message = f"is {_text(value)}, the standard wants {_text(wanted)}"
            yield _entry(path, STANDARD, field.reason, wanted, value, message)
        elif path in expected and expected[path][0] != value:
            wanted, whose = expected[path]
            yield _entry(path, FLEET, field.reason, wanted, value, f"is {_text(value)}, not {_text(wanted)} {whose}")


def _broken(document: Document, rules: t.Sequence[Rule]) -> dict[str, Rule]:
    """The rules a host breaks, by path."""
    values = flatten(document)
    return {rule.path: rule for rule in rules if not rule.holds(values[rule.path])}


def _entry(path: str, kind: str, reason: str, expected: t.Any, actual: t.Any, message: str) -> Entry:
    return {
        "path": path,
        "group": path.split(".", maxsplit=1)[0],
        "kind": kind,
        "reason": reason,
        "expected": expected,
        "actual": actual,
        "message": message,
    }


def _text(value: t.Any) -> str:
    return value if isinstance(value, str) and value else canonical_json(value)


def _group_entry(group: str, contracts: t.Mapping[str, Document]) -> Entry:
    """Which hosts agree in a group. A host that couldn't read all of it agrees with nobody."""
    hosts: dict[str, list[str]] = {}
    for host, document in contracts.items():
        hosts.setdefault(document["group_ids"].get(group) or f"unread on {host}", []).append(host)
    return {"group": group, "agree": len(hosts) <= 1, "hosts": hosts}
