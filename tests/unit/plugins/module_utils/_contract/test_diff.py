# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison of two contracts."""

from __future__ import annotations

import copy

import pytest
from contract_hosts import docker_host, host, podman_host

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.diff import contract_diff
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe import observe
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError


def test_same_host_no_difference() -> None:
    left, _ = observe(podman_host())
    right, _ = observe(podman_host({"/proc/sys/kernel/hostname": "beta\n", "/etc/machine-id": "0\n"}))
    assert left["identity"] != right["identity"]
    assert contract_diff(left, right) == []
    assert left["contract_id"] == right["contract_id"]


def test_one_field() -> None:
    left, _ = observe(podman_host())
    right, _ = observe(
        podman_host({"/proc/sys/kernel/osrelease": "6.12.117+deb13-amd64\n", "/proc/sys/vm/swappiness": "10"})
    )
    (found,) = contract_diff(left, right)
    assert found == {
        "path": "kernel_settings.swappiness",
        "group": "kernel_settings",
        "left": 60,
        "right": 10,
        "reason": "swappiness",
        "hashed": True,
        "why": "Under memory pressure it decides what a container loses first.",
    }
    (reverse,) = contract_diff(right, left)
    assert (reverse["left"], reverse["right"]) == (10, 60)


def test_unhashed_fields_only_when_asked() -> None:
    left, _ = observe(podman_host())
    right, _ = observe(podman_host({"/etc/os-release": "ID=other\n", "/proc/sys/kernel/hostname": "beta\n"}))
    assert contract_diff(left, right) == []
    found = contract_diff(left, right, unhashed=True)
    assert [entry["path"] for entry in found] == ["os.id", "os.version", "os.name"]
    assert not any(entry["hashed"] for entry in found)


def test_two_engines_differ_in_the_engines_groups_only() -> None:
    left, _ = observe(podman_host())
    right, _ = observe(docker_host())
    found = contract_diff(left, right)
    assert {entry["group"] for entry in found} == {"engine", "container_defaults", "seccomp", "engine_network"}
    same = {group for group in left["group_ids"] if left["group_ids"][group] == right["group_ids"][group]}
    assert {"kernel", "cgroup", "lsm", "limits", "storage", "network", "oci_runtime"} <= same
    assert {"engine", "container_defaults", "seccomp", "engine_network"}.isdisjoint(same)
    by_path = {entry["path"]: (entry["left"], entry["right"]) for entry in found}
    assert by_path["engine.name"] == ("podman", "docker")
    assert "engine_network.default_address_pools" not in by_path


def test_what_is_unread_is_a_difference_even_on_both_sides() -> None:
    left, _ = observe(host({"/proc/sys/kernel/core_pattern": None}, unreadable=["/proc/sys/kernel/core_pattern"]))
    (found,) = contract_diff(left, copy.deepcopy(left))
    assert (found["path"], found["reason"]) == ("kernel_settings.core_pattern", "unread")
    assert "run as root" in found["why"]


def test_schema_versions() -> None:
    left, _ = observe(host())
    right = {**left, "schema_version": 2, "hashed": {}}
    (found,) = contract_diff(left, right)
    assert (found["reason"], found["left"], found["right"]) == ("schema_version", 1, 2)


def test_no_contract() -> None:
    left, _ = observe(host())
    with pytest.raises(InputError, match="right: is NoneType, not a contract"):
        contract_diff(left, None)
