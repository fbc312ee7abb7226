# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The work of the module lsm from its options to its result, with the HostIO handed in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.denials import Denial, blocking
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.plan import Plan, check, compare
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import parse_settings
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_apply import LsmApplier
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_compile import clean, compile_all
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm_observe import observe, read_denials
from ansible_collections.anycloud.container_host.plugins.module_utils._machine import check_machine

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


@dataclass(frozen=True)
class Outcome:
    """What the module reports."""

    plan: Plan
    denials: tuple[Denial, ...]


def refusal(denials: t.Sequence[Denial]) -> HostError:
    """Why enforcing isn't turned on, with every kind of refusal and the rule that would allow it."""
    why = "enforcing is refused: it would break what was seen while nothing was enforced"
    return HostError("\n".join([f"{why}. Allow it by a policy module, mend it, or set force:", *map(str, denials)]))


class LsmHost:
    """One host's access control, in check mode or not."""

    def __init__(self, io: HostIO, options: t.Mapping[str, t.Any], check_mode: bool) -> None:
        """``options``: the module's. Raises InputError for bad ones, HostError where nothing can be managed."""
        self.settings = parse_settings(options)
        self.check_mode = check_mode
        self.io = io
        check_machine(io, "access controls", "they are set up at its start")

    def run(self) -> Outcome:
        """Observe, check everything, plan, and outside check mode apply."""
        observed = observe(self.io, self.settings)
        problems = check(self.settings, observed)
        if problems:
            raise InputError(problems)
        plan = compare(self.settings, observed)
        if plan.refused:
            raise refusal(plan.refused)
        changed = [one for one in self.settings.profiles if one.profile in plan.changed]
        packages: list[str] = []
        if plan.install or changed:
            packages = compile_all(self.io, plan.install, changed)
        denials = observed.denials
        try:
            if not self.check_mode and plan.actions():
                applier = LsmApplier(self.io, self.settings, observed)
                applier.prepare(plan, packages)
                denials = self._collect(plan, applier)
                applier.switch(plan)
        finally:
            if packages or changed:
                clean(self.io)
        return Outcome(plan, denials)

    def _collect(self, plan: Plan, applier: LsmApplier) -> tuple[Denial, ...]:
        """What is seen before anything is enforced, for as long as was asked. Raises HostError when it would break."""
        if plan.mode not in ("enforcing", "enforce"):
            return read_denials(self.io, plan.provider, applier.state.since_seconds)
        remaining = applier.state.since_seconds + self.settings.collect_seconds - applier.now()
        if remaining > 0 and not self.settings.force:
            self.io.sleep(min(remaining, self.settings.collect_seconds))
        denials = read_denials(self.io, plan.provider, applier.state.since_seconds)
        domains = self.settings.blocking_domains if plan.provider == "selinux" else tuple(plan.load)
        seen = blocking([one for one in denials if not one.enforced], domains)
        if seen and not self.settings.force:
            raise refusal(seen)
        return denials
