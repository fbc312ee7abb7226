# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one kind over one control, for the tests of the kinds."""

from __future__ import annotations

import typing as t

from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.connection import find_connection
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import Item, Scope
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.registry import KINDS
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import Finding, Kept, KindPlan
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem


def parse(kind: str, parameters: t.Mapping[str, t.Any]) -> tuple[t.Any, list[str]]:
    """The typed parameters and the problems with them."""
    problems: list[Problem] = []
    reader = Reader(parameters, "p", problems)
    parsed = KINDS[kind].parse(reader)
    reader.finish()
    return parsed, [str(entry) for entry in problems]


def plan(
    kind: str,
    host: FakeHostIO,
    parameters: t.Mapping[str, t.Any] | t.Sequence[t.Mapping[str, t.Any]],
    kept: t.Mapping[str, Kept] | None = None,
) -> KindPlan:
    """What the kind would do for controls c0, c1, ... with these parameters."""
    items = []
    for index, given in enumerate([parameters] if isinstance(parameters, t.Mapping) else parameters):
        parsed, problems = parse(kind, given)
        assert problems == []
        items.append(Item(f"c{index}", parsed))
    seen = KINDS[kind].observe(Scope(host, items, kept or {}, find_connection(host, "")))
    return KINDS[kind].compare(items, seen, kept or {})


def finding(kind: str, host: FakeHostIO, parameters: t.Mapping[str, t.Any]) -> Finding:
    """The finding for one control."""
    return plan(kind, host, parameters).findings[0]
