# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract's filters: names, and errors that name the filter and the remedy."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from contract_hosts import podman_host

from ansible_collections.anycloud.container_host.plugins.filter import contract_diff, contract_fleet, contract_report
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe

DIFF = contract_diff.FilterModule().filters()["contract_diff"]
FLEET = contract_fleet.FilterModule().filters()["contract_fleet"]
REPORT = contract_report.FilterModule().filters()["contract_report"]


def test_good_input() -> None:
    contract, _ = observe(podman_host())
    assert DIFF(contract, contract) == []
    report = FLEET({"a": {"contract": contract}}, standard={"cgroup.version": "v2"}, accepted=[], reference="a")
    assert report["compliant"] is True
    assert REPORT(report).startswith("host")
    assert REPORT(report, format="junit").startswith("<?xml")


TEST_BAD: list[tuple[t.Callable[[], t.Any], str]] = [
    (lambda: DIFF({}, {}), "contract_diff: left.schema_version: is missing"),
    (lambda: FLEET([]), "contract_fleet: a mapping of host to reading is due, not list"),
    (lambda: FLEET({}, standard={"x": 1}), "contract_fleet: standard['x']: is no field"),
    (lambda: REPORT({}), "contract_report: this is no report"),
    (lambda: REPORT({"hosts": [], "groups": []}, "pdf"), "contract_report: no format pdf; choose one of text, junit"),
]


@pytest.mark.parametrize(("call", "message"), TEST_BAD)
def test_bad_input(call: t.Callable[[], t.Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        call()
    assert message in str(caught.value)
