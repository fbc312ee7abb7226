# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel modules' work from their options to their result, with the HostIO handed in."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.intent import (
    RUNNING,
    Intent,
    choose,
    parse_intent,
    suffices,
    with_kept_parameters,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Wanted, installed_version
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.pin import plan_pin, plan_release
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import reboot_reasons
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import sort_key
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_apply import KernelApplier
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.finder import find_boot_loader
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_observe import (
    naming_of,
    observe,
    secure_boot_refusal,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._machine import check_machine, check_own_root
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.finder import find_package_manager

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Observed, Plan

# Hosts pinned together shall get the same kernel, so lists from another day are not good enough.
LISTS_MAX_AGE_MINUTES = 60
LOCK = "/run/container-host/kernel.lock"
BUSY = "another run is changing this host's kernel (one that was interrupted goes on to its end); try again later"


def check_kernel_machine(io: HostIO) -> None:
    """Raise HostError where kernels are not this system's to choose or to sign."""
    check_machine(io, "kernels", "which kernel is started can't be proved in a chroot or a container")
    check_own_root(io)


def kernel_lock(io: HostIO, check_mode: bool) -> t.ContextManager[None]:
    """Keep other runs from changing how the host starts meanwhile; check mode changes nothing. Raises HostError."""
    return contextlib.nullcontext() if check_mode else io.lock(LOCK, BUSY)


@dataclass(frozen=True)
class Result:
    """What the module reports. reasons: why the host is to be rebooted."""

    plan: Plan
    running: str
    reasons: tuple[str, ...] = ()


class KernelHost:
    """One host's kernel: pinned or released, in check mode or not."""

    def __init__(self, io: HostIO, check_mode: bool = True) -> None:
        """Raises HostError where the kernel is not this system's to choose."""
        check_kernel_machine(io)
        self.io = io
        self.check_mode = check_mode
        self.manager = find_package_manager(io)
        self.packages = naming_of(self.manager, io.run(["uname", "-m"], check=True).stdout.strip())
        self.loader = find_boot_loader(io)

    def observe(self) -> Observed:
        """The host as it is."""
        return observe(self.io, self.manager, self.packages, self.loader)

    def pin(self, options: t.Mapping[str, t.Any]) -> Result:
        """Observe, plan, and outside check mode apply. Raises InputError or HostError before anything is changed."""
        intent = parse_intent(options)
        with kernel_lock(self.io, self.check_mode):
            return self._pin(intent)

    def _pin(self, intent: Intent) -> Result:
        seen = self.observe()
        intent = with_kept_parameters(intent, seen.record.added, seen.record.removed)
        target = self._target(intent, seen)
        plan = plan_pin(intent, target, self._chosen(intent, target, seen), seen, self.packages)
        reason = "" if plan.keeps else secure_boot_refusal(self.io, self.loader, target.release)
        if reason:
            raise HostError(f"{reason}. Nothing has been changed")
        if plan.difference and not self.check_mode:
            self._applier().pin(plan, intent.confirm_seconds)
        reasons = reboot_reasons(
            seen.running,
            seen.built,
            target.release,
            target.version,
            seen.command_line,
            intent.present,
            intent.absent,
        )
        return Result(plan, seen.running, tuple(reasons))

    def release(self) -> Result:
        """Take everything back."""
        with kernel_lock(self.io, self.check_mode):
            seen = self.observe()
            plan = plan_release(seen, self.packages)
            if plan.difference and not self.check_mode:
                self._applier().release(plan)
        return Result(plan, seen.running)

    def _applier(self) -> KernelApplier:
        return KernelApplier(self.io, self.manager, self.loader)

    def installed(self, seen: Observed) -> list[Kernel]:
        """The installed kernels, the newest first."""
        kernels = self.packages.kernels((status.name, status.version or "") for status in seen.installed)
        return sorted(kernels, key=lambda kernel: sort_key(kernel.release), reverse=True)

    def offered(self, flavour: str) -> list[Kernel]:
        """The kernels the repositories have; of all flavours when it is empty, where that can be told."""
        prefix = self.packages.prefix
        names = self.packages.candidates(self.manager.names(prefix) if prefix else (), flavour)
        versions = self.manager.versions(names)
        return self.packages.kernels((name, version) for name, found in versions.items() for version in found)

    def _target(self, intent: Intent, seen: Observed) -> Kernel:
        installed = self.installed(seen)
        own = self.packages.flavour_of(seen.running)
        offered: list[Kernel] = []
        if not suffices(intent, installed, seen.running, own):
            if not self.check_mode:
                self.manager.refresh(LISTS_MAX_AGE_MINUTES)
            exact = seen.running if intent.release == RUNNING else intent.release
            flavour = self.packages.flavour_of(exact) if exact else (intent.flavour or own)
            offered = self.offered(flavour or "")
            if seen.record.packages:
                # Our own pin makes the version it names the first choice, which says nothing about what is new.
                offered.sort(key=lambda kernel: sort_key(kernel.version), reverse=True)
        return choose(intent, installed, offered, seen.running, own)

    def _chosen(self, intent: Intent, target: Kernel, seen: Observed) -> dict[str, str]:
        """The packages of the target; the repositories are asked for those that are not installed."""
        names = [name for _kind, name in self.packages.members(target)]
        missing = [name for name in names if not installed_version(seen.installed, name, target.version)]
        available = self.manager.versions(missing) if missing else {}
        wanted = Wanted(intent.headers, intent.extra_modules)
        return self.packages.choose(target, seen.installed, available, wanted)
