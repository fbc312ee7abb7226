# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A fleet's report as JUnit XML: a suite for each host, a case for each control."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _junit
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.fleet import READ, SKIPPED
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import no_longer_holds

FAILING = ("failed", "would_change")
"""What a pipeline shall see as a failure. A host that check mode would change is not as it shall be."""


def render_junit(document: t.Mapping[str, t.Any]) -> str:
    """The file. A host that could not be judged has one case, with an error."""
    about = document["controls"]
    suites = ((host["host"], _cases(host, about)) for host in document["hosts"])
    return _junit.render_junit("container host baseline", suites)


def _cases(host: t.Mapping[str, t.Any], about: t.Mapping[str, t.Any]) -> list[_junit.Case]:
    name = host["host"]
    if host["state"] == READ:
        return [_case(name, entry, about[entry["id"]]) for entry in host["controls"]]
    outcome = _junit.SKIPPED if host["state"] == SKIPPED else _junit.ERROR
    return [_junit.Case(name, "Controls can be looked at", outcome, type=host["state"], message=host["message"])]


def _case(host: str, entry: t.Mapping[str, t.Any], control: t.Mapping[str, t.Any]) -> _junit.Case:
    status, reason = entry["status"], entry["reason"] or ""
    name = f"{entry['id']}: {control['title']}" if control["title"] else entry["id"]
    if status in ("exempt", "not_applicable"):
        return _junit.Case(host, name, _junit.SKIPPED, message=f"{status.replace('_', ' ')}: {reason}")
    if status in FAILING and not no_longer_holds(entry):
        words = reason or "is not as it shall be"
        text = "\n".join([words, f"found: {_value(entry['before'])}", f"wanted: {_value(entry['after'])}"])
        kind = f"{status} ({control['severity']})" if control["severity"] else status
        return _junit.Case(host, name, _junit.FAILURE, type=kind, message=words, text=text)
    output = "" if status == "passed" else status.replace("_", " ")
    return _junit.Case(host, name, output=": ".join(word for word in (output, reason) if word))


def _value(value: t.Any) -> str:
    return "unknown" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
