# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""systemd-boot: entries on the EFI system partition, default and next entry in variables of the firmware."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import systemd_boot
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.bls import parse_entries, with_options
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import SYSTEMD_BOOT, BootState
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import (
    compare_parameters,
    has,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.loader import Loader

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan

ENTRIES = tuple(f"{folder}/loader/entries" for folder in ("/boot/efi", "/efi", "/boot"))
# What kernel-install(8) gives the entries of kernels that come later.
COMMAND_LINE = "/etc/kernel/cmdline"


class SystemdBootLoader(Loader):
    """bootctl(1) tells the firmware; a default is named by a pattern, since counted tries change an entry's name."""

    kind = SYSTEMD_BOOT

    def observe(self) -> BootState:
        entries = parse_entries({path.rpartition("/")[2]: text for path, text in self._texts().items()}, {})
        default = systemd_boot.find_release(entries, self._variable("LoaderEntryDefault"))
        return BootState(
            kind=SYSTEMD_BOOT,
            entries=entries,
            default=default or (entries[0].release if entries else ""),
            once=systemd_boot.find_release(entries, self._variable("LoaderEntryOneShot")),
        )

    def change(self, plan: Plan) -> None:
        if plan.safe:
            self.set_default(plan.safe)
        if not plan.changes_loader:
            return
        # The first is the newest's, which is what a kernel that comes next would have been given.
        first = next(iter(self.observe().parameters), ())
        given = self.io.read_text(COMMAND_LINE)
        words = given.split() if given is not None else list(first)
        kept = [word for word in words if not has(plan.remove, word)]
        line = [*kept, *(word for word in plan.add if not has(kept, word))]
        self.io.write_atomic(COMMAND_LINE, " ".join(line) + "\n")
        self._update(plan.add, plan.remove)

    def complete(self, plan: Plan) -> None:
        change = compare_parameters(plan.present, plan.absent, self.observe().parameters)
        self._update(change.add, change.remove)

    def _update(self, add: t.Sequence[str], remove: t.Sequence[str]) -> None:
        for path, text in self._texts().items():
            changed = with_options(text, add, remove)
            if changed != text:
                status = self.io.status(path)
                self.io.write_atomic(path, changed, status.mode if status else 0o644)

    def set_default(self, release: str) -> None:
        self._tell("set-default", self._pattern(self.entry(release).id) if release else "")

    def set_once(self, release: str) -> None:
        self._tell("set-oneshot", self._pattern(self.entry(release).id) if release else "")

    def _tell(self, verb: str, name: str) -> None:
        done = self.io.run(["bootctl", verb, name])
        if done.rc != 0:
            words = done.stderr.strip() or done.stdout.strip()
            raise HostError(f"bootctl {verb} {name}: failed with {done.rc}: {words}; are EFI variables writable?")

    def _pattern(self, identity: str) -> str:
        """What names an entry, now and once its tries are no longer counted in its file's name."""
        names = [path.rpartition("/")[2] for path in self._texts()]
        return f"{identity}.conf" if f"{identity}.conf" in names else f"{identity}*.conf"

    def _variable(self, name: str) -> str:
        return systemd_boot.parse_variable(self.io.read_bytes(systemd_boot.variable_path(name)))

    def _texts(self) -> dict[str, str]:
        paths = [path for folder in ENTRIES for path in self.io.glob(f"{folder}/*.conf")]
        return {path: self.io.read_text(path) or "" for path in paths}
