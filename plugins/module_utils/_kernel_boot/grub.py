# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""GRUB with a generated menu: settings in a drop-in, the default and the next entry in its environment block."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._grub_generator import regenerate
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import grub
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import (
    GRUB,
    UNKNOWN,
    BootState,
    release_of_image,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.loader import Loader

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._grub_generator import Layout
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan

SETTINGS = "/etc/default/grub"
# Comes after the drop-ins images bring, and after the one of the baseline.
DROP_IN = f"{SETTINGS}.d/zzz-container-host-kernel.cfg"
READ_ONLY_DEVICES = {"diskfilter": "a software RAID", "lvm": "a logical volume"}
READ_ONLY_FILE_SYSTEMS = frozenset({"btrfs", "cpiofs", "newc", "odc", "romfs", "squash4", "tarfs", "zfs"})
"""Where GRUB can read its environment block and not write it (grub.d/00_header)."""


def environment_is_read_only(io: HostIO, layout: Layout) -> str:
    """Why GRUB can't write its environment block; empty when it can."""
    probe = layout.program("probe")
    devices = io.run([probe, "--target=abstraction", layout.folder]).stdout.split()
    named = [READ_ONLY_DEVICES[device] for device in devices if device in READ_ONLY_DEVICES]
    system = io.run([probe, "--target=fs", layout.folder]).stdout.strip()
    if system in READ_ONLY_FILE_SYSTEMS:
        named.append(system)
    if not named:
        return ""
    return f"GRUB can't write its environment block on {' and '.join(named)}, and would start it every time"


class GrubLoader(Loader):
    """Entries are told by their ids, which stay the same while the menu changes."""

    kind = GRUB

    def __init__(self, io: HostIO, layout: Layout) -> None:
        super().__init__(io)
        self.layout = layout
        generator = io.read_text(io.find_command(layout.program("mkconfig")) or "") or ""
        self.has_drop_ins = "default/grub.d" in generator

    def observe(self) -> BootState:
        text = self.io.read_text(self.layout.cfg) or ""
        environment = grub.parse_environment(self.io.read_text(self.layout.environment))
        menu = grub.parse_menu(text)
        default = grub.default_entry(text, environment, menu)
        following = environment.get("next_entry") or ""
        once = grub.find_entry(menu, following) if following else None
        entries = grub.entries_of(menu)
        if not entries:
            # Its entries are somewhere else, where nobody has told us how they are kept.
            return BootState(UNKNOWN)
        return BootState(
            kind=GRUB,
            entries=entries,
            default=release_of_image(default.image) if default else "",
            once=release_of_image(once.image) if once else "",
            no_once=environment_is_read_only(self.io, self.layout),
            settings={self._settings_path: self._read_settings()},
        )

    @property
    def _settings_path(self) -> str:
        return DROP_IN if self.has_drop_ins else SETTINGS

    def _read_settings(self) -> t.Optional[str]:
        text = self.io.read_text(self._settings_path)
        if self.has_drop_ins or text is None:
            return text
        _begin, found, rest = text.partition(grub.BEGIN)
        return rest.partition(grub.END)[0] if found else None

    def change(self, plan: Plan) -> None:
        # Before the saved entry becomes the default there has to be one.
        if plan.safe:
            self.set_default(plan.safe)
        if plan.changes_loader:
            settings = plan.settings.get(self._settings_path, self._read_settings())
            present, absent = plan.present, plan.absent
            if self.has_drop_ins:
                regenerate(self.io, self.layout, {DROP_IN: settings}, present, absent)
            else:
                text = grub.with_block(self.io.read_text(SETTINGS), settings)
                regenerate(self.io, self.layout, {SETTINGS: text}, present, absent)

    def complete(self, plan: Plan) -> None:
        """Its menu is made from the settings, whichever kernel comes."""

    def set_default(self, release: str) -> None:
        if not release:
            self._environment("unset", "saved_entry")
            return
        if self.observe().entry_of(release) is None:
            # A package's own hook has made the menu, unless somebody has taken that hook away.
            regenerate(self.io, self.layout, {})
        self._environment("set", f"saved_entry={self.entry(release).id}")
        self._environment("unset", "prev_saved_entry")

    def set_once(self, release: str) -> None:
        if release:
            self._environment("set", f"next_entry={self.entry(release).id}")
        else:
            self._environment("unset", "next_entry")

    def _environment(self, verb: str, what: str) -> None:
        self.io.run([self.layout.program("editenv"), self.layout.environment, verb, what], check=True)
        name, equals, value = what.partition("=")
        found = grub.parse_environment(self.io.read_text(self.layout.environment)).get(name)
        if equals and found != value:
            raise HostError(f"{self.layout.environment}: {name} is {found!r} after it was set to {value!r}")
