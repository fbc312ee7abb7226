# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words boot loaders share."""

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import (
    BootState,
    Entry,
    release_of_image,
)


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("/boot/vmlinuz-6.1.0-50-amd64", "6.1.0-50-amd64"),
        ("/vmlinuz-6.8.0-45-generic.efi.signed", "6.8.0-45-generic"),
        ("/boot/Image-6.4.0-150600.23.7-default", "6.4.0-150600.23.7-default"),
        ("/boot/memtest86+x64.bin", ""),
        ("/vmlinuz-0-rescue-abc", "0-rescue-abc"),
    ],
)
def test_release_of_image(image: str, release: str) -> None:
    assert release_of_image(image) == release


def test_the_parameters_of_the_default_come_first() -> None:
    entries = (Entry("a", "2", ("x",)), Entry("b", "1", ("y",), is_plain=False), Entry("c", "1", ("z",)))
    state = BootState("grub", entries, default="1")
    assert state.parameters[0] == ("z",)
    assert state.entry_of("1") == entries[2]
    assert state.entry_of("3") is None
