# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of HostIO that tells what may still be written, and whose quota counts there."""

from __future__ import annotations

import fcntl
import os
import struct

# struct fsxattr of linux/fs.h: flags, extent size, extents, project, extent size of copies, padding.
_FSXATTR = "5I8x"
# FS_IOC_FSGETXATTR, _IOR('X', 31, struct fsxattr); some architectures have the direction in three bits.
_GET_ATTRIBUTES = 0x801C581F
_GET_ATTRIBUTES_ELSEWHERE = 0x401C581F
_ELSEWHERE = ("ppc", "mips")
_PROJECT_INHERITED = 0x200  # FS_XFLAG_PROJINHERIT: what is made in this directory is the project's


class HostRoom:
    """Looks at file systems, and changes nothing."""

    def free_bytes(self, path: str) -> int:
        """What may still be written to the file system a path is on; 0 when it is absent.

        Of a directory with a project quota, XFS and ext4 tell what is left of that, older kernels even when the file
        system itself has less.
        """
        try:
            found = os.statvfs(path)
        except OSError:
            return 0
        return found.f_bavail * found.f_frsize

    def quota_project(self, path: str) -> int:
        """The project that what is made in a directory belongs to, for quotas of XFS and ext4; 0 when it has none."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return 0
        elsewhere = os.uname().machine.startswith(_ELSEWHERE)
        try:
            size = struct.calcsize(_FSXATTR)
            answer = fcntl.ioctl(descriptor, _GET_ATTRIBUTES_ELSEWHERE if elsewhere else _GET_ATTRIBUTES, bytes(size))
        except OSError:  # a file system without projects
            return 0
        finally:
            os.close(descriptor)
        flags, _extent, _extents, project, _copies = struct.unpack(_FSXATTR, answer)
        return int(project) if flags & _PROJECT_INHERITED else 0

    def real_path(self, path: str) -> str:
        """The path without links."""
        return os.path.realpath(path)
