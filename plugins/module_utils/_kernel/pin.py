# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is to be done so that a host runs a kernel, and keeps it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import grub, trial
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import (
    BLS,
    GRUB,
    SYSTEMD_BOOT,
    UNKNOWN,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot_files import lacking
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import (
    check_against_baseline,
    check_against_entries,
    compare_parameters,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.intent import KEEP, ONCE
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import installed_version
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan, compare_files
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import is_rebuilt
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.record import Record
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import newest_first
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageRequest

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import ParameterChange
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.intent import Intent
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import (
        Kernel,
        KernelPackages,
        Texts,
    )
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Observed

NO_LOADER = "what starts this kernel is neither GRUB, nor known to grubby, nor systemd-boot: it can't be told which one"


@dataclass(frozen=True)
class Boot:
    """What the boot loader shall do: release by default, release once (empty for none), and whether that is a trial.

    waits: the host runs the kernel on trial, and it is for the user to confirm it.
    """

    default: str
    once: str = ""
    trial: bool = False
    waits: bool = False


def plan_pin(
    intent: Intent, target: Kernel, chosen: t.Mapping[str, str], seen: Observed, packages: KernelPackages
) -> Plan:
    """The plan. chosen: the packages of the target. Raises InputError or HostError for what can't be, all at once."""
    parameters = compare_parameters(
        intent.present, intent.absent, seen.boot.parameters, seen.record.added, seen.record.removed
    )
    cut_off = _is_cut_off(target, seen, packages)
    requests = tuple(
        PackageRequest(name, version)
        for name, version in chosen.items()
        if not installed_version(seen.installed, name, version) or (cut_off and name == target.package)
    )
    _check(intent, target, chosen, seen, packages, requests)
    boot = wanted_boot(intent, target, seen, packages)
    difference = Difference()
    difference.compare("pinned", seen.record.release or None, target.release)
    for request in requests:
        there = sorted(s.version or "" for s in seen.installed if s.name == request.name)
        difference.compare(f"package {request.name}", ", ".join(there) or None, request.version)
    if cut_off:
        difference.compare(f"kernel {target.release}", "not installed to its end", "installed")
    unhold, hold, ours = _holds(difference, chosen, seen, packages, requests)
    keep = packages.keep(chosen, kept_kernels(intent, target, seen, packages), seen.files)
    files = compare_files(difference, keep, seen.files)
    settings = _settings(difference, intent, parameters, seen)
    default_changes = difference.compare("default kernel", seen.boot.default or None, boot.default)
    armed = seen.trial.status in (trial.PREPARED, trial.WAITING)
    rearm = boot.trial and not (seen.trial.status == trial.PREPARED and seen.trial.release == boot.once)
    once_differs = difference.compare("kernel started once", seen.boot.once or None, boot.once or None)
    once = boot.once if once_differs or rearm else None
    stays_armed = boot.trial or (armed and boot.waits)
    difference.compare("way back", "armed" if armed else None, "armed" if stays_armed else None)
    record = Record(
        release=target.release,
        packages=dict(chosen),
        holds=tuple(sorted(ours)),
        added=parameters.added,
        removed=parameters.removed,
        before={**packages.noted(seen.files), **seen.record.before},
    )
    # Until the new kernel is there and can be started, the host starts what is known to work.
    works = boot.default if boot.trial or boot.waits else seen.running
    safe = works if seen.boot.entry_of(works) else ""
    return Plan(
        target=target,
        difference=difference,
        requests=requests,
        unhold=unhold,
        hold=hold,
        files=files,
        settings=settings,
        add=parameters.add,
        remove=parameters.remove,
        safe=safe if requests or settings or parameters.add or parameters.remove else "",
        default=boot.default,
        default_changes=default_changes,
        once=once,
        arm=rearm,
        disarm=armed and not boot.trial and not boot.waits,
        on_trial=boot.trial,
        waits=boot.waits,
        keeps=intent.boot == KEEP,
        record=record,
        present=intent.present,
        absent=intent.absent,
    )


def wanted_boot(intent: Intent, target: Kernel, seen: Observed, packages: KernelPackages) -> Boot:
    """What the boot loader shall start. Raises HostError when a trial is asked for that has no way back."""
    rebuilt = is_rebuilt(seen.running, seen.built, target.release, target.version)
    if intent.boot == KEEP:
        prepared, waiting = (seen.trial.status == status for status in (trial.PREPARED, trial.WAITING))
        return Boot(seen.boot.default or seen.running, seen.boot.once, trial=prepared, waits=waiting)
    if intent.boot != ONCE:
        return Boot(target.release)
    if seen.running == target.release and not rebuilt:
        if seen.boot.default == target.release:
            return Boot(target.release)
        return Boot(seen.boot.default, waits=True)
    others = [kernel.release for kernel in packages.kernels((s.name, s.version or "") for s in seen.installed)]
    ways = [seen.running, *newest_first(others)]
    back = next((way for way in ways if way != target.release and seen.boot.entry_of(way)), None)
    if back is None:
        raise HostError(
            f"kernel {target.release} can't be started on trial: there is no other one to come back to; "
            "install another one first, or start it by default"
        )
    if seen.boot.no_once:
        raise HostError(
            f"kernel {target.release} can't be started on trial: {seen.boot.no_once}; start it by default instead"
        )
    return Boot(back, target.release, trial=True)


def kept_kernels(intent: Intent, target: Kernel, seen: Observed, packages: KernelPackages) -> list[Kernel]:
    """The pinned kernel and its fallbacks: what runs first, then the newest. What runs is kept until it is left."""
    installed = packages.kernels((s.name, s.version or "") for s in seen.installed)
    others = {kernel.release: kernel for kernel in installed if kernel.release != target.release}
    order = newest_first(others)
    if seen.running in others:
        order = [seen.running, *(release for release in order if release != seen.running)]
    count = max(intent.fallbacks, 1 if seen.running in others else 0)
    return [target, *(others[release] for release in order[:count])]


def _is_cut_off(target: Kernel, seen: Observed, packages: KernelPackages) -> bool:
    """Whether the target is installed, and what its package runs at the end was not, as after a power cut."""
    if not packages.installs_again or not installed_version(seen.installed, target.package, target.version):
        return False
    has_no_entry = seen.boot.kind == BLS and seen.boot.entry_of(target.release) is None
    return has_no_entry or (seen.boot.kind != SYSTEMD_BOOT and bool(lacking(seen.boot_files, target.release)))


def _check(
    intent: Intent,
    target: Kernel,
    chosen: t.Mapping[str, str],
    seen: Observed,
    packages: KernelPackages,
    requests: t.Sequence[PackageRequest],
) -> None:
    if seen.boot.kind == UNKNOWN:
        raise HostError(NO_LOADER)
    if seen.boot.no_default:
        raise HostError(f"kernel {target.release} can't be made the default: {seen.boot.no_default}")
    if seen.trial.status == trial.NOT_CONFIRMED and seen.trial.release == seen.running:
        raise HostError(
            f"nobody confirmed kernel {seen.running}, and the host is going back to its other one: wait until it is up "
            f"again, or remove {trial.FOLDER} when it was started by hand"
        )
    problems = [
        *packages.check(intent.fallbacks, seen.files),
        *check_against_baseline(intent.present, intent.absent, seen.baseline_parameters),
        *check_against_entries(intent.present, intent.absent, seen.boot.parameters, seen.record.added),
    ]
    foreign = set(seen.held) - set(seen.record.holds)
    in_the_way = packages.in_the_way(chosen, foreign, seen.installed)
    if in_the_way:
        words = f"{', '.join(in_the_way)} {'is' if len(in_the_way) == 1 else 'are'} held by somebody else"
        problems.append(Problem("release", f"{target.release} can't be installed: {words}", "let go of it first"))
    if problems:
        raise InputError(problems)
    missing = lacking(seen.boot_files, target.release)
    is_new = any(request.name == target.package for request in requests)
    if missing and not is_new and seen.boot.kind != SYSTEMD_BOOT:
        raise HostError(f"kernel {target.release} is installed and lacks {missing} in /boot; install it again")
    if is_new and seen.free_bytes < seen.needed_bytes:
        mib = 1024 * 1024
        raise HostError(
            f"/boot has {seen.free_bytes // mib} MiB left, and kernel {target.release} takes about "
            f"{-(-seen.needed_bytes // mib)} MiB; remove a kernel that is not needed"
        )


def _holds(
    difference: Difference,
    chosen: t.Mapping[str, str],
    seen: Observed,
    packages: KernelPackages,
    requests: t.Sequence[PackageRequest],
) -> tuple[tuple[str, ...], tuple[str, ...], set[str]]:
    """What to let go of, what to hold, and what of it is ours."""
    wanted = packages.holds(chosen, seen.installed)
    foreign = set(seen.held) - set(seen.record.holds)
    ours = wanted - foreign
    stale = set(seen.record.holds) & set(seen.held) - wanted
    # What is held can't be changed: it is let go of first, and held again.
    changed = {name for name in ours & set(seen.held) if requests and name in {request.name for request in requests}}
    before = sorted((set(seen.record.holds) | wanted) & set(seen.held))
    difference.compare("held", before, sorted(set(before) - stale | wanted))
    return tuple(sorted(stale | changed)), tuple(sorted((ours - set(seen.held)) | changed)), ours


def _settings(difference: Difference, intent: Intent, parameters: ParameterChange, seen: Observed) -> Texts:
    difference.compare("kernel parameters", list(parameters.before), list(parameters.after))
    if seen.boot.kind != GRUB:
        return {}
    wanted: Texts = {path: grub.render_settings(intent.present, intent.absent) for path in seen.boot.settings}
    return compare_files(difference, wanted, dict(seen.boot.settings))


def plan_release(seen: Observed, packages: KernelPackages) -> Plan:
    """The plan to release whatever is pinned. Packages stay, and so does the default of the boot loader, where that is
    the user's to choose; one that keeps new kernels from ever being started is forgotten.
    """
    record = seen.record
    difference = Difference()
    difference.compare("pinned", record.release or None, None)
    held = sorted(set(record.holds) & set(seen.held))
    difference.compare("held", held, [])
    files = compare_files(difference, packages.release_files(seen.files, record.before), seen.files)
    settings = compare_files(difference, dict.fromkeys(seen.boot.settings), dict(seen.boot.settings))
    parameters = compare_parameters((), (), seen.boot.parameters, record.added, record.removed)
    difference.compare("kernel parameters", list(parameters.before), list(parameters.after))
    armed = seen.trial.status in (trial.PREPARED, trial.WAITING)
    difference.compare("way back", "armed" if armed else None, None)
    once = "" if armed and difference.compare("kernel started once", seen.boot.once or None, None) else None
    return Plan(
        target=None,
        difference=difference,
        unhold=tuple(held),
        files=files,
        settings=settings,
        add=parameters.add,
        remove=parameters.remove,
        forget_default=seen.boot.kind == SYSTEMD_BOOT and bool(record.release),
        once=once,
        disarm=armed,
    )
