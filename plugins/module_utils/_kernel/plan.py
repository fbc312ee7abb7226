# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The plan to pin a kernel or to release it: everything that differs, and what is to be done about it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import BootState
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.record import Record
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.trial import NONE, Outcome
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageRequest

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel, Texts
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus


@dataclass(frozen=True)
class Observed:
    """A host as it is. built: the version the running kernel was built for, where it can be told.

    installed: the packages kernels are made of. held: everything that is held. files: those that keep kernels off.
    boot_files: the names in /boot. free_bytes: what is left there. needed_bytes: what one more kernel takes there.
    """

    architecture: str
    running: str
    built: str
    boot_id: str
    command_line: tuple[str, ...]
    installed: tuple[PackageStatus, ...]
    held: frozenset[str]
    files: Texts
    boot: BootState
    record: Record
    trial: Outcome = field(default_factory=lambda: Outcome(NONE))
    baseline_parameters: tuple[str, ...] = ()
    boot_files: tuple[str, ...] = ()
    free_bytes: int = 0
    needed_bytes: int = 0


@dataclass(frozen=True)
class Plan:
    """target: the kernel that is pinned, None when it is released.

    safe: the release to be started by itself until the rest is done; empty to leave it. default: the one afterwards.
    once: the one to be started once, None to leave it, empty for none. settings: the boot loader's files.
    add, remove: parameters, for boot loaders without such files. arm, disarm: the way back.
    on_trial: the target is to be tried, whether that is new or not.
    waits: the target runs on trial, and it is for the user to confirm it.
    keeps: what is started stays as it is.
    """

    target: t.Optional[Kernel]
    difference: Difference
    requests: tuple[PackageRequest, ...] = ()
    unhold: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    files: Texts = field(default_factory=dict)
    settings: Texts = field(default_factory=dict)
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    safe: str = ""
    default: str = ""
    default_changes: bool = False
    forget_default: bool = False
    once: t.Optional[str] = None
    arm: bool = False
    disarm: bool = False
    on_trial: bool = False
    waits: bool = False
    keeps: bool = False
    record: Record = field(default_factory=Record)
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def changes_loader(self) -> bool:
        """Whether the boot loader's menu is to be made anew."""
        return bool(self.settings or self.add or self.remove)

    def actions(self) -> list[str]:
        """What is done, one line per action, in its order."""
        lines = [f"let go of {name}" for name in self.unhold]
        lines += [f"{'write' if text is not None else 'remove'} {path}" for path, text in self.files.items()]
        lines += [f"{'write' if text is not None else 'remove'} {path}" for path, text in self.settings.items()]
        lines += [f"add kernel parameter {word}" for word in self.add]
        lines += [f"remove kernel parameter {word}" for word in self.remove]
        lines += [f"install {request.name} {request.version}" for request in self.requests]
        lines += [f"hold {name}" for name in self.hold]
        if self.default_changes:
            lines.append(f"start {self.default} by default")
        if self.arm:
            lines.append("prepare the way back")
        if self.once is not None:
            lines.append(f"start {self.once} once" if self.once else "start nothing once")
        if self.forget_default:
            lines.append("leave the default to the boot loader")
        if self.disarm:
            lines.append("confirm the running kernel" if self.target else "take down the way back")
        return lines


def compare_files(difference: Difference, wanted: Texts, found: Texts) -> Texts:
    """The files that differ, with what they shall be."""
    return {path: text for path, text in wanted.items() if difference.compare(path, found.get(path), text)}
