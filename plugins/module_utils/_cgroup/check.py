# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether a machine can keep what its slices promise, and whether the slices agree with each other."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    ENGINE_SLICE,
    SYSTEM_SLICE,
    WORKLOAD_SLICE,
    Intent,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.limits import MIB, Limits
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import Problem

UNIFIED = ("systemd.unified_cgroup_hierarchy=1",)
# What forces the old hierarchies (kernel-command-line(7)).
LEGACY = ("systemd.unified_cgroup_hierarchy=0", "systemd.legacy_systemd_cgroup_controller")


@dataclass(frozen=True)
class Disk:
    """A block device: its number as the kernel writes it (``8:0``), empty when there is none; whether it is a part."""

    number: str = ""
    partition: bool = False


@dataclass(frozen=True)
class Machine:
    """What there is to share. hierarchy: unified, hybrid or legacy. Sizes in bytes. disks: device path to Disk."""

    hierarchy: str
    controllers: tuple[str, ...]
    processors: int
    memory_bytes: int
    swap_bytes: int
    pid_max: int
    has_oomd: bool
    disks: t.Mapping[str, Disk]


def hierarchy_problem(machine: Machine) -> t.Optional[Problem]:
    """What to do about a host that has not the unified hierarchy alone; None when it has."""
    if machine.hierarchy == "unified":
        return None
    remedy = f"boot with {' '.join(UNIFIED)} and without {' and '.join(LEGACY)} on the kernel's command line"
    return Problem("host", f"has the {machine.hierarchy} cgroup hierarchy, not the unified one", remedy)


def check(intent: Intent, machine: Machine) -> list[Problem]:
    """Every reason why the intent can't be kept on this machine."""
    problem = hierarchy_problem(machine)
    if problem:
        return [problem]
    problems = [
        Problem(
            "host",
            f"the kernel has no controller {controller!r}, which these limits need",
            f"leave out what needs it, or boot with cgroup_enable={controller}, without cgroup_disable={controller}",
        )
        for controller in sorted(intent.controllers - set(machine.controllers))
    ]
    paths = intent.paths()
    for unit, limits in intent.slices().items():
        problems += _exceeds(paths[unit], limits, machine)
    problems += _guarantees(intent, machine)
    for tenant in intent.tenants:
        problems += _above_parent(paths[tenant.slice], tenant.limits, intent.workload)
    return problems


def _exceeds(path: str, limits: Limits, machine: Machine) -> t.Iterator[Problem]:
    bounds = (
        ("cpu_quota_percent", machine.processors * 100, "percent"),
        ("memory_min_mib", machine.memory_bytes // MIB, "MiB"),
        ("memory_low_mib", machine.memory_bytes // MIB, "MiB"),
        ("memory_high_mib", machine.memory_bytes // MIB, "MiB"),
        ("memory_max_mib", machine.memory_bytes // MIB, "MiB"),
        ("swap_max_mib", machine.swap_bytes // MIB, "MiB"),
        ("tasks_max", machine.pid_max, "processes"),
    )
    for name, bound, unit in bounds:
        value = getattr(limits, name)
        if value is not None and value > bound:
            message = f"{value} is more than this machine has, {bound} {unit}"
            yield Problem(f"{path}.{name}", message, f"use {bound} or less, or leave it out")
    if limits.uses_oomd and not machine.has_oomd:
        name = "oom_swap" if limits.oom_swap == "kill" else "oom_memory_pressure"
        yield Problem(f"{path}.{name}", "nobody would act on it", "install systemd-oomd, or leave it out")
    for index, one in enumerate(limits.devices):
        disk = machine.disks.get(one.device, Disk())
        where = f"{path}.devices[{index}].device"
        if not disk.number:
            yield Problem(where, f"{one.device} is no block device here", "use a disk that lsblk lists")
        elif disk.partition:
            yield Problem(where, f"{one.device} is a part of a disk", "limit the whole disk: the kernel knows no other")


def _guarantees(intent: Intent, machine: Machine) -> t.Iterator[Problem]:
    """What is guaranteed has to be there, on the machine and in the slice above."""
    total = machine.memory_bytes // MIB
    top = {"system": intent.system, "engine": intent.engine, "workload": intent.workload}
    together = sum(limits.memory_min_mib or 0 for limits in top.values())
    if together > total and all((limits.memory_min_mib or 0) <= total for limits in top.values()):
        message = f"memory_min_mib of {SYSTEM_SLICE}, {ENGINE_SLICE} and {WORKLOAD_SLICE} add up to {together}"
        yield Problem("system, engine, workload", message, f"guarantee no more than the machine's {total} MiB")
    for name in ("memory_min_mib", "memory_low_mib"):
        given = sum(getattr(tenant.limits, name) or 0 for tenant in intent.tenants)
        kept = getattr(intent.workload, name) or 0
        if given > kept:
            message = f"{name} of all tenants add up to {given}, and the workload slice is guaranteed {kept}"
            yield Problem("tenants", message, f"set workload.{name} to {given} or more: a slice can hand on no more")


def _above_parent(path: str, limits: Limits, parent: Limits) -> t.Iterator[Problem]:
    for name in ("cpu_quota_percent", "memory_high_mib", "memory_max_mib", "swap_max_mib", "tasks_max"):
        value, bound = getattr(limits, name), getattr(parent, name)
        if value is not None and bound is not None and value > bound:
            message = f"{value} is above workload.{name}, {bound}"
            yield Problem(f"{path}.{name}", message, f"use {bound} or less: the workload slice has no more")
    above = {one.device: one for one in parent.devices}
    for index, one in enumerate(limits.devices):
        for name in ("read_bytes_per_second", "write_bytes_per_second", "read_iops", "write_iops"):
            value = getattr(one, name)
            bound = getattr(above.get(one.device), name, None)
            if value is not None and bound is not None and value > bound:
                message = f"{value} is above the workload slice's {bound}"
                yield Problem(f"{path}.devices[{index}].{name}", message, f"use {bound} or less")
