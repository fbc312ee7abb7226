# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a boot loader starts, in words all boot loaders share."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

GRUB, BLS, SYSTEMD_BOOT, UNKNOWN = "grub", "bls", "systemd-boot", ""

_IMAGE = re.compile(r"(?:vmlinu[xz]|linux|kernel|bzImage|[zZ]?Image)-(\d.+?)(?:\.efi(?:\.signed)?)?$")


@dataclass(frozen=True)
class Entry:
    """One entry of the boot menu. id: what the boot loader is told to start it. is_plain: no rescue, no other init."""

    id: str
    release: str
    parameters: tuple[str, ...]
    is_plain: bool = True


@dataclass(frozen=True)
class BootState:
    """kind: which boot loader. entries: those of this system, in the order of the menu.

    default: the release it starts by itself, empty when it can't be told. once: the one it starts next, if only once.
    no_default: why it can't be told what to start by itself; empty when it can. no_once: the same for once.
    settings: the boot loader's settings that are ours, in files: path -> text.
    """

    kind: str
    entries: tuple[Entry, ...] = ()
    default: str = ""
    once: str = ""
    no_default: str = ""
    no_once: str = ""
    settings: t.Mapping[str, t.Optional[str]] = field(default_factory=dict)

    def entry_of(self, release: str) -> t.Optional[Entry]:
        """The plain entry of a kernel, or None."""
        return next((entry for entry in self.entries if entry.release == release and entry.is_plain), None)

    @property
    def parameters(self) -> list[tuple[str, ...]]:
        """The parameters of every entry, those of the default first."""
        entries = sorted(self.entries, key=lambda entry: not (entry.is_plain and entry.release == self.default))
        return [entry.parameters for entry in entries]


def release_of_image(path: str) -> str:
    """The release in the name of a kernel's image; empty when there is none."""
    found = _IMAGE.search(path.rpartition("/")[2])
    return found.group(1) if found else ""
