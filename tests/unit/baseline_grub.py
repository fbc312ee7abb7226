# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in memory that starts by GRUB, whose generator does what the drop-ins say."""

from __future__ import annotations

import typing as t

from baseline_host import make_host
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.boot_loader import (
    DROP_IN,
    GRUB_CFG,
    parse_drop_in,
)

GENERATOR = "/usr/bin/grub-mkconfig"
ENTRY = "\tlinux\t/boot/vmlinuz-6.12.0 root=UUID=1 ro{mode}{more}\n"


def render(more: str) -> str:
    """A generated grub.cfg: a normal and a recovery entry, and a memory test."""
    more = f" {more}" if more else ""
    entries = "".join(f"menuentry 'x' {{\n{ENTRY.format(mode=mode, more=more)}}}\n" for mode in ("", " single"))
    return (
        f"### BEGIN /etc/grub.d/10_linux ###\n{entries}### END /etc/grub.d/10_linux ###\n"
        "### BEGIN /etc/grub.d/20_memtest ###\n\tlinux /boot/memtest.bin\n### END /etc/grub.d/20_memtest ###\n"
    )


class Grub:
    """grub-mkconfig and grub-script-check."""

    def __init__(self, host: FakeHostIO) -> None:
        self.host = host
        self.base = "quiet"
        self.drops = ""
        self.refuses = False
        host.available.add("grub-mkconfig")
        host.commands[("env",)] = self.generate
        host.commands[("grub-script-check",)] = self.check

    def generate(self, argv: tuple[str, ...], _text: str | None) -> tuple[int, str, str]:
        words = [*self.base.split(), *parse_drop_in(self.host.read_text(DROP_IN))]
        text = render(" ".join(word for word in words if word != self.drops))
        self.host.files[argv[-1]] = text.encode()
        return 0, "", ""

    def check(self, _argv: tuple[str, ...], _text: str | None) -> tuple[int, str, str]:
        return (1, "", "syntax error at line 3") if self.refuses else (0, "", "")

    def reboot(self) -> None:
        """Start the kernel as the first entry says."""
        line = next(line for line in (self.host.read_text(GRUB_CFG) or "").splitlines() if "linux" in line.split()[:1])
        self.host.files["/proc/cmdline"] = " ".join(line.split()[1:]).encode()


def grub_host(running: str = "quiet", files: t.Mapping[str, str] | None = None) -> tuple[FakeHostIO, Grub]:
    """A host whose kernel was started with these parameters and whose boot loader has the same."""
    host, _programs = make_host(
        {
            GENERATOR: "for x in /etc/default/grub.d/*.cfg",
            GRUB_CFG: render(running),
            "/proc/cmdline": f"BOOT_IMAGE=/boot/vmlinuz-6.12.0 root=UUID=1 ro {running}\n",
            **(files or {}),
        }
    )
    grub = Grub(host)
    grub.base = running
    return host, grub
