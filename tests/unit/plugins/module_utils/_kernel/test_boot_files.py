# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of kernels in /boot."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot_files import (
    UNKNOWN_KERNEL_BYTES,
    lacking,
    needed_bytes,
)

SIZES = {
    "vmlinuz-6.1": 10,
    "initrd.img-6.1": 50,
    "config-6.1": 1,
    "vmlinuz-5.14.el9": 5,
    "initramfs-5.14.el9.img": 20,
    "grub": 9,
}


def test_needed_bytes() -> None:
    assert needed_bytes(SIZES, ["6.1", "5.14.el9"]) == 111
    assert needed_bytes(SIZES, ["5.14.el9"]) == 45
    assert needed_bytes(SIZES, ["4"]) == UNKNOWN_KERNEL_BYTES


@pytest.mark.parametrize(
    ("names", "release", "what"),
    [
        (list(SIZES), "6.1", ""),
        (list(SIZES), "5.14.el9", ""),
        ([*SIZES, "vmlinuz-7"], "7", "its initial RAM disk"),
        (["vmlinuz-7"], "7", ""),
        (list(SIZES), "7", "its image"),
        (["initrd.img-7"], "7", "its image"),
    ],
)
def test_lacking(names: list[str], release: str, what: str) -> None:
    assert lacking(names, release) == what
