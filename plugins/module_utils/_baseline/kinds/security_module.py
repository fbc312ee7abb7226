# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether the mandatory access control of the host is in force: AppArmor or SELinux, whichever it runs. Only looks.

What is lost by a confinement that is off shows nowhere else: containers run as well without it.
"""

from __future__ import annotations

import fnmatch
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader

APPARMOR, SELINUX = "apparmor", "selinux"
ENFORCING, LOADED, NO_COMPLAIN = "enforcing", "profiles_loaded", "none_complaining"
CHECKS = (ENFORCING, LOADED, NO_COMPLAIN)
PACKAGE = "apparmor"
"""What loads the profiles, by this name wherever AppArmor is packaged."""


@dataclass(frozen=True)
class Parameters:
    """check: what about the module. profiles: those that have to be loaded (patterns). complain: those that may.

    requires_path: without it, no object.
    """

    module: str
    check: str
    profiles: tuple[str, ...]
    complain: tuple[str, ...]
    requires_path: str


@dataclass(frozen=True)
class Seen:
    """active: the kernel's modules in force. profiles: AppArmor's, name -> mode. selinux_mode: that of the running
    policy; selinux_at_boot: what its configuration says. confined: the profiles running programs have, name -> mode.
    loading: profiles are about to be installed.
    """

    active: frozenset[str]
    profiles: t.Mapping[str, str]
    selinux_mode: str
    selinux_at_boot: str
    existing: frozenset[str]
    confined: t.Mapping[str, str]
    loading: bool = False


def parse_profiles(text: str) -> dict[str, str]:
    """AppArmor's list: ``name (mode)`` in each line."""
    found = {}
    for line in text.splitlines():
        name, opening, mode = line.rpartition(" (")
        if opening:
            found[name] = mode.rstrip(")")
    return found


def parse_selinux_config(text: str) -> str:
    """SELINUX= of /etc/selinux/config; empty when it is not said."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line.partition("=")[2].strip().lower() for line in lines if line.startswith("SELINUX=")), "")


class SecurityModule(Kind[Parameters, Seen]):
    """Kind ``security_module``."""

    name = "security_module"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            module=reader.choice("module", (APPARMOR, SELINUX)),
            check=reader.choice("check", CHECKS, ENFORCING),
            profiles=reader.texts("profiles", ()),
            complain=reader.texts("complain", ()),
            requires_path=reader.text("requires_path", ""),
        )
        if parameters.module == SELINUX and parameters.check != ENFORCING:
            reader.wrong("check", f"is {parameters.check!r} for {SELINUX}", f"only {ENFORCING} is looked at there")
        if parameters.check == LOADED and not parameters.profiles:
            reader.wrong("profiles", "is missing", "name the profiles that have to be loaded")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> Seen:
        io = scope.io
        active = (io.read_text("/sys/kernel/security/lsm") or "").strip().split(",")
        required = {item.parameters.requires_path for item in scope.items if item.parameters.requires_path}
        looks_at_programs = any(item.parameters.check == NO_COMPLAIN for item in scope.items)
        programs = io.glob("/proc/[0-9]*/attr/current") if looks_at_programs else []
        labels = "".join((io.read_text(path) or "").rstrip("\0\n") + "\n" for path in programs)
        enforce = (io.read_text("/sys/fs/selinux/enforce") or "").strip()
        return Seen(
            active=frozenset(active),
            profiles=parse_profiles(io.read_text("/sys/kernel/security/apparmor/profiles") or ""),
            selinux_mode={"1": "enforcing", "0": "permissive"}.get(enforce, "disabled"),
            selinux_at_boot=parse_selinux_config(io.read_text("/etc/selinux/config") or ""),
            existing=frozenset(path for path in required if io.exists(path)),
            confined=parse_profiles(labels),
            loading=PACKAGE in scope.arriving,
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: Seen, _kept: Record) -> KindPlan:
        return KindPlan(tuple(self._compare_one(item, seen) for item in items))

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: Seen) -> Finding:
        wants = item.parameters
        other = SELINUX if wants.module == APPARMOR else APPARMOR
        if wants.module not in seen.active and other in seen.active:
            return Finding(item.id, NOT_APPLICABLE, reason=f"this host is confined by {other}")
        if wants.requires_path and wants.requires_path not in seen.existing:
            return Finding(item.id, NOT_APPLICABLE, reason=f"{wants.requires_path} is not there")
        if wants.module not in seen.active:
            reason = f"the kernel runs neither {wants.module} nor {other}: nothing confines containers"
            state = {wants.module: "not in force"}
            return Finding(item.id, FAILED, state, {wants.module: "in force"}, reason)
        if wants.module == SELINUX:
            before = {"running": seen.selinux_mode, "at boot": seen.selinux_at_boot}
            after = {"running": "enforcing", "at boot": "enforcing"}
            reason = "see in the audit log what would be denied, mend it, then set it to enforcing"
            return _judge(item.id, before, after, reason)
        if wants.check == ENFORCING:
            return _enough_enforced(item.id, seen)
        if wants.check == LOADED:
            return _all_loaded(item.id, wants.profiles, seen)
        return _none_complaining(item.id, wants.complain, seen)


def _judge(control: str, before: t.Mapping[str, str], after: t.Mapping[str, str], reason: str) -> Finding:
    if before == after:
        return Finding(control, PASSED, before, after)
    return Finding(control, FAILED, before, after, reason)


def _enough_enforced(control: str, seen: Seen) -> Finding:
    after = {APPARMOR: "in force, profiles are enforced"}
    if any(mode == "enforce" for mode in seen.profiles.values()):
        return Finding(control, PASSED, after, after)
    before = {APPARMOR: "in force, no profile is enforced"}
    if seen.loading:
        return Finding(control, DEVIATES, before, after)
    return Finding(control, FAILED, before, after, "start apparmor.service, which loads the profiles")


def _all_loaded(control: str, patterns: t.Sequence[str], seen: Seen) -> Finding:
    before, after = {}, {}
    for pattern in patterns:
        modes = {mode for name, mode in seen.profiles.items() if fnmatch.fnmatchcase(name, pattern)}
        before[pattern] = ", ".join(sorted(modes)) or "not loaded"
        after[pattern] = "enforce"
    reason = "restart the engine, which loads its profile; aa-enforce one that only complains"
    return _judge(control, before, after, reason)


def _none_complaining(control: str, allowed: t.Sequence[str], seen: Seen) -> Finding:
    # Only profiles that confine something now: distributions load many that complain for programs nobody installed.
    before = {
        name: mode
        for name, mode in sorted(seen.confined.items())
        if mode == "complain" and not any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed)
    }
    if not before:
        return Finding(control, PASSED)
    after = dict.fromkeys(before, "enforce")
    reason = f"programs run under {', '.join(before)}, which only complain; aa-enforce them"
    return Finding(control, FAILED, before, after, reason)
