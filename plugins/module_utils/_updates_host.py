# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The work of the modules for updates from their options to their result, with the HostIO handed in."""

from __future__ import annotations

import contextlib
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_observe import check_host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import built_version
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.trial import PREPARED, WAITING
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_facts import kernel_facts
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_host import KernelHost
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_observe import read_trial
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Pending
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_finder import (
    find_package_updater,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._patch import reboot
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.kexec import plan_kexec
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.plan import SECURITY, Plan, make_plan
from ansible_collections.anycloud.container_host.plugins.module_utils._patch.processes import Process, parse_process
from ansible_collections.anycloud.container_host.plugins.module_utils._updates_engines import (
    DAEMON_UNITS,
    daemon_is_updated,
    engine_units,
    start_engines,
    stops_containers,
    wanted_units,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

LISTS_MAX_AGE_MINUTES = 60
LOCK = "/run/container-host/package-updates.lock"
BUSY = "another run is updating this host (one that was interrupted goes on to its end); try again later"
REBOOT_REQUIRED = "/run/reboot-required"


@dataclass(frozen=True)
class Outcome:
    """What the modules report. reasons: why to reboot. services: to be restarted. started: engine units that were."""

    plan: Plan
    reasons: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    started: tuple[str, ...] = ()


def as_result(outcome: Outcome) -> dict[str, t.Any]:
    """What both modules return."""
    plan = outcome.plan
    return {
        "updates": [update.as_dict() for update in plan.updates],
        "held": [held.as_dict() for held in plan.held],
        "kept_back": list(plan.kept_back),
        "interrupted": list(plan.interrupted),
        "reboot_required": bool(outcome.reasons),
        "reboot_reasons": list(outcome.reasons),
        "services_to_restart": list(outcome.services),
    }


class UpdatesHost:
    """One host's packages, in check mode or not."""

    def __init__(self, io: HostIO, check_mode: bool = True) -> None:
        check_host(io)
        self.io = io
        self.check_mode = check_mode
        self.updater = find_package_updater(io)

    def read(self, state: str, refresh: bool = False) -> Outcome:
        """The host as it is. refresh: fetch lists that are not of the last hour, outside check mode."""
        if refresh and not self.check_mode:
            self.updater.refresh(LISTS_MAX_AGE_MINUTES)
        return self._outcome(self._plan(state))

    def _foretell(self, state: str) -> Outcome:
        plan = self._plan(state)
        warnings = self._warnings(plan, engine_units(self.io))
        return replace(self._outcome(plan, reboot.foretold_reasons(plan.updates)), warnings=warnings)

    def update(self, state: str) -> Outcome:
        """Bring the packages up to date. Raises HostError before anything is changed, or when it can't be finished."""
        self._check_trial()
        if self.check_mode:
            return self._foretell(state)
        with self.io.lock(LOCK, BUSY):
            units = engine_units(self.io)
            wanted = wanted_units(units)
            with self._engines_kept(wanted):
                plan = self._pending_plan(state)
                warnings = self._warnings(plan, units)
                if plan.updates or plan.removed:
                    self.updater.update(state == SECURITY)
            started = start_engines(self.io, wanted) if plan.difference else []
            return replace(self._outcome(plan), warnings=warnings, started=tuple(started))

    @contextlib.contextmanager
    def _engines_kept(self, wanted: t.Sequence[str]) -> t.Iterator[None]:
        """Have the engines run after a failure, too."""
        try:
            yield
        except HostError as error:
            try:
                start_engines(self.io, wanted)
            except HostError as second:
                raise HostError(f"{error}; {second}") from error
            raise

    def _pending_plan(self, state: str) -> Plan:
        """What is to be updated, after what was interrupted is finished. Raises HostError when that can't be."""
        interrupted = self.updater.interrupted()
        unfinished = self._finish() if interrupted else ""
        self.updater.refresh(LISTS_MAX_AGE_MINUTES)
        if not unfinished:
            return self._plan(state, interrupted)
        # A package that can't be configured is put right by its maker: its next version takes its place.
        plan = self._plan(state)
        if not set(plan.interrupted) <= {update.name.partition(":")[0] for update in plan.updates}:
            raise HostError(unfinished)
        return plan

    def _finish(self) -> str:
        """Finish what was interrupted; returns why it can't be, empty when it is."""
        try:
            self.updater.finish()
        except HostError as error:
            return f"{error}; mend it first"
        left = self.updater.interrupted()
        return f"an interrupted installation can't be finished: {', '.join(left)}; mend it first" if left else ""

    def boot(self) -> dict[str, t.Any]:
        """What a reboot would do: whether it is refused, and what kexec would start."""
        files = [f"/boot/{name}" for name in self.io.list_directory("/boot")]
        lockdown = self.io.read_text("/sys/kernel/security/lockdown")
        disabled = self.io.read_text("/proc/sys/kernel/kexec_load_disabled")
        installed = self.io.find_command("kexec") is not None
        kernel = self._kernel()
        kexec = plan_kexec(kernel, installed, lockdown, disabled, files)
        return {"reboot_refused": reboot.reboot_refused(kernel), "kexec": kexec.as_dict()}

    def _kernel(self) -> dict[str, t.Any]:
        return kernel_facts(KernelHost(self.io), available=False)

    def _check_trial(self) -> None:
        trial = read_trial(self.io)
        if trial.status in (PREPARED, WAITING):
            raise HostError(f"{trial.message}; confirm it or leave it first (role kernel), then update")

    def _plan(self, state: str, interrupted: t.Optional[t.Sequence[str]] = None) -> Plan:
        unfinished = self.updater.interrupted() if interrupted is None else interrupted
        try:
            pending = self.updater.pending(state == SECURITY)
        except HostError:
            # What comes after the repair can't be told before it.
            if interrupted is not None or not unfinished:
                raise
            pending = Pending()
        return make_plan(pending.updates, self.updater.held(), pending.kept_back, unfinished, pending.removed)

    def _warnings(self, plan: Plan, units: t.Mapping[str, t.Any]) -> tuple[str, ...]:
        if daemon_is_updated(plan.updates) and stops_containers(self.io, units):
            words = "the update restarts docker's daemon, and containers stop with it since live restore is off"
            return (f"{words}; those with a restart policy come back",)
        return ()

    def _outcome(self, plan: Plan, foretold: t.Sequence[str] = ()) -> Outcome:
        units = engine_units(self.io)
        kept = DAEMON_UNITS if stops_containers(self.io, units) else ()
        processes = self._processes()
        reasons = [
            *reboot.kernel_reasons(self._kernel(), built_version(self.io.read_text("/proc/version") or "")),
            *reboot.file_reasons(self.io.read_text(REBOOT_REQUIRED), self.io.read_text(f"{REBOOT_REQUIRED}.pkgs")),
            *reboot.process_reasons(processes, kept),
            *reboot.package_reasons(self.updater.renewed_since(self._boot_seconds())),
            *foretold,
        ]
        services = reboot.services_to_restart(processes, kept)
        return Outcome(plan, tuple(reasons), tuple(services))

    def _boot_seconds(self) -> int:
        found = re.search(r"^btime (\d+)$", self.io.read_text("/proc/stat") or "", re.MULTILINE)
        return int(found.group(1)) if found else 0

    def _processes(self) -> list[Process]:
        """The host's own processes that run replaced files; one that ends meanwhile has nothing to tell."""
        found = []
        for path in self.io.glob("/proc/[0-9]*/maps"):
            folder = path.rpartition("/")[0]
            maps = self.io.read_text(path) or ""
            if "(deleted)" in maps:
                command, cgroup = (self.io.read_text(f"{folder}/{name}") or "" for name in ("comm", "cgroup"))
                process = parse_process(int(folder.rpartition("/")[2]), command, cgroup, maps)
                if process:
                    found.append(process)
        return found
