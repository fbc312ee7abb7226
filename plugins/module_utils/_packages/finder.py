# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Finds the package manager of a host."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.apt import Apt
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageManager

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def find_package_manager(io: HostIO) -> PackageManager:
    """The host's package manager. Raises HostError when it has none the collection knows."""
    # A Debian host may have dnf and rpm as tools, never the other way round: so apt is asked for first.
    if io.find_command("apt-get"):
        return Apt(io)
    # Python compiles anew on every run what is imported, and a host with apt needs none of it.
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm import (  # noqa: PLC0415
        Dnf,
        Zypper,
    )

    for command, manager in (("dnf", Dnf), ("zypper", Zypper)):
        if io.find_command(command):
            return manager(io)
    raise HostError("no known package manager: apt-get, dnf and zypper are all missing; use a supported distribution")
