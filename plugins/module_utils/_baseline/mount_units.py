# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""systemd's mount units (systemd.mount(5)): which one makes a mount, with which options."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# In falling precedence (systemd.unit(5)); the generators' own folder is where fstab's mounts appear too.
FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)
# After the drop-ins of others.
DROP_IN_NAME = "zz-container-host.conf"


@dataclass(frozen=True)
class MountUnit:
    """A mount unit.

    is_there: whether some folder has it. options: without our drop-in. drop_in: its text, None when it is not there.
    """

    name: str
    is_there: bool = False
    is_masked: bool = False
    options: tuple[str, ...] = ()
    drop_in: str | None = None

    @property
    def drop_in_path(self) -> str:
        """Where our drop-in belongs."""
        return f"/etc/systemd/system/{self.name}.d/{DROP_IN_NAME}"

    @property
    def options_now(self) -> tuple[str, ...]:
        """The options with our drop-in."""
        return self.options if self.drop_in is None else parse_options(self.drop_in, self.options)


def unit_name(path: str) -> str:
    """The unit's name for a path, as ``systemd-escape --path --suffix=mount`` makes it."""
    inner = path.strip("/")
    if not inner:
        return "-.mount"
    escaped = []
    for index, character in enumerate(inner):
        if character == "/":
            escaped.append("-")
        elif (character.isascii() and character.isalnum()) or character in ":_" or (character == "." and index):
            escaped.append(character)
        else:
            escaped.extend(f"\\x{byte:02x}" for byte in character.encode())
    return f"{''.join(escaped)}.mount"


def parse_options(text: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The last ``Options=`` of a unit or drop-in; those of before when it names none."""
    found = before
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and key.strip() == "Options":
            found = tuple(option for option in value.strip().split(",") if option)
    return found


def read_unit(io: HostIO, path: str) -> MountUnit:
    """The unit that mounts at a path, with the drop-ins of others taken into account."""
    name = unit_name(path)
    file = next((f"{folder}/{name}" for folder in FOLDERS if io.status(f"{folder}/{name}") is not None), "")
    is_masked = bool(file) and io.read_link(file) == "/dev/null"
    options = parse_options(io.read_text(file) or "") if file else ()
    drop_ins: dict[str, str] = {}
    for folder in FOLDERS:
        for entry in io.list_directory(f"{folder}/{name}.d"):
            if entry.endswith(".conf"):
                drop_ins.setdefault(entry, f"{folder}/{name}.d/{entry}")
    ours = drop_ins.pop(DROP_IN_NAME, None)
    for entry in sorted(drop_ins):
        options = parse_options(io.read_text(drop_ins[entry]) or "", options)
    return MountUnit(name, bool(file), is_masked, options, io.read_text(ours) if ours else None)
