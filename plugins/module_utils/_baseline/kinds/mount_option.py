# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Options of mounts: now by a remount, at boot by fstab(5) or a drop-in of the mount's unit (systemd.mount(5)).

A path without a mount of its own is left alone, since the layout of disks is not the baseline's; only memory can be
mounted there. noexec and nosuid never reach a mount that holds containers, whose volumes would get them too.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import fstab
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.mount_plan import (
    MOUNT,
    MountPlan,
    SeenMounts,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import (
    Item,
    Kind,
    Record,
    Scope,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.mount_units import read_unit
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    DEVIATES,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    Finding,
    KindPlan,
    PlanBuilder,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.stores import container_stores
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import mount_of, parse_mountinfo

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.parameters import Reader

TMPFS = "tmpfs"
# What programs expect to outlive a reboot (file-hierarchy(7)) and what holds data is never put into memory.
MEMORY_PATHS = ("/tmp", "/dev/shm")  # noqa: S108 - mount points, nothing is written there
REACHES_VOLUMES = ("noexec", "nosuid")


@dataclass(frozen=True)
class Parameters:
    """options: such as nodev or hidepid=2. if_missing: what to do about a path that is no mount of its own.

    spare_store: leave out what would reach volumes where containers are kept.
    """

    paths: tuple[str, ...]
    options: tuple[str, ...]
    if_missing: str
    spare_store: bool


class MountOption(Kind[Parameters, SeenMounts]):
    """Kind ``mount_option``."""

    name = "mount_option"

    def parse(self, reader: Reader) -> Parameters:
        parameters = Parameters(
            paths=tuple(path.rstrip("/") or "/" for path in reader.texts("paths")),
            options=reader.texts("options"),
            if_missing=reader.choice("if_missing", (NOT_APPLICABLE, TMPFS), NOT_APPLICABLE),
            spare_store=reader.boolean("spare_store", True),
        )
        for index, path in enumerate(parameters.paths):
            if not path.startswith("/") or path != "/" + "/".join(part for part in path.split("/") if part):
                reader.wrong(f"paths[{index}]", f"is {path!r}", "give an absolute path, without empty parts")
            elif parameters.if_missing == TMPFS and path not in MEMORY_PATHS:
                reader.wrong("if_missing", f"is {TMPFS} for {path}", f"only {' and '.join(MEMORY_PATHS)} can be memory")
        for index, option in enumerate(parameters.options):
            if option not in fstab.FLAGS and ("=" not in option or set(option) & set(", \t\n")):
                known = ", ".join(fstab.FLAGS)
                reader.wrong(f"options[{index}]", f"is {option!r}", f"give one of {known}, or name=value")
        return parameters

    def observe(self, scope: Scope[Parameters]) -> SeenMounts:
        mounts = parse_mountinfo(scope.io.read_text("/proc/self/mountinfo") or "")
        paths = {path for item in scope.items for path in item.parameters.paths}
        paths |= {entry.before["path"] for key, entry in scope.kept.items() if not key.startswith("file:")}
        stores: dict[str, str] = {}
        for store in container_stores(scope.io):
            mount = mount_of(store, mounts)
            if mount is not None:
                stores.setdefault(mount.path, store)
        status = scope.io.status(fstab.PATH)
        units = {path: read_unit(scope.io, path) for path in sorted(paths)}
        drop_ins = {key.partition(":")[2] for key in scope.kept if key.startswith("file:")}
        return SeenMounts(
            mounts={mount.path: mount for mount in mounts},
            stores=stores,
            fstab=scope.io.read_text(fstab.PATH),
            fstab_mode=(status.mode, status.uid, status.gid) if status else (0o644, 0, 0),
            units=units,
            drop_ins={path: scope.io.read_text(path) for path in sorted(drop_ins)},
        )

    def compare(self, items: t.Sequence[Item[Parameters]], seen: SeenMounts, kept: Record) -> KindPlan:
        builder = PlanBuilder(kept)
        mounts = MountPlan(seen, builder)
        for item in items:
            builder.findings.append(self._compare_one(item, seen, mounts))
        mounts.finish()
        return builder.plan()

    @staticmethod
    def _compare_one(item: Item[Parameters], seen: SeenMounts, mounts: MountPlan) -> Finding:
        wants = item.parameters
        before, after, spared, reasons = {}, {}, [], []
        for path in wants.paths:
            mount = seen.mounts.get(path)
            if mount is None and wants.if_missing != TMPFS:
                continue
            options = wants.options
            if wants.spare_store and path in seen.stores:
                options = tuple(option for option in options if option not in REACHES_VOLUMES)
                left_out = ", ".join(option for option in wants.options if option not in options)
                if left_out:
                    spared.append(f"without {left_out} on {path}, as containers are kept in {seen.stores[path]}")
            if not options:
                continue
            problem = mounts.problem_with(path, wants.if_missing == TMPFS)
            if problem:
                reasons.append(problem)
                continue
            before[path], after[path] = mounts.want(item.id, path, options)
        if reasons:
            return Finding(item.id, FAILED, before or None, after or None, "; ".join(reasons))
        if not before:
            reason = "; ".join(spared) or f"no {MOUNT}: {', '.join(wants.paths)}"
            return Finding(item.id, NOT_APPLICABLE, reason=reason)
        return Finding(item.id, PASSED if before == after else DEVIATES, before, after, "; ".join(spared))
