# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Does what a plan for the kernel says, with the HostIO, the package manager and the boot loader handed in."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import record as records
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import trial
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import SYSTEMD_BOOT
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot_files import lacking
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_observe import (
    BOOT,
    boot_id,
    secure_boot_refusal,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.loader import Loader
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageManager


class KernelApplier:
    """Applies plans so that the host can be started whenever the power fails.

    First the kernel that runs becomes the default, then packages change, and only a kernel that is there with all it
    needs is told to the boot loader. What was done is noted before it is done, so that the next run knows it as ours.
    """

    def __init__(self, io: HostIO, manager: PackageManager, loader: Loader) -> None:
        self.io = io
        self.manager = manager
        self.loader = loader

    def pin(self, plan: Plan, confirm_seconds: int) -> None:
        """Pin the plan's target. Raises HostError."""
        if plan.requests or plan.hold or plan.unhold:
            self.manager.ready()
        before = records.parse_record(self.io.read_text(records.PATH))
        # Holds of the pin before are ours until they are let go of.
        holds = tuple(sorted({*plan.record.holds, *before.holds}))
        self._save(records.Record(**{**vars(plan.record), "holds": holds}))
        if not plan.on_trial and not plan.waits:
            self._disarm(plan)
        self.loader.change(plan)
        self.manager.unhold(plan.unhold)
        for path, text in plan.files.items():
            self._write(path, text)
        try:
            if plan.requests:
                self.manager.install(plan.requests)
        finally:
            # Whatever came of it: nothing may move by itself.
            self.manager.hold(plan.hold)
        self._check_held(plan)
        if plan.requests:
            self.loader.complete(plan)
        self._boot(plan, confirm_seconds)
        self._save(plan.record)

    def release(self, plan: Plan) -> None:
        """Take everything back that pinned a kernel. Raises HostError."""
        if plan.unhold:
            self.manager.ready()
        if plan.once is not None:
            self.loader.set_once("")
        self._disarm(plan)
        if plan.changes_loader:
            self.loader.change(plan)
        if plan.forget_default:
            self.loader.set_default("")
        self.manager.unhold(plan.unhold)
        self._check_held(plan)
        for path, text in plan.files.items():
            self._write(path, text)
        self.io.remove(records.PATH)

    def _boot(self, plan: Plan, confirm_seconds: int) -> None:
        """Tell the boot loader what to start, the way back first."""
        told = {plan.default, plan.once or ""} - {""}
        for release in sorted(told) if self.loader.kind != SYSTEMD_BOOT else ():
            missing = lacking(self.io.list_directory(BOOT), release)
            if missing:
                raise HostError(f"kernel {release} lacks {missing} in {BOOT}, so it is not started; install it again")
        if plan.target and not plan.keeps:
            reason = secure_boot_refusal(self.io, self.loader, plan.target.release)
            if reason:
                raise HostError(f"{reason}. It is installed, and what was started before stays the default")
        if plan.default and (plan.default_changes or plan.changes_loader or plan.requests):
            self.loader.set_default(plan.default)
        if plan.arm and plan.once:
            self._arm(trial.Trial(plan.once, boot_id(self.io), confirm_seconds))
        if plan.once is not None or plan.arm:
            self.loader.set_once(plan.once or "")
        # Neither packages' hooks nor the boot loader's tools wait for the disk; the power may fail from here on.
        self.io.run(["sync", "--file-system", BOOT], check=True)

    def _check_held(self, plan: Plan) -> None:
        """See that it came true: a lock that is worded otherwise holds nothing, or is never let go of."""
        if not (plan.hold or plan.unhold):
            return
        held = self.manager.holds()
        wrong = {"not held": set(plan.hold) - held, "still held": (set(plan.unhold) - set(plan.hold)) & held}
        for words, names in wrong.items():
            if names:
                raise HostError(f"{', '.join(sorted(names))}: {words}, although {self.manager.name} was told otherwise")

    def _arm(self, on_trial: trial.Trial) -> None:
        self.io.run(["systemctl", "stop", f"{trial.NAME}.timer"])
        self.io.remove_tree(trial.FOLDER)
        # The folder around it has files everybody reads, as engines without privileges do.
        around = trial.FOLDER.rpartition("/")[0]
        self.io.make_directory(around)
        self.io.set_mode(around, 0o755)
        self.io.make_directory(trial.FOLDER, 0o700)
        for path, (text, mode) in trial.files(on_trial).items():
            self.io.write_atomic(path, text, mode)
        self.io.run(["systemctl", "daemon-reload"], check=True)

    def _disarm(self, plan: Plan) -> None:
        """Keep the host from going back, be it confirmed or given up. Raises HostError when it does so already."""
        if self.io.exists(trial.ARMED):
            # One rename decides between the two, whoever comes first.
            self.io.rename(trial.ARMED, trial.CONFIRMED)
        elif plan.disarm:
            raise HostError("nobody confirmed in time, and the host is going back by itself: wait until it is up again")
        if any(self.io.exists(path) for path in trial.UNITS):
            self.io.run(["systemctl", "stop", f"{trial.NAME}.timer"])
            for path in trial.UNITS:
                self.io.remove(path)
            self.io.run(["systemctl", "daemon-reload"], check=True)
        self.io.remove_tree(trial.FOLDER)

    def _save(self, record: records.Record) -> None:
        text = records.render_record(record)
        if self.io.read_text(records.PATH) != text:
            self.io.write_atomic(records.PATH, text)

    def _write(self, path: str, text: t.Optional[str]) -> None:
        if text is None:
            self.io.remove(path)
        else:
            status = self.io.status(path)
            self.io.write_atomic(path, text, status.mode if status else 0o644)
