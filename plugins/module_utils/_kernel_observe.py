# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Reads everything a plan for the kernel depends on, with the HostIO handed in. Changes nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import record as baseline_record
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import record, trial
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import SYSTEMD_BOOT
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot_files import needed_bytes
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import KernelPackages
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_apt import AptKernels
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_dnf import DnfKernels
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages_zypper import ZypperKernels
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Observed
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import built_version
from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot_observe import (
    kernel_refusal,
    observe_firmware,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.loader import Loader
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageManager

BOOT = "/boot"
_NAMINGS: dict[str, type[KernelPackages]] = {"apt": AptKernels, "dnf": DnfKernels, "zypper": ZypperKernels}
_PARAMETER = "parameter:"


def naming_of(manager: PackageManager, architecture: str) -> KernelPackages:
    """How the host's package manager names kernels."""
    return _NAMINGS[manager.name](architecture)


def running_release(io: HostIO) -> str:
    """What ``uname -r`` says. Raises HostError when it can't be read."""
    release = (io.read_text("/proc/sys/kernel/osrelease") or "").strip()
    if not release:
        raise HostError("/proc/sys/kernel/osrelease: can't be read; is /proc mounted?")
    return release


def boot_id(io: HostIO) -> str:
    """What tells this boot from all others."""
    return (io.read_text("/proc/sys/kernel/random/boot_id") or "").strip()


def secure_boot_refusal(io: HostIO, loader: Loader, release: str) -> str:
    """Why Secure Boot would not let a kernel start, with the remedy; empty when nothing speaks against it.

    The running one has been started. What systemd-boot starts is an image on its own partition, made from this one.
    """
    running = running_release(io)
    if loader.kind == SYSTEMD_BOOT or release == running:
        return ""
    reason = kernel_refusal(io, observe_firmware(io), release, running)
    if not reason:
        return ""
    return f"kernel {release} would not start with Secure Boot on: {reason}; have it signed with a key that is enrolled"


def read_trial(io: HostIO) -> trial.Outcome:
    """How the trial of a kernel stands."""
    found = {path: io.read_text(path) for path in (trial.ARMED, trial.RETURNING, trial.FAILED)}
    return trial.outcome(found, running_release(io), boot_id(io))


def observe(io: HostIO, manager: PackageManager, packages: KernelPackages, loader: Loader) -> Observed:
    """Everything at once."""
    installed = tuple(manager.installed(packages.patterns))
    releases = [kernel.release for kernel in packages.kernels((s.name, s.version or "") for s in installed)]
    statuses = {name: io.status(f"{BOOT}/{name}") for name in io.list_directory(BOOT)}
    sizes = {name: status.size_bytes for name, status in statuses.items() if status}
    return Observed(
        architecture=packages.architecture,
        running=running_release(io),
        built=built_version(io.read_text("/proc/version") or ""),
        boot_id=boot_id(io),
        command_line=tuple((io.read_text("/proc/cmdline") or "").split()),
        installed=installed,
        held=frozenset(manager.holds()),
        files={path: io.read_text(path) for path in packages.paths},
        boot=loader.observe(),
        record=record.parse_record(io.read_text(record.PATH)),
        trial=read_trial(io),
        baseline_parameters=_baseline_parameters(io),
        boot_files=tuple(sizes),
        free_bytes=io.free_bytes(BOOT),
        needed_bytes=needed_bytes(sizes, releases),
    )


def _baseline_parameters(io: HostIO) -> tuple[str, ...]:
    """The parameters the baseline has written for the boot loader."""
    kept = baseline_record.parse_record(io.read_text(baseline_record.PATH)).get("kernel_command_line", {})
    return tuple(key.removeprefix(_PARAMETER) for key in kept if key.startswith(_PARAMETER))
