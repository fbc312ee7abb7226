# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where a host has its PAM modules."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

FOLDERS = ("/usr/lib/*/security", "/lib/*/security", "/usr/lib64/security", "/usr/lib/security", "/lib64/security")


def installed_modules(io: HostIO) -> frozenset[str]:
    """The file names of the PAM modules that are there."""
    folders = [folder for pattern in FOLDERS for folder in io.glob(pattern)]
    return frozenset(name for folder in folders for name in io.list_directory(folder))
