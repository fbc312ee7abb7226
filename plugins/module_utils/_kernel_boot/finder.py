# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Finds the boot loader of a host."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._grub_generator import LAYOUTS
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import systemd_boot
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.bls import ENTRIES, BlsLoader
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.grub import GrubLoader
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.loader import Loader, NoLoader
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel_boot.systemd_boot import SystemdBootLoader

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def find_boot_loader(io: HostIO) -> Loader:
    """The boot loader that started this host, as far as it is known."""
    started_by = systemd_boot.parse_variable(io.read_bytes(systemd_boot.variable_path("LoaderInfo")))
    if started_by.startswith("systemd-boot") and io.find_command("bootctl"):
        return SystemdBootLoader(io)
    if io.find_command("grubby") and io.glob(f"{ENTRIES}/*.conf"):
        return BlsLoader(io)
    for layout in LAYOUTS:
        if io.find_command(layout.program("mkconfig")) and io.exists(layout.cfg):
            return GrubLoader(io, layout)
    return NoLoader(io)
