# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Why a host has to be rebooted for its updates to count, and which services it is enough to restart."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.reboot import is_rebuilt
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import sort_key
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.trial import PREPARED, WAITING

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import Update
    from ansible_collections.anycloud.container_host.plugins.module_utils._patch.processes import Process

# Almost everything on a host uses these: what is left of them is gone for certain after a reboot alone.
_CORE = re.compile(r"/(?:ld-linux[^/]*|ld-\d[^/]*|libc[.-][^/]*|libcrypto\.so[^/]*|libssl\.so[^/]*)$")
# Its restart cuts off everything that talks to systemd and to sessions; distributions leave it to the reboot.
_NOT_RESTARTED = re.compile(r"dbus(-broker)?\.service$")
_SERVICE = re.compile(r".+\.service$")
# Sessions end by themselves.
_SESSION = re.compile(r"user@\d+\.service$|session-.*\.scope$")
# Packages whose update counts after a reboot alone, for check mode, by the names all package managers use.
_COUNTS_AFTER_REBOOT = re.compile(
    r"(linux-image-.*|kernel(-core|-default|-rt)?|libc6|glibc|libssl[\w.]*|libopenssl\w*|openssl-libs|systemd|dbus"
    r"|dbus-broker|dbus-daemon|linux-firmware|microcode_ctl|intel-microcode|amd64-microcode)(?:[:.].*)?$"
)


def reboot_refused(kernel: t.Mapping[str, t.Any]) -> str:
    """Why a reboot now would not start the kernel that is meant; empty when it would. kernel: see below."""
    if kernel["trial"]["status"] in (PREPARED, WAITING):
        return f"{kernel['trial']['message']}; confirm it or leave it first (role kernel)"
    following = kernel["boot"]["once"] or kernel["boot"]["default"]
    if kernel["pinned"] and following and following != kernel["pinned"]:
        return f"the boot loader would start {following}, and {kernel['pinned']} is pinned; pin it again (role kernel)"
    return ""


def kernel_reasons(kernel: t.Mapping[str, t.Any], built: str) -> list[str]:
    """kernel: what kernel_pin_info tells. built: the version the running kernel was built for, empty when unknown."""
    if kernel["pinned"]:
        return [kernel["reboot_reason"]] if kernel["reboot_reason"] else []
    running = kernel["running"]
    own = next((entry for entry in kernel["installed"] if entry["release"] == running), None)
    flavour = own["flavour"] if own else None
    bootable = [entry for entry in kernel["installed"] if entry["bootable"] and entry["flavour"] == flavour]
    # What the boot loader starts counts: where it stays with another kernel, a reboot would not change it.
    following = kernel["boot"]["default"] or (bootable[0]["release"] if bootable else running)
    if sort_key(following) > sort_key(running):
        return [f"kernel {running} runs, and {following} is installed"]
    if own and is_rebuilt(running, built, following, own["version"]):
        return [f"kernel {running} runs as it was built for {built}, and {own['version']} is installed"]
    return []


def file_reasons(required: t.Optional[str], packages: t.Optional[str]) -> list[str]:
    """What packages themselves have asked for in /run/reboot-required and its list of packages."""
    if required is None:
        return []
    names = sorted(set((packages or "").split()))
    return [f"packages ask for it: {', '.join(names)}" if names else "a package asks for it"]


def process_reasons(processes: t.Sequence[Process], kept_units: t.Collection[str] = ()) -> list[str]:
    """Why restarting services is not enough. kept_units: those whose restart would stop containers."""
    reasons = []
    if any(process.pid == 1 for process in processes):
        reasons.append("PID 1 runs files that have been replaced")
    core: dict[str, int] = {}
    for process in (process for process in processes if not _SESSION.match(process.unit)):
        for path in process.files:
            if _CORE.search(path):
                name = path.rpartition("/")[2]
                core[name] = core.get(name, 0) + 1
    if core:
        counts = ", ".join(f"{name} ({count} processes)" for name, count in sorted(core.items()))
        reasons.append(f"replaced libraries are in use: {counts}")
    units = sorted({process.unit for process in processes})
    for unit in units:
        if _NOT_RESTARTED.match(unit):
            reasons.append(f"{unit} runs files that have been replaced, and can't be restarted alone")
        elif unit in kept_units:
            reasons.append(f"{unit} runs files that have been replaced, and its restart would stop containers")
    return reasons


def package_reasons(names: t.Sequence[str]) -> list[str]:
    """names: packages that count only after a reboot, and came after the last one."""
    return [f"updated since the last boot: {', '.join(names)}"] if names else []


def services_to_restart(processes: t.Sequence[Process], kept_units: t.Collection[str] = ()) -> list[str]:
    """The services that run replaced files and can be restarted alone."""
    units = {process.unit for process in processes if process.pid != 1}
    return sorted(
        unit
        for unit in units
        if _SERVICE.match(unit)
        and not _SESSION.match(unit)
        and not _NOT_RESTARTED.match(unit)
        and unit not in kept_units
    )


def foretold_reasons(updates: t.Sequence[Update]) -> list[str]:
    """For check mode: the updates that will ask for a reboot, as far as their names tell."""
    names = [update.name for update in updates if _COUNTS_AFTER_REBOOT.match(update.name)]
    return [f"updates will ask for it: {', '.join(names)}"] if names else []
