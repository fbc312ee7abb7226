# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""With which parameters the boot loader will start the kernel, and how to have it start with others.

Two ways are known: GRUB with a generated configuration that reads drop-ins, and entries of the Boot Loader
Specification kept by grubby(8).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step
from ansible_collections.anycloud.container_host.plugins.module_utils._grub_generator import LAYOUTS, regenerate
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.bls import parse_bls
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.grub import BootEntry, parse_grub_cfg

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

GRUB, BLS, UNKNOWN = "grub", "bls", ""
LAYOUT = LAYOUTS[0]
GRUB_CFG = LAYOUT.cfg
NEW_GRUB_CFG = LAYOUT.new_cfg
DROP_IN = "/etc/default/grub.d/zz-container-host.cfg"
GRUB_DEFAULTS = "/etc/default/grub"
BLS_ENTRIES = "/boot/loader/entries/*.conf"
GRUB_ENVIRONMENT = "/boot/grub2/grubenv"


@dataclass(frozen=True)
class BootLoader:
    """kind: which of the known ways, empty when it is none of them. entries: those that start this system."""

    kind: str
    entries: tuple[BootEntry, ...] = ()
    drop_in: str | None = None


def read_boot_loader(io: HostIO) -> BootLoader:
    """What starts this host, read without running anything."""
    paths = io.glob(BLS_ENTRIES)
    if paths and io.find_command("grubby"):
        environment = (line.partition("=") for line in (io.read_text(GRUB_ENVIRONMENT) or "").splitlines())
        variables = {name: value for name, equals, value in environment if equals}
        entries = (parse_bls(io.read_text(path) or "", variables) for path in paths)
        return BootLoader(BLS, tuple(entry for entry in entries if entry is not None))
    generator = io.find_command("grub-mkconfig")
    if generator and "default/grub.d" in (io.read_text(generator) or "") and io.exists(GRUB_CFG):
        return BootLoader(GRUB, parse_grub_cfg(io.read_text(GRUB_CFG) or ""), io.read_text(DROP_IN))
    return BootLoader(UNKNOWN)


def render_drop_in(banner: str, parameters: t.Sequence[str]) -> str:
    """A drop-in of /etc/default/grub: shell that adds to what was there."""
    return f'{banner}GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX {" ".join(parameters)}"\n'


def parse_drop_in(text: str | None) -> tuple[str, ...]:
    """The parameters of our drop-in."""
    match = re.search(r'^GRUB_CMDLINE_LINUX="\$GRUB_CMDLINE_LINUX (.*)"$', text or "", re.MULTILINE)
    return tuple(match.group(1).split()) if match else ()


@dataclass(frozen=True)
class GenerateGrub(Step):
    """Write the drop-in and have GRUB's configuration generated anew, with the parameters; or all stays as it was."""

    drop_in: str | None
    parameters: tuple[str, ...]

    def apply(self, io: HostIO) -> None:
        regenerate(io, LAYOUT, {DROP_IN: self.drop_in}, self.parameters)
