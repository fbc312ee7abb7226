# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Entries of the Boot Loader Specification started by GRUB and kept by grubby(8)."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._grub_generator import GENERATE_SECONDS, LAYOUTS
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.bls import parse_entries
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import BLS, BootState
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import compare_parameters
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import (
    SAVED,
    default_name,
    parse_environment,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.grub import environment_is_read_only
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.loader import Loader

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan

ENTRIES = "/boot/loader/entries"
LAYOUT = LAYOUTS[1]


class BlsLoader(Loader):
    """Default and next entry are ids of entries in GRUB's environment block; without one, the newest is started."""

    kind = BLS

    def observe(self) -> BootState:
        environment = parse_environment(self.io.read_text(LAYOUT.environment))
        texts = {path.rpartition("/")[2]: self.io.read_text(path) or "" for path in self.io.glob(f"{ENTRIES}/*.conf")}
        entries = parse_entries(texts, environment)
        saved, following = environment.get("saved_entry") or "", environment.get("next_entry") or ""
        by_id = {entry.id: entry.release for entry in entries}
        numbers = {str(index): entry.release for index, entry in enumerate(entries)}
        named = default_name(self.io.read_text(LAYOUT.cfg) or "")
        fixed = named if named != SAVED else ""
        first = entries[0].release if entries else ""
        return BootState(
            kind=BLS,
            entries=entries,
            default=by_id.get(saved) or numbers.get(saved) or first,
            once=by_id.get(following) or numbers.get(following) or "",
            no_default=f"GRUB_DEFAULT is {fixed}: make it saved, and generate {LAYOUT.cfg} anew" if fixed else "",
            no_once=environment_is_read_only(self.io, LAYOUT),
        )

    def change(self, plan: Plan) -> None:
        if plan.safe:
            self.set_default(plan.safe)
        self._update(plan.add, plan.remove)

    def complete(self, plan: Plan) -> None:
        # What a new entry is given differs between releases of the distribution, so it is looked at.
        change = compare_parameters(plan.present, plan.absent, self.observe().parameters)
        self._update(change.add, change.remove)

    def _update(self, add: t.Sequence[str], remove: t.Sequence[str]) -> None:
        options = [f"--remove-args={' '.join(remove)}"] if remove else []
        if add:
            options.append(f"--args={' '.join(add)}")
        if options:
            argv = ["grubby", "--update-kernel=ALL", *options]
            self.io.run(argv, timeout_seconds=GENERATE_SECONDS, check=True)

    def set_default(self, release: str) -> None:
        verb = ["set", f"saved_entry={self.entry(release).id}"] if release else ["unset", "saved_entry"]
        self._environment(*verb)

    def set_once(self, release: str) -> None:
        verb = ["set", f"next_entry={self.entry(release).id}"] if release else ["unset", "next_entry"]
        self._environment(*verb)

    def _environment(self, verb: str, what: str) -> None:
        self.io.run([LAYOUT.program("editenv"), LAYOUT.environment, verb, what], check=True)
