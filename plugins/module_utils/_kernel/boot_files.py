# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The files of kernels in /boot: which belong to which, and what they take."""

from __future__ import annotations

import typing as t

IMAGES = ("vmlinuz", "vmlinux", "Image", "bzImage", "kernel")
RAMDISKS = ("initrd.img", "initramfs", "initrd")
UNKNOWN_KERNEL_BYTES = 128 * 1024 * 1024
"""What a kernel takes as far as nothing is there to tell."""


def files_of(names: t.Iterable[str], release: str) -> list[str]:
    """The files of one kernel among the names in /boot."""
    return [name for name in names if name.endswith((f"-{release}", f"-{release}.img"))]


def _are(names: t.Iterable[str], kinds: t.Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith(tuple(f"{kind}-" for kind in kinds))]


def lacking(names: t.Sequence[str], release: str) -> str:
    """What a kernel lacks to be started, empty for nothing. A RAM disk is needed where others have one."""
    files = files_of(names, release)
    if not _are(files, IMAGES):
        return "its image"
    if not _are(files, RAMDISKS) and _are(names, RAMDISKS):
        return "its initial RAM disk"
    return ""


def needed_bytes(sizes: t.Mapping[str, int], releases: t.Iterable[str]) -> int:
    """What one more kernel takes: as much as the largest that is there, its RAM disk twice while it is written."""
    found = []
    for release in releases:
        files = files_of(sizes, release)
        found.append(sum(sizes[name] for name in files) + sum(sizes[name] for name in _are(files, RAMDISKS)))
    return max(found, default=0) or UNKNOWN_KERNEL_BYTES
