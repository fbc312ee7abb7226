# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What is to be done so that mounts have their options: one new fstab, drop-ins, and one remount per mount.

Kept in the record: ``line:PATH`` for a line we added to fstab, ``boot:PATH OPTION`` for what a line of others said
about an option, ``now:PATH OPTION`` for what the mount itself had, ``file:PATH`` for drop-ins.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline import fstab
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.fstab_step import WriteFstab
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.drop_in import plan_drop_in
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.memory_mount import MountMemory
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.mount_units import MountUnit
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.plan import (
    AT_NEXT_BOOT,
    PlanBuilder,
    Restoration,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Run
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import Mount

MOUNT = "mount of its own"
# Mounted by systemd itself before it reads fstab, whose options it sets afterwards (systemd-remount-fs.service(8)).
API_MOUNTS = ("/dev/shm", "/proc")  # noqa: S108 - mount points, nothing is written there
TMPFS_OPTIONS = "mode=1777,size=50%"


@dataclass(frozen=True)
class SeenMounts:
    """mounts: the last one at each path. stores: mount -> a container store on it. units: by path.

    fstab_mode: mode, owner and group of fstab. drop_ins: the text of those an earlier run wrote.
    """

    mounts: t.Mapping[str, Mount]
    stores: t.Mapping[str, str]
    fstab: str | None
    fstab_mode: tuple[int, int, int]
    units: t.Mapping[str, MountUnit]
    drop_ins: t.Mapping[str, t.Optional[str]]

    def line(self, path: str) -> str | None:
        """The line of fstab for a path."""
        number = fstab.find(self.fstab or "", path)
        return None if number is None else fstab.line_at(self.fstab or "", number)

    def options_now(self, path: str) -> tuple[str, ...] | None:
        """The options a mount has; None when nothing is mounted."""
        mount = self.mounts.get(path)
        return None if mount is None else mount.options

    def options_at_boot(self, path: str) -> tuple[str, ...] | None:
        """The options a mount will get; None when nothing says so."""
        line = self.line(path)
        if line is not None:
            return tuple(fstab.options_of(line))
        unit = self.units[path]
        return unit.options_now if unit.is_there else None


def words(options: t.Iterable[str] | None, wanted: t.Iterable[str], missing: str) -> str:
    """Those of the wanted options that hold, as a person writes them."""
    if options is None:
        return missing
    held = [option for option in wanted if fstab.has(options, option)]
    return ",".join(held) or "none of them"


class MountPlan:
    """Collects what controls want of mounts, then plans it for all of them together."""

    def __init__(self, seen: SeenMounts, builder: PlanBuilder) -> None:
        self._seen = seen
        self._builder = builder
        self._wanted: dict[str, dict[str, str]] = {}
        self._boot_changes: list[str] = []

    def problem_with(self, path: str, in_memory: bool) -> str:
        """Why a path's options can't be made to hold at boot, or an empty text."""
        unit = self._seen.units[path]
        if path not in self._seen.mounts and unit.is_masked:
            return f"{unit.name} is masked: unmask it, or exempt the control"
        if self._seen.line(path) is not None or unit.is_there or self._added_by_us(path, in_memory):
            return ""
        return f"{path} is mounted by neither fstab nor a unit: set its options where it is mounted, or exempt it"

    def _added_by_us(self, path: str, in_memory: bool) -> bool:
        mount = self._seen.mounts.get(path)
        return path in API_MOUNTS or (in_memory and (mount is None or mount.kind == "tmpfs"))

    def want(self, control: str, path: str, options: tuple[str, ...]) -> tuple[str, str]:
        """Note the options a control wants; returns how they are and how they will be."""
        for option in options:
            self._wanted.setdefault(path, {}).setdefault(option, control)
        now = words(self._seen.options_now(path), options, "not mounted")
        at_boot = words(self._seen.options_at_boot(path), options, "not written down")
        after = ",".join(options)
        return (now if at_boot in (now, after) else f"{now}, at boot {at_boot}"), after

    def finish(self) -> None:
        """Plan everything."""
        self._plan_fstab()
        self._plan_drop_ins()
        if self._boot_changes:
            ids = tuple(dict.fromkeys(self._boot_changes))
            self._builder.steps.append(Run(ids, ("systemctl", "daemon-reload")))
        kept_paths = {entry.before["path"] for key, entry in self._builder.kept.items() if key.startswith("now:")}
        for path in dict.fromkeys([*self._wanted, *sorted(kept_paths)]):
            self._plan_now(path)

    def _is_ours(self, path: str) -> bool:
        return f"line:{path}" in self._builder.kept or f"line:{path}" in self._builder.keep

    def _plan_fstab(self) -> None:
        text = before = self._seen.fstab or ""
        controls: list[str] = []
        for path, options in self._wanted.items():
            number = fstab.find(text, path)
            first = next(iter(options.values()))
            if number is None and not self._goes_to_unit(path):
                self._builder.remember(f"line:{path}", first, {"path": path})
                text = fstab.added(text, self._new_line(path, options))
                controls += options.values()
            elif number is not None and self._is_ours(path):
                text = fstab.replaced(text, number, self._new_line(path, options, fstab.line_at(text, number)))
                controls += options.values()
            elif number is not None:
                line = fstab.line_at(text, number)
                there = fstab.options_of(line)
                for option, control in options.items():
                    if not fstab.has(there, option):
                        token = fstab.token_for(there, option)
                        kept = {"path": path, "option": option, "token": token}
                        self._builder.remember(f"boot:{path} {option}", control, kept)
                        there = fstab.changed(there, option, option)
                        controls.append(control)
                text = fstab.replaced(text, number, fstab.with_options(line, there))
        text = self._restore_fstab(text, controls)
        if text != before:
            mode, uid, gid = self._seen.fstab_mode
            ids = tuple(dict.fromkeys(controls))
            content = None if not text and self._seen.fstab is None else text
            self._builder.steps.append(WriteFstab(ids, fstab.PATH, content, mode, uid, gid))
            self._boot_changes += ids

    def _goes_to_unit(self, path: str) -> bool:
        """Whether the options belong into a drop-in: a unit mounts this, and something is mounted."""
        return self._seen.units[path].is_there and path in self._seen.mounts and not self._is_ours(path)

    def _new_line(self, path: str, options: t.Iterable[str], old: str = "") -> str:
        """The line we add; an old one of ours only gets what it lacks, and loses what is no longer wanted."""
        if old:
            there = [option for option in fstab.options_of(old) if option not in fstab.FLAGS or option in options]
            for option in options:
                there = there if fstab.has(there, option) else fstab.changed(there, option, option)
            return fstab.with_options(old, there)
        joined = ",".join(options)
        if path in API_MOUNTS:
            kind = "proc" if path == "/proc" else "tmpfs"
            return f"{kind} {path} {kind} defaults,{joined} 0 0"
        return f"tmpfs {path} tmpfs defaults,{TMPFS_OPTIONS},{joined} 0 0"

    def _restore_fstab(self, text: str, controls: list[str]) -> str:
        """The text without what no control holds any more."""
        for key, entry in self._builder.kept.items():
            if not key.startswith(("line:", "boot:")):
                continue
            was = entry.before
            path = was["path"]
            number = fstab.find(text, path)
            if key.startswith("line:") and path not in self._wanted:
                line = None
                if number is not None:
                    line = fstab.line_at(text, number)
                    text = fstab.removed(text, number)
                    controls.append(entry.control)
                made = path not in API_MOUNTS and path in self._seen.mounts
                name = f"{path} in fstab"
                reason = AT_NEXT_BOOT if made else ""
                self._builder.restorations.append(Restoration(key, entry.control, {name: line}, {name: None}, reason))
            elif key.startswith("boot:") and was["option"] not in self._wanted.get(path, {}):
                name = f"{path} in fstab, {was['option']}"
                before = after = None
                if number is not None:
                    line = fstab.line_at(text, number)
                    there = fstab.options_of(line)
                    before = after = fstab.token_for(there, was["option"])
                    if fstab.has(there, was["option"]):
                        after = was["token"]
                        line = fstab.with_options(line, fstab.changed(there, was["option"], after))
                        text = fstab.replaced(text, number, line)
                        controls.append(entry.control)
                self._builder.restorations.append(Restoration(key, entry.control, {name: before}, {name: after}))
        return text

    def _plan_drop_ins(self) -> None:
        done = set()
        for path, options in self._wanted.items():
            unit = self._seen.units[path]
            if not self._goes_to_unit(path) or self._seen.line(path) is not None:
                continue
            wanted = list(unit.options)
            for option in options:
                wanted = wanted if fstab.has(wanted, option) else fstab.changed(wanted, option, option)
            lines = ["[Mount]", f"Options={','.join(wanted)}"] if tuple(wanted) != unit.options else []
            ids = tuple(dict.fromkeys(options.values()))
            done.add(unit.drop_in_path)
            if plan_drop_in(self._builder, unit.drop_in_path, unit.drop_in, lines, ids):
                self._boot_changes += ids
        for key, entry in self._builder.kept.items():
            file = key.partition(":")[2]
            if key.startswith("file:") and file not in done:
                plan_drop_in(self._builder, file, self._seen.drop_ins[file], [], ())
                self._boot_changes.append(entry.control)

    def _plan_now(self, path: str) -> None:
        """One mount or remount for everything about a path."""
        wanted = self._wanted.get(path, {})
        mount = self._seen.mounts.get(path)
        controls: list[str] = []
        if mount is None:
            if wanted:
                options = ",".join([TMPFS_OPTIONS, *wanted])
                self._builder.steps.append(MountMemory(tuple(dict.fromkeys(wanted.values())), path, options))
        else:
            target: dict[str, str] = {}
            for option, control in wanted.items():
                if not fstab.has(mount.options, option):
                    kept = {"path": path, "option": option, "token": fstab.token_for(mount.options, option)}
                    self._builder.remember(f"now:{path} {option}", control, kept)
                    target[option] = option
                    controls.append(control)
        for key, entry in self._builder.kept.items():
            if not key.startswith("now:") or entry.before["path"] != path or entry.before["option"] in wanted:
                continue
            option = entry.before["option"]
            there = mount is not None and fstab.has(mount.options, option)
            if there:
                name = fstab.name_of(option)
                target[option] = entry.before["token"] or (f"{name}=0" if "=" in option else fstab.FLAGS[option])
                controls.append(entry.control)
            name = f"{path}, {option}"
            now, back = ("set", "not set") if there else ("not set", "not set")
            self._builder.restorations.append(Restoration(key, entry.control, {name: now}, {name: back}))
        if mount is not None and target:
            self._builder.steps.append(Run(tuple(dict.fromkeys(controls)), remount(mount, target)))


def remount(mount: Mount, target: t.Mapping[str, str]) -> tuple[str, ...]:
    """The command that gives a mount other options. target: option -> what to set about it.

    Every flag is said outright, those that stay too: mount(2) takes those not named away, newer interfaces let them be.
    Naming what is mounted keeps mount(8) from reading fstab. ``bind`` leaves the file system itself alone.
    """
    flags = ["ro" if "ro" in mount.flags else "rw"]
    for option, opposite in fstab.FLAGS.items():
        there = option if option in mount.flags else opposite
        flags.append(target.get(option, there))
    flags += [option for option in mount.flags if option.endswith("atime") or option == "nosymfollow"]
    values = [token for option, token in target.items() if option not in fstab.FLAGS]
    how = ["remount"] if values else ["remount", "bind"]
    return ("mount", "-o", ",".join([*how, *flags, *values]), mount.source or "none", mount.path)
