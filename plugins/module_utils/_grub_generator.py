# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Has GRUB's configuration generated anew, and used only when it is as it shall be."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import parse_grub_cfg

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

GENERATE_SECONDS = 900


@dataclass(frozen=True)
class Layout:
    """What one build of GRUB calls its programs, and where it keeps its files."""

    stem: str
    folder: str

    @property
    def cfg(self) -> str:
        """The configuration in use."""
        return f"{self.folder}/grub.cfg"

    @property
    def new_cfg(self) -> str:
        """Written beside the one in use, checked, and only then put in its place."""
        return f"{self.cfg}.container-host"

    @property
    def environment(self) -> str:
        """The environment block."""
        return f"{self.folder}/grubenv"

    def program(self, name: str) -> str:
        """The name of one of its programs."""
        return f"{self.stem}-{name}"


LAYOUTS = (Layout("grub", "/boot/grub"), Layout("grub2", "/boot/grub2"))


def regenerate(
    io: HostIO,
    layout: Layout,
    files: t.Mapping[str, t.Optional[str]],
    present: t.Sequence[str] = (),
    absent: t.Sequence[str] = (),
) -> None:
    """Write the files (None removes one) and generate. Raises HostError.

    The configuration in use is replaced only by one that GRUB's own checker accepts, that still starts the kernels it
    started and that has the parameters; otherwise all stays as it was.
    """
    before = {path: io.read_text(path) for path in files}
    try:
        _write(io, files)
        io.run(_generator(io, layout), timeout_seconds=GENERATE_SECONDS, check=True)
        _check(io, layout, present, absent)
        status = io.status(layout.cfg)
        if status is not None:
            io.set_owner(layout.new_cfg, status.uid, status.gid)
            io.set_mode(layout.new_cfg, status.mode)
        io.rename(layout.new_cfg, layout.cfg)
    except HostError:
        # The generator works in a file beside the one it is asked for.
        for left in (layout.new_cfg, f"{layout.new_cfg}.new"):
            io.remove(left)
        _write(io, before)
        raise


def _write(io: HostIO, files: t.Mapping[str, t.Optional[str]]) -> None:
    for path, text in files.items():
        status = io.status(path)
        if text is None:
            io.remove(path)
        elif status is not None:
            io.write_atomic(path, text, status.mode, status.uid, status.gid)
        else:
            io.write_atomic(path, text)


def _generator(io: HostIO, layout: Layout) -> list[str]:
    """The command that generates a new configuration, in the language of the one in use.

    Titles of entries are translated, and a default may be named by its title.
    """
    language = re.search(r"^\s*set lang=(\S+)", io.read_text(layout.cfg) or "", re.MULTILINE)
    setting = f"LANG={language.group(1)}.UTF-8" if language else "LANG=C"
    name = layout.program("mkconfig")
    return ["env", "-u", "LC_ALL", "-u", "LANGUAGE", setting, io.find_command(name) or name, "-o", layout.new_cfg]


def _check(io: HostIO, layout: Layout, present: t.Sequence[str], absent: t.Sequence[str]) -> None:
    io.run([layout.program("script-check"), layout.new_cfg], check=True)
    old = {entry.image for entry in parse_grub_cfg(io.read_text(layout.cfg) or "")}
    new = parse_grub_cfg(io.read_text(layout.new_cfg) or "")
    release = (io.read_text("/proc/sys/kernel/osrelease") or "").strip()
    running = {image for image in old if release and image.endswith(f"-{release}")}
    if not new or running - {entry.image for entry in new}:
        raise HostError(f"{layout.cfg}: the new one does not start {release or 'this system'}; not used")
    for entry in new:
        lacking = ", ".join(word for word in present if word not in entry.parameters)
        if lacking:
            raise HostError(f"{layout.cfg}: generated without {lacking} for {entry.image}; a later file drops it")
        excess = ", ".join(word for word in absent if word in entry.parameters)
        if excess:
            raise HostError(f"{layout.cfg}: generated with {excess} for {entry.image}; a later file adds it")
