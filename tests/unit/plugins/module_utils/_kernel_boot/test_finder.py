# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which boot loader starts a host."""

from __future__ import annotations

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.systemd_boot import variable_path
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.finder import find_boot_loader

INFO = b"\x06\0\0\0" + "systemd-boot 257\0".encode("utf-16-le")
CFG = "menuentry 'x' {\n linux /vmlinuz-6.1 ro\n}\n"
ENTRY = {"/boot/loader/entries/a.conf": "linux /x\n"}


@pytest.mark.parametrize(
    ("files", "programs", "kind"),
    [
        ({"/boot/grub/grub.cfg": CFG}, ["grub-mkconfig"], "grub"),
        ({"/boot/grub2/grub.cfg": CFG}, ["grub2-mkconfig"], "grub"),
        ({"/boot/grub2/grub.cfg": "", **ENTRY}, ["grub2-mkconfig", "grubby"], "bls"),
        ({variable_path("LoaderInfo"): INFO, **ENTRY}, ["bootctl"], "systemd-boot"),
        ({variable_path("LoaderInfo"): INFO}, [], ""),
        ({"/boot/grub/grub.cfg": CFG}, [], ""),
        ({"/boot/grub2/grub.cfg": "blscfg\n"}, ["grub2-mkconfig"], ""),
        ({}, ["grub-mkconfig"], ""),
    ],
)
def test_find(files: dict[str, str], programs: list[str], kind: str) -> None:
    loader = find_boot_loader(FakeHostIO(files=files, available=programs))
    assert loader.observe().kind == kind


def test_an_unknown_one_can_be_told_nothing() -> None:
    loader = find_boot_loader(FakeHostIO())
    with pytest.raises(HostError, match="no known boot loader"):
        loader.set_default("6.1")
    with pytest.raises(HostError, match="no known boot loader"):
        loader.set_once("6.1")
