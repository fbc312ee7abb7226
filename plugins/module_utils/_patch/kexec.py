# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What kexec would start: exactly what the boot loader would, or nothing."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

_IMAGES = ("/boot/vmlinuz-{}", "/boot/vmlinux-{}", "/boot/Image-{}")
_INITRDS = ("/boot/initrd.img-{}", "/boot/initramfs-{}.img", "/boot/initrd-{}")


@dataclass(frozen=True)
class Kexec:
    """refused: why it can't be, in one line; empty when it can."""

    release: str = ""
    image: str = ""
    initrd: str = ""
    command_line: str = ""
    refused: str = ""

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result; argv loads the kernel."""
        argv = []
        if not self.refused:
            argv = ["kexec", "--load", self.image, f"--initrd={self.initrd}", f"--command-line={self.command_line}"]
        return {"release": self.release or None, "argv": argv, "refused": self.refused}


def locked_down(text: t.Optional[str]) -> str:
    """The mode in /sys/kernel/security/lockdown; empty when the kernel is not locked down."""
    found = re.search(r"\[(\w+)\]", text or "")
    return found.group(1) if found and found.group(1) != "none" else ""


def plan_kexec(
    kernel: t.Mapping[str, t.Any],
    installed: bool,
    lockdown: t.Optional[str],
    load_disabled: t.Optional[str],
    files: t.Collection[str],
) -> Kexec:
    """kernel: what kernel_pin_info tells. installed: whether there is the command. files: the paths in /boot."""
    release = kernel["boot"]["default"] or ""
    mode = locked_down(lockdown)
    image = next((path.format(release) for path in _IMAGES if path.format(release) in files), "")
    initrd = next((path.format(release) for path in _INITRDS if path.format(release) in files), "")
    pinned = kernel["pinned"]
    refused = ""
    if not installed:
        refused = "the command kexec is missing; install kexec-tools"
    elif mode:
        refused = f"the kernel is locked down ({mode}), as with Secure Boot: only the firmware may start another one"
    elif (load_disabled or "").strip() == "1":
        refused = "kernel.kexec_load_disabled is 1, which holds until the next reboot"
    elif not release:
        refused = "what the boot loader would start can't be told"
    elif pinned and pinned != release:
        refused = f"the boot loader would start {release}, and {pinned} is pinned"
    elif not image or not initrd:
        refused = f"the image or the initial RAM disk of {release} is not in /boot"
    if refused:
        return Kexec(release, refused=refused)
    # What stands for a variable of GRUB's is about its own screen, as Ubuntu's $vt_handoff.
    words = [word for word in kernel["boot"]["parameters"] if not word.startswith("$")]
    return Kexec(release, image, initrd, " ".join(words))
