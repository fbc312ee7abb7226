# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Finds what brings a host's packages up to date."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.finder import find_package_manager
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_apt import AptUpdater
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates_rpm import (
    DnfUpdater,
    ZypperUpdater,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._packages.updates import PackageUpdater

_UPDATERS: dict[str, type[PackageUpdater]] = {"apt": AptUpdater, "dnf": DnfUpdater, "zypper": ZypperUpdater}


def find_package_updater(io: HostIO) -> PackageUpdater:
    """The host's package manager. Raises HostError when it has none the collection knows."""
    return _UPDATERS[find_package_manager(io).name](io)
