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
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

GRUB, BLS, UNKNOWN = "grub", "bls", ""
GRUB_CFG = "/boot/grub/grub.cfg"
# Written beside the one in use, checked, and only then put in its place.
NEW_GRUB_CFG = "/boot/grub/grub.cfg.container-host"
DROP_IN = "/etc/default/grub.d/zz-container-host.cfg"
GRUB_DEFAULTS = "/etc/default/grub"
BLS_ENTRIES = "/boot/loader/entries/*.conf"
GRUB_ENVIRONMENT = "/boot/grub2/grubenv"
GENERATE_SECONDS = 900

_LINUX = re.compile(r"^\s*linux(?:16|efi)?\s+(\S+)(.*)$")
_OWN_SECTION = re.compile(r"^### (BEGIN|END) \S*/(10_linux|20_linux_xen) ###$")


@dataclass(frozen=True)
class BootEntry:
    """One way to start the host: the kernel's image and its parameters."""

    image: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class BootLoader:
    """kind: which of the known ways, empty when it is none of them. entries: those that start this system."""

    kind: str
    entries: tuple[BootEntry, ...] = ()
    drop_in: str | None = None


def parse_grub_cfg(text: str) -> tuple[BootEntry, ...]:
    """The entries of this system in a generated grub.cfg; other systems and memory tests are left out."""
    entries = []
    has_sections = any(_OWN_SECTION.match(line) for line in text.splitlines())
    inside = not has_sections
    for line in text.splitlines():
        section = _OWN_SECTION.match(line)
        if section:
            inside = section.group(1) == "BEGIN"
            continue
        match = _LINUX.match(line)
        if inside and match:
            entries.append(BootEntry(match.group(1), tuple(match.group(2).split())))
    return tuple(entries)


def parse_bls(text: str, variables: t.Mapping[str, str]) -> BootEntry | None:
    """An entry of the Boot Loader Specification; ``$name`` in its options stands for a variable of GRUB."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _space, value = line.strip().partition(" ")
        fields[key] = value.strip()
    if "linux" not in fields:
        return None
    options = re.sub(r"\$(\w+)", lambda match: variables.get(match.group(1), ""), fields.get("options", ""))
    return BootEntry(fields["linux"], tuple(options.split()))


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


def _generator(io: HostIO) -> list[str]:
    """The command that generates a new configuration, in the language of the one in use.

    Titles of entries are translated, and a default may be named by its title.
    """
    language = re.search(r"^\s*set lang=(\S+)", io.read_text(GRUB_CFG) or "", re.MULTILINE)
    setting = f"LANG={language.group(1)}.UTF-8" if language else "LANG=C"
    program = io.find_command("grub-mkconfig") or "grub-mkconfig"
    return ["env", "-u", "LC_ALL", "-u", "LANGUAGE", setting, program, "-o", NEW_GRUB_CFG]


@dataclass(frozen=True)
class GenerateGrub(Step):
    """Write the drop-in and have GRUB's configuration generated anew.

    The configuration in use is replaced only by one that GRUB's own checker accepts, that still starts the kernels it
    started and that has the parameters; otherwise all stays as it was.
    """

    drop_in: str | None
    parameters: tuple[str, ...]

    def apply(self, io: HostIO) -> None:
        before = io.read_text(DROP_IN)
        try:
            self._write(io, self.drop_in)
            io.run(_generator(io), timeout_seconds=GENERATE_SECONDS, check=True)
            self._check(io)
            status = io.status(GRUB_CFG)
            if status is not None:
                io.set_owner(NEW_GRUB_CFG, status.uid, status.gid)
                io.set_mode(NEW_GRUB_CFG, status.mode)
            io.rename(NEW_GRUB_CFG, GRUB_CFG)
        except HostError:
            # The generator works in a file beside the one it is asked for.
            for left in (NEW_GRUB_CFG, f"{NEW_GRUB_CFG}.new"):
                io.remove(left)
            self._write(io, before)
            raise

    @staticmethod
    def _write(io: HostIO, text: str | None) -> None:
        if text is None:
            io.remove(DROP_IN)
        else:
            io.write_atomic(DROP_IN, text)

    def _check(self, io: HostIO) -> None:
        io.run(["grub-script-check", NEW_GRUB_CFG], check=True)
        old = {entry.image for entry in parse_grub_cfg(io.read_text(GRUB_CFG) or "")}
        new = parse_grub_cfg(io.read_text(NEW_GRUB_CFG) or "")
        release = (io.read_text("/proc/sys/kernel/osrelease") or "").strip()
        running = {image for image in old if release and image.endswith(f"-{release}")}
        if not new or running - {entry.image for entry in new}:
            raise HostError(f"{GRUB_CFG}: the new one does not start {release or 'this system'}; not used")
        for entry in new:
            lacking = [word for word in self.parameters if word not in entry.parameters]
            if lacking:
                words = ", ".join(lacking)
                raise HostError(f"{GRUB_CFG}: generated without {words} for {entry.image}; a later file drops it")
