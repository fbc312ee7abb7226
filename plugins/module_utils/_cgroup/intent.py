# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The slices a host shall have: the system's, the engine's, the workloads' and below these one per tenant."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import (
    NO_LIMITS,
    Limits,
    parse_limits,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

SYSTEM_SLICE = "system.slice"
ENGINE_SLICE = "engine.slice"
# Where Podman puts every container by itself (systemd.special(7)); it can be told otherwise for each container only, so
# that this slice alone holds all containers of both engines, those started by hand too.
WORKLOAD_SLICE = "machine.slice"
# In the order they start; Docker's containers hang on containerd.
ENGINE_UNITS = ("containerd.service", "docker.service", "podman.service")
# What a user's own manager may hand on, for rootless engines.
DELEGABLE = ("cpu", "cpuset", "io", "memory", "pids")

# A dash would make a slice below a slice (systemd.slice(5)).
_TENANT = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class Tenant:
    """One tenant's part of the workload slice."""

    name: str
    limits: Limits

    @property
    def slice(self) -> str:
        """The slice's unit name."""
        return tenant_slice(self.name)


@dataclass(frozen=True)
class Intent:
    """The whole desired state."""

    system: Limits = NO_LIMITS
    engine: Limits = NO_LIMITS
    workload: Limits = NO_LIMITS
    tenants: tuple[Tenant, ...] = ()
    delegate_users: tuple[str, ...] = ()

    def slices(self) -> dict[str, Limits]:
        """Unit name to limits, parents before children."""
        top = {SYSTEM_SLICE: self.system, ENGINE_SLICE: self.engine, WORKLOAD_SLICE: self.workload}
        return {**top, **{tenant.slice: tenant.limits for tenant in self.tenants}}

    def paths(self) -> dict[str, str]:
        """Unit name to the option it comes from."""
        top = {SYSTEM_SLICE: "system", ENGINE_SLICE: "engine", WORKLOAD_SLICE: "workload"}
        return {**top, **{tenant.slice: f"tenants[{index}]" for index, tenant in enumerate(self.tenants)}}

    @property
    def controllers(self) -> frozenset[str]:
        """The kernel's controllers that are needed."""
        return frozenset(self.delegate_users).union(*(limits.controllers for limits in self.slices().values()))


def tenant_slice(name: str) -> str:
    """The unit name of a tenant's slice: ``machine-acme.slice`` for ``acme``."""
    return f"{WORKLOAD_SLICE.removesuffix('.slice')}-{name}.slice"


def tenant_of(unit: str) -> str:
    """The tenant a slice belongs to; empty for a slice that is no tenant's."""
    prefix = f"{WORKLOAD_SLICE.removesuffix('.slice')}-"
    name = unit.removeprefix(prefix).removesuffix(".slice")
    return name if unit.startswith(prefix) and unit.endswith(".slice") and _TENANT.fullmatch(name) else ""


def cgroup_path(unit: str) -> str:
    """Where a slice's control group is below the root of the hierarchy: a dash is a level (systemd.slice(5))."""
    parts = unit.removesuffix(".slice").split("-")
    return "/".join(f"{'-'.join(parts[: count + 1])}.slice" for count in range(len(parts)))


def parse_intent(options: t.Mapping[str, t.Any]) -> Intent:
    """The module's options as an Intent. Raises InputError with every problem found, without looking at the host."""
    problems: list[Problem] = []
    tenants: list[Tenant] = []
    for index, entry in enumerate(options.get("tenants") or ()):
        path = f"tenants[{index}]"
        name = str(entry.get("name") or "")
        if not _TENANT.fullmatch(name):
            remedy = "use up to 32 lowercase letters, digits and underscores; a dash would make a slice below a slice"
            problems.append(Problem(f"{path}.name", f"{name!r} is no tenant's name", remedy))
        if name in {tenant.name for tenant in tenants}:
            problems.append(Problem(f"{path}.name", f"{name!r} is there twice", "join the two entries"))
        tenants.append(Tenant(name, parse_limits(path, entry, problems)))
    delegated = tuple(options.get("delegate_users") or ())
    for index, controller in enumerate(delegated):
        if controller not in DELEGABLE:
            message = f"{controller!r} can't be delegated"
            problems.append(Problem(f"delegate_users[{index}]", message, f"use some of: {', '.join(DELEGABLE)}"))
    intent = Intent(
        system=parse_limits("system", options.get("system"), problems),
        engine=parse_limits("engine", options.get("engine"), problems),
        workload=parse_limits("workload", options.get("workload"), problems),
        tenants=tuple(tenants),
        delegate_users=tuple(sorted(set(delegated))),
    )
    if problems:
        raise InputError(problems)
    return intent
