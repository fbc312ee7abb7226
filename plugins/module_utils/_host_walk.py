# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of HostIO that walks file systems and changes what it met there, where others may write meanwhile."""

from __future__ import annotations

import os
import stat
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError


class Walked(t.NamedTuple):
    """A file met on a walk. mode: with the bits of its type (stat(3)). device, inode: what it is known by."""

    path: str
    mode: int
    uid: int
    gid: int
    device: int
    inode: int


class HostWalk:
    """Walks, and changes just what was met."""

    def walk(self, top: str, is_skipped: t.Callable[[str], bool]) -> t.Iterator[Walked]:
        """A directory and all below it on its file system. Links are not followed, skipped directories not entered."""
        try:
            status = os.lstat(top)
        except OSError:
            return
        device = status.st_dev
        folders = [top]
        yield Walked(top, status.st_mode, status.st_uid, status.st_gid, device, status.st_ino)
        while folders:
            try:
                with os.scandir(folders.pop()) as found:
                    entries = list(found)
            except OSError:
                continue
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # gone meanwhile
                    continue
                if stat.S_ISDIR(status.st_mode):
                    if status.st_dev != device or is_skipped(entry.path):
                        continue
                    folders.append(entry.path)
                yield Walked(entry.path, status.st_mode, status.st_uid, status.st_gid, status.st_dev, status.st_ino)

    def identity(self, path: str) -> tuple[int, int] | None:
        """Device and inode of the path itself, or None when it is absent."""
        try:
            found = os.lstat(path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def set_mode_of(self, path: str, identity: tuple[int, int], mode: int) -> bool:
        """Set the permission bits of this file and of no other; returns whether it is still what the path names.

        For places others can write to: between a look and a change, they could put a link to something else there.
        """
        try:
            descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            found = os.fstat(descriptor)
            # The inode of a file that is gone is soon that of another one, such as a link.
            if (found.st_dev, found.st_ino) != identity or stat.S_ISLNK(found.st_mode):
                return False
            os.chmod(f"/proc/self/fd/{descriptor}", mode)
        except OSError as error:
            raise HostError(f"{path}: mode can't be set: {error.strerror}") from error
        finally:
            os.close(descriptor)
        return True
