# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet compared with its standard and with each other."""

from __future__ import annotations

import typing as t

import pytest
from contract_hosts import docker_host, podman_host

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.report import fleet_report
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

TWO_ENGINES = [
    {"path": pattern, "reason": "two engines on purpose"}
    for pattern in ("engine.*", "engine_network.*", "container_defaults.*", "seccomp.*")
]


def reading(files: t.Optional[dict[str, t.Any]] = None, docker: bool = False, **options: t.Any) -> dict[str, t.Any]:
    machine = (docker_host if docker else podman_host)(files, **options)
    return {"contract": observe(machine, given={"provider": "north"})[0], "changed": False}


def host(report: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    return next(entry for entry in report["hosts"] if entry["host"] == name)


def drift(report: dict[str, t.Any], name: str) -> list[tuple[str, str]]:
    return [(entry["path"], entry["kind"]) for entry in host(report, name)["drift"]]


SWAPPY = {"/proc/sys/vm/swappiness": "10\n"}


def test_same_hosts() -> None:
    report = fleet_report({"alpha": reading(), "beta": reading()}, {"cgroup.version": "v2"})
    assert report["compliant"] is True
    assert [entry["drift"] for entry in report["hosts"]] == [[], []]
    assert all(group["agree"] for group in report["groups"])
    assert host(report, "alpha")["provider"] == "north"


def test_the_majority_is_right() -> None:
    report = fleet_report({"a": reading(SWAPPY), "b": reading(), "c": reading()})
    assert report["compliant"] is False
    assert drift(report, "a") == [("kernel_settings.swappiness", "fleet")]
    assert drift(report, "b") == drift(report, "c") == []
    (found,) = host(report, "a")["drift"]
    assert (found["expected"], found["actual"], found["reason"]) == (60, 10, "swappiness")
    assert found["message"] == "is 10, not 60 as on 2 hosts, b among them"
    (group,) = [group for group in report["groups"] if not group["agree"]]
    assert (group["group"], sorted(group["hosts"].values())) == ("kernel_settings", [["a"], ["b", "c"]])


def test_of_two_the_first_is_right_unless_it_breaks_the_standard() -> None:
    readings = {"a": reading(SWAPPY), "b": reading()}
    assert drift(fleet_report(readings), "b") == [("kernel_settings.swappiness", "fleet")]
    report = fleet_report(readings, {"kernel_settings.swappiness": 60})
    assert drift(report, "a") == [("kernel_settings.swappiness", "standard")]
    assert drift(report, "b") == []


def test_a_reference_host() -> None:
    report = fleet_report({"a": reading(SWAPPY), "b": reading(), "c": reading()}, reference="a")
    assert drift(report, "a") == []
    assert drift(report, "b") == drift(report, "c") == [("kernel_settings.swappiness", "fleet")]
    with pytest.raises(InputError, match="reference: no contract of z was read; name one of a"):
        fleet_report({"a": reading()}, reference="z")


def test_the_standard_holds_for_unhashed_fields_too() -> None:
    report = fleet_report({"a": reading()}, {"os.id": "other", "storage.backing_filesystem": ["xfs"]})
    assert drift(report, "a") == [("storage.backing_filesystem", "standard"), ("os.id", "standard")]
    assert host(report, "a")["drift"][0]["message"] == 'is ext4, the standard wants {"any_of":["xfs"]}'
    assert host(report, "a")["drift"][0]["expected"] == {"any_of": ["xfs"]}


def test_accepted_differences_are_told_but_are_no_drift() -> None:
    readings = {"a": reading(), "b": reading(docker=True)}
    report = fleet_report(readings)
    assert report["compliant"] is False
    report = fleet_report(readings, {"engine.name": "podman"}, TWO_ENGINES)
    assert report["compliant"] is True
    accepted = host(report, "b")["accepted"]
    assert {entry["group"] for entry in accepted} == {"engine", "engine_network", "container_defaults", "seccomp"}
    assert {entry["accepted_for"] for entry in accepted} == {"two engines on purpose"}
    assert [entry["kind"] for entry in accepted if entry["path"] == "engine.name"] == ["standard"]


def test_accepted_for_one_host_only() -> None:
    accepted = [{"path": "kernel_settings.swappiness", "reason": "x", "hosts": ["a"]}]
    report = fleet_report({"a": reading(SWAPPY), "b": reading(SWAPPY), "c": reading()}, None, accepted, "c")
    assert drift(report, "a") == []
    assert drift(report, "b") == [("kernel_settings.swappiness", "fleet")]


def test_unread_fields_are_drift_and_are_nobodys_example() -> None:
    silent = reading(docker=True, sockets={})
    report = fleet_report({"a": silent, "b": reading(docker=True)}, {"engine.version": "26.1.5+dfsg1"})
    assert drift(report, "b") == []
    assert ("engine.version", "unread") in drift(report, "a")
    assert {kind for _, kind in drift(report, "a")} == {"unread"}
    assert host(report, "a")["contract_id"] is None
    assert not next(group for group in report["groups"] if group["group"] == "engine")["agree"]


TEST_STATES: list[tuple[dict[str, t.Any], str, str]] = [
    (
        {"unreachable": True, "msg": "Task failed: Failed to connect to the host via ssh:\r\n timed out"},
        "unreachable",
        "Failed to connect to the host via ssh: timed out",
    ),
    ({"failed": True, "msg": "no python"}, "failed", "no python"),
    ({"unreachable": True}, "unreachable", "no connection"),
    ({}, "not read", "the host failed or was unreachable before its contract was read"),
]


@pytest.mark.parametrize(("result", "state", "message"), TEST_STATES)
def test_a_host_without_contract(result: dict[str, t.Any], state: str, message: str) -> None:
    report = fleet_report({"a": reading(), "b": result})
    assert report["compliant"] is False
    entry = host(report, "b")
    assert (entry["state"], entry["message"], entry["contract_id"], entry["drift"]) == (state, message, None, [])
    assert host(report, "a")["drift"] == []


def test_a_contract_of_another_schema() -> None:
    old = reading()
    old["contract"] = {**old["contract"], "schema_version": 0, "hashed": {}}
    report = fleet_report({"a": reading(), "old": old}, {"cgroup.version": "v2"})
    assert drift(report, "old") == [("schema_version", "fleet")]
    assert drift(report, "a") == []


def test_no_hosts_at_all() -> None:
    assert fleet_report({})["hosts"] == []


def test_bad_input() -> None:
    with pytest.raises(InputError, match=r"readings\['a'\].contract: is str, not a contract"):
        fleet_report({"a": {"contract": "x"}})


def test_the_provider_of_a_host_without_contract() -> None:
    report = fleet_report({"a": reading(), "b": {}}, providers={"a": "elsewhere", "b": "south"})
    assert (host(report, "a")["provider"], host(report, "b")["provider"]) == ("north", "south")
    assert host(fleet_report({"b": {}}, providers={"b": ""}), "b")["provider"] is None
