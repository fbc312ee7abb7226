# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The work of the module cgroup_slices from its options to its result, with the HostIO handed in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.check import (
    check,
    hierarchy_problem,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.intent import (
    Intent,
    cgroup_path,
    parse_intent,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.live import deviations
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.plan import Plan, compare, in_use
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_facts import slice_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup_observe import (
    ROOT,
    devices_of,
    observe,
    read_machine,
    read_slice,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._machine import check_machine

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

UNIT_TIMEOUT_SECONDS = 300
# systemd writes the values after it has answered to the reload; an emulated host takes seconds for it.
SETTLE_SECONDS = 30.0
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """What the module reports; slices: as the module cgroup_slices_info says them."""

    plan: Plan
    slices: dict[str, t.Any]


class CgroupHost:
    """One host's slices: present or absent, in check mode or not."""

    def __init__(self, io: HostIO, options: t.Mapping[str, t.Any], check_mode: bool) -> None:
        """``options``: the module's. Raises InputError for bad ones, HostError where no slices can be."""
        self.present = options.get("state") != "absent"
        self.intent = parse_intent(options) if self.present else Intent()
        self.restart_engines = bool(options.get("restart_engines"))
        self.check_mode = check_mode
        self.io = io
        check_machine(io, "control groups", "slices are units of it")

    def run(self) -> Outcome:
        """Observe, check everything, plan, and outside check mode apply and read back."""
        machine = read_machine(self.io, devices_of(self.intent))
        problem = hierarchy_problem(machine)
        if problem:
            raise InputError([problem])
        observed = observe(self.io, self.intent, machine.disks)
        problems = [*(check(self.intent, machine) if self.present else ()), *in_use(self.intent, observed)]
        if problems:
            raise InputError(problems)
        plan = compare(self.intent if self.present else None, observed, self.restart_engines)
        if not self.check_mode and plan.actions():
            self._apply(plan)
            if self.present:
                self._wait_until_kept(observed.numbers)
        return Outcome(plan, slice_facts(self.io))

    def _systemctl(self, *words: str) -> None:
        self.io.run(["systemctl", *words], timeout_seconds=UNIT_TIMEOUT_SECONDS, check=True)

    def _apply(self, plan: Plan) -> None:
        for path, content in plan.write.items():
            self.io.write_atomic(path, content)
        for path in plan.remove:
            self.io.remove(path)
        if plan.reload:
            self._systemctl("daemon-reload")
        for unit, line in plan.lift:
            path = f"{ROOT}/{cgroup_path(unit)}/io.max"
            if self.io.exists(path):
                self.io.write_in_place(path, line)
        if plan.start:
            self._systemctl("start", *plan.start)
        for unit in plan.restart:
            self._systemctl("restart", unit)
        if plan.stop:
            self._systemctl("stop", *plan.stop)

    def _wait_until_kept(self, numbers: t.Mapping[str, str]) -> None:
        """Raises HostError when the kernel doesn't say what was asked for, value by value."""
        until = self.io.monotonic() + SETTLE_SECONDS
        while True:
            differing = []
            for unit, limits in self.intent.slices().items():
                found = read_slice(self.io, unit)
                if found is None:
                    differing.append(f"{unit} has no control group")
                    continue
                differing += [
                    f"{unit} {name} is {before}, not {after}"
                    for name, (before, after) in deviations(limits, found, numbers).items()
                ]
            if not differing:
                return
            if self.io.monotonic() >= until:
                raise HostError(f"the kernel does not keep the slices: {'; '.join(differing)}")
            self.io.sleep(POLL_SECONDS)
