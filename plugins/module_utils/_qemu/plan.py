# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What there is of a lab, what there shall be, and the steps between. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import host as _host


@dataclass(frozen=True)
class ObservedHost:
    """One host as found. ``shape`` is what it was made or started with."""

    name: str
    power: str  # on, off
    link: str  # up, down
    shape: t.Mapping[str, t.Any]
    place: _host.HostPlace
    variables: t.Mapping[str, t.Any]


@dataclass
class Step:
    """One thing to do to one host: make, start, stop, cut, link, remove or remember."""

    action: str
    name: str


@dataclass
class LabPlan:
    """What is to be done, in order, and the difference it makes."""

    steps: list[Step]
    difference: Difference


def compare(
    wanted: t.Sequence[_host.HostSpec], observed: t.Mapping[str, ObservedHost], state: str, purge: bool
) -> LabPlan:
    """The plan that makes the lab as wanted. ``state`` absent removes the hosts; ``purge`` those not wanted too."""
    plan = LabPlan([], Difference())
    for spec in wanted:
        was = observed.get(spec.name)
        if state == "absent":
            if was is not None:
                plan.difference.compare(spec.name, _settings(was), None)
                plan.steps.append(Step("remove", spec.name))
            continue
        power = "off" if spec.power in ("off", "cut") else "on"
        after = {**spec.shape, "power": power, "link": spec.link, "variables": dict(spec.variables)}
        if was is None:
            plan.difference.compare(spec.name, None, after)
            plan.steps.append(Step("make", spec.name))
            if power == "on":
                plan.steps.append(Step("start", spec.name))
            continue
        if was.shape["image"] != spec.image:
            raise HostError(
                f"host {spec.name} was made from {was.shape['image']}, not {spec.image}: "
                "a host's image can't be changed; remove the host first"
            )
        if was.shape["firmware"] != spec.firmware:
            raise HostError(
                f"host {spec.name} was made with firmware {was.shape['firmware']}, not {spec.firmware}: its boot "
                "entries and keys can't be taken over; remove the host first"
            )
        if not plan.difference.compare(spec.name, _settings(was), after):
            continue
        reshape = dict(was.shape) != spec.shape
        if was.power == "on" and (power == "off" or reshape):
            plan.steps.append(Step("cut" if spec.power == "cut" else "stop", spec.name))
        if reshape or dict(was.variables) != dict(spec.variables):
            plan.steps.append(Step("remember", spec.name))
        if power == "on" and (was.power == "off" or reshape):
            plan.steps.append(Step("start", spec.name))
        elif power == "on" and was.link != spec.link:
            plan.steps.append(Step("link", spec.name))
        elif was.link != spec.link:
            plan.steps.append(Step("remember", spec.name))
    if purge or state == "absent":
        for name in sorted(set(observed) - {spec.name for spec in wanted}):
            plan.difference.compare(name, _settings(observed[name]), None)
            plan.steps.append(Step("remove", name))
    return plan


def describe(was: ObservedHost) -> dict[str, t.Any]:
    """The host as plain values, for a result or a difference."""
    return {
        **was.shape,
        "power": was.power,
        "link": was.link,
        "variables": dict(was.variables),
        "ssh_port": was.place.ssh_port,
        "forwarded_ports": {str(port): local for port, local in was.place.forwarded_ports.items()},
        "address": was.place.address,
    }


def _settings(was: ObservedHost) -> dict[str, t.Any]:
    return {**was.shape, "power": was.power, "link": was.link, "variables": dict(was.variables)}
