# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the lab's plan: what is done for each difference between wanted and observed."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import host, plan

WANTED = host.HostSpec("alpha", "/image")


def found(power: str = "on", link: str = "up", **shape: t.Any) -> dict[str, plan.ObservedHost]:
    place = host.HostPlace("/lab/hosts/alpha", 1, {}, "10.77.0.11", "00:00")
    return {"alpha": plan.ObservedHost("alpha", power, link, {**WANTED.shape, **shape}, place, {})}


CASES: list[tuple[str, dict[str, t.Any], dict[str, plan.ObservedHost], str, list[str]]] = [
    ("new", {}, {}, "present", ["make", "start"]),
    ("new, off", {"power": "off"}, {}, "present", ["make"]),
    ("same", {}, found(), "present", []),
    ("was off", {}, found(power="off"), "present", ["start"]),
    ("to be off", {"power": "off"}, found(), "present", ["stop"]),
    ("to be cut", {"power": "cut"}, found(), "present", ["cut"]),
    ("cut already", {"power": "cut"}, found(power="off"), "present", []),
    ("cable out", {"link": "down"}, found(), "present", ["link"]),
    ("cable in", {}, found(link="down"), "present", ["link"]),
    ("more memory", {"memory_mib": 4096}, found(), "present", ["stop", "remember", "start"]),
    ("more memory, off", {"memory_mib": 4096}, found(power="off"), "present", ["remember", "start"]),
    ("variables", {"variables": {"zone": "a"}}, found(), "present", ["remember"]),
    ("gone", {}, found(), "absent", ["remove"]),
    ("gone already", {}, {}, "absent", []),
]


@pytest.mark.parametrize(("name", "wanted", "observed", "state", "actions"), CASES)
def test_steps(
    name: str, wanted: dict[str, t.Any], observed: dict[str, plan.ObservedHost], state: str, actions: list[str]
) -> None:
    spec = host.HostSpec(**{"name": "alpha", "image": "/image", **wanted})
    made = plan.compare([spec], observed, state, purge=False)
    assert [step.action for step in made.steps] == actions, name
    assert bool(made.difference) == bool(actions)


def test_purge_removes_only_what_is_not_wanted() -> None:
    assert [(s.action, s.name) for s in plan.compare([], found(), "present", purge=True).steps] == [("remove", "alpha")]
    assert plan.compare([], found(), "present", purge=False).steps == []


def test_another_firmware_is_refused() -> None:
    with pytest.raises(HostError, match=r"made with firmware uefi, not bios: .*remove the host first"):
        plan.compare([host.HostSpec("alpha", "/image", firmware="bios")], found(), "present", purge=False)


def test_another_image_is_refused() -> None:
    with pytest.raises(HostError, match="remove the host first"):
        plan.compare([host.HostSpec("alpha", "/other")], found(), "present", purge=False)
