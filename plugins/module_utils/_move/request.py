# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is wrong with the request for a move before any host is asked, all of it together. Pure."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names

_HOSTS = {"source": "the workload leaves", "target": "the workload goes to"}
AT_LEAST = {
    "downtime_budget_ms": 0, "bandwidth_limit_kib_per_second": 0, "keep_source_seconds": 0, "lease_seconds": 60,
    "timeout_seconds": 1, "progress_every_seconds": 0, "target_port": 0, "link_bytes_per_second": 0,
}  # fmt: skip


def problems(request: t.Mapping[str, t.Any], hosts: t.Collection[str], stamp: str) -> list[Problem]:
    """The problems of a request; empty when there are none.

    request: the role's variables without their prefix ``move_``; those that are absent are not judged. hosts: the
    inventory's. stamp: the time, as for a move's id.
    """
    found = _names(request, hosts, stamp)
    for name, least in AT_LEAST.items():
        value = request.get(name)
        if value is not None and int(value) < least:
            found.append(Problem(f"move_{name}", f"{value} is too little", f"give {least} or more"))
    address = str(request.get("target_address") or "")
    if any(letter.isspace() or letter in "@/'\"" for letter in address):
        found.append(
            Problem("move_target_address", f"{address!r} is no address", "give a host name or an address alone")
        )
    return found


def _names(request: t.Mapping[str, t.Any], hosts: t.Collection[str], stamp: str) -> list[Problem]:
    found = []
    workload = str(request.get("workload") or "")
    if workload:
        try:
            names.new_id(workload, stamp)
        except InputError as error:
            found += [Problem("move_workload", entry.message, entry.remedy) for entry in error.problems]
    else:
        found.append(Problem("move_workload", "no workload is named", "give its project name: -e workload=shop"))
    for side, words in _HOSTS.items():
        name = str(request.get(side) or "")
        option = {"source": "from", "target": "to"}[side]
        if not name:
            found.append(Problem(f"move_{side}", f"the host that {words} is not named", f"give -e {option}=NAME"))
        elif name not in hosts:
            close = difflib.get_close_matches(name, sorted(hosts), 3)
            remedy = f"did you mean {' or '.join(close)}?" if close else "name a host of the inventory"
            found.append(Problem(f"move_{side}", f"no host {name!r} is in the inventory", remedy))
    source, target = str(request.get("source") or ""), str(request.get("target") or "")
    if source and source == target:
        found.append(Problem("move_target", f"{target} is the source as well", "name another host to go to"))
    return found
