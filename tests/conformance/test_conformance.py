# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same Compose project behaves the same on every host of the inventory, whatever the engine.

Runs collect.yml against the inventory in ANSIBLE_INVENTORY (default: the one of ansible.cfg), then judges case by case
what was observed. With CONFORMANCE_OBSERVED naming a directory of former observations, those are judged instead. Cases that
need the engine or the host to be restarted (collect_restarts.yml) are marked restarts: -m "not restarts" leaves them out.
"""

from __future__ import annotations

import json
import typing as t

import pytest
from conformance.table import ESSENTIAL, RESTARTS, Case, found, load

CASES = load()
# What means the same on both engines; ids and image ids can't be equal.
INFO_FIELDS = (
    "container",
    "state",
    "health",
    "exit_code",
    "restart_count",
    "image",
    "ports",
    "networks",
    "spec_sha256",
)
# The names of its secrets' files hold a secret of the host, and are a part of what it was made from.
OF_THE_HOST = {("store", "spec_sha256")}

Hosts = dict[str, dict[str, t.Any]]


def same(values: t.Mapping[str, t.Any]) -> None:
    """All hosts have the same value."""
    assert len({json.dumps(value, sort_keys=True) for value in values.values()}) == 1, values


def judge(case: Case, hosts: Hosts) -> None:
    """What was found is what is expected, on every host."""
    answers = {host: found(case, observed) for host, observed in hosts.items()}
    wanted = {host: case.expected(observed["engine"]["name"]) for host, observed in hosts.items()}
    if None not in wanted.values():
        assert answers == wanted
    else:
        same(answers)


def cases_of(group: str) -> list[t.Any]:
    return [pytest.param(case, id=case.id) for case in CASES if case.group == group]


@pytest.mark.parametrize("case", cases_of(ESSENTIAL))
def test_case(hosts: Hosts, case: Case) -> None:
    judge(case, hosts)


@pytest.mark.parametrize("field", INFO_FIELDS)
def test_info(hosts: Hosts, field: str) -> None:
    same(
        {
            host: {
                entry["container"]: entry[field]
                for entry in observed["services"]["up"]
                if (entry["service"], field) not in OF_THE_HOST
            }
            for host, observed in hosts.items()
        }
    )


@pytest.mark.restarts
@pytest.mark.parametrize("case", cases_of(RESTARTS))
def test_restarts(restarted_hosts: Hosts, case: Case) -> None:
    judge(case, restarted_hosts)
