# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of the baseline on a made-up fleet, for the tests of its report."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.fleet import fleet_document
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import summary

NOW = datetime.datetime(2030, 1, 10, 12, 0, tzinfo=datetime.timezone.utc)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></textarea>",
    "]]>",
    "&amp;&#x3c;",
    "\x00\x1b[0m\x85\x7f",
    "\u202egnp.exe\u2066",
    "\ud800\ufffe",
    "{{ 7 * 7 }}",
    "../../etc/passwd",
]


def control(name: str, status: str, **changes: t.Any) -> dict[str, t.Any]:
    """One entry as the modules return it."""
    return {
        "id": name,
        "title": f"Title of {name}",
        "status": status,
        "before": {"key": "0"},
        "after": {"key": "1"},
        "reason": "" if status in ("passed", "changed") else f"reason of {name}",
        "put_back": False,
        "kind": "sysctl",
        "severity": "high",
        "profile": "level1",
        "references": ["CIS 1.2.3"],
        "section": "ssh",
        "decision": None,
        **changes,
    }


def reading(*controls: dict[str, t.Any], **changes: t.Any) -> dict[str, t.Any]:
    """What a module returned for one host."""
    return {
        "controls": list(controls),
        "summary": summary(controls),
        "profile": "level2",
        "mode": "enforce",
        **changes,
    }


def decision(kind: str = "exemption", reason: str = "we said so", expires: str = "") -> dict[str, str]:
    """What a user decided about a control."""
    return {"kind": kind, "reason": reason, "expires": expires}


def mixed() -> dict[str, t.Any]:
    """A fleet with a host of each state, and a control of each status."""
    everything = (
        control("one", "passed"),
        control("two", "changed"),
        control("three", "would_change", profile="level2"),
        control("four", "failed", section="files"),
        control("five", "exempt", decision=decision(expires="2030-01-10")),
        control("six", "not_applicable"),
        control("seven", "failed", decision=decision(expires="2030-01-01")),
        control("eight", "passed", decision=decision("override", "other number")),
        control("gone", "changed", put_back=True, profile="", section="", title="", severity=""),
    )
    return {
        "alpha": reading(*everything),
        "beta": reading(*everything),
        "gamma": reading(control("one", "passed"), profile="level1", mode="audit"),
        "delta": {"unreachable": True, "msg": "Task failed: no   route"},
        "epsilon": {"failed": True, "msg": "no root"},
        "zeta": {"skipped": True, "changed": False},
        "eta": {},
        "theta": {},
    }


def document(readings: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
    """The report of a fleet, by default the mixed one; theta is still in the play."""
    return fleet_document(mixed() if readings is None else readings, NOW, ["theta"])
