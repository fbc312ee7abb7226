# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of HostIO that sees the locks other programs hold."""

from __future__ import annotations

import fcntl
import os
import struct

# struct flock: type, whence, start, length, process id (fcntl(2)).
_FLOCK = "hhqqi0q"


class HostLock:
    """Looks at locks, and takes none."""

    def lock_holder(self, path: str) -> int | None:
        """The process that has locked a file for writing (fcntl(2)); None when nobody has, or there is no such file.

        0 or less when it can't be told which: it is in another namespace, or it has locked the open file.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            asked = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
            kind, _whence, _start, _length, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return None if kind == fcntl.F_UNLCK else pid
