# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of HostIO that reads a directory tree with all a copy of it must have, and hashes files."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

CHUNK_BYTES = 1 << 20


class TreeFile(t.NamedTuple):
    """One file of a tree. path: relative, ``.`` for the top itself. mode: with the bits of its type (stat(3)).

    target: where a link points, empty otherwise. xattrs: all extended attributes, access lists included.
    special_device: ``major:minor``, of device files.
    """

    path: str
    mode: int
    uid: int
    gid: int
    size_bytes: int
    allocated_bytes: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    links: int
    special_device: str
    target: str
    xattrs: dict[str, bytes]


class HostTree:
    """Reads trees whole. What vanishes meanwhile is left out; what can't be read for another reason is an error."""

    def read_tree(self, top: str) -> t.Iterator[TreeFile]:
        """A directory and all below it, other file systems mounted there too. Links are not followed."""
        folders = [""]
        while folders:
            folder = folders.pop()
            full = os.path.join(top, folder) if folder else top
            found = self._tree_file(full, folder or ".")
            if found is None:
                continue
            yield found
            try:
                with os.scandir(full) as listing:
                    entries = list(listing)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise HostError(f"{full}: can't be read: {error.strerror}") from error
            for entry in entries:
                relative = os.path.join(folder, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(relative)
                    continue
                found = self._tree_file(entry.path, relative)
                if found is not None:
                    yield found

    def _tree_file(self, full: str, relative: str) -> TreeFile | None:
        try:
            status = os.lstat(full)
            target = os.readlink(full) if stat.S_ISLNK(status.st_mode) else ""
            xattrs = self._xattrs(full)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise HostError(f"{full}: can't be read: {error.strerror}") from error
        return TreeFile(
            path=relative,
            mode=status.st_mode,
            uid=status.st_uid,
            gid=status.st_gid,
            size_bytes=status.st_size,
            allocated_bytes=status.st_blocks * 512,  # st_blocks counts these whatever the file system (stat(2))
            mtime_ns=status.st_mtime_ns,
            ctime_ns=status.st_ctime_ns,
            device=status.st_dev,
            inode=status.st_ino,
            links=status.st_nlink,
            special_device=f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}",
            target=target,
            xattrs=xattrs,
        )

    @staticmethod
    def _xattrs(full: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        try:
            names = os.listxattr(full, follow_symlinks=False)
        except OSError as error:
            if error.errno == errno.EOPNOTSUPP:  # a file system without them
                return found
            raise
        for name in names:
            try:
                found[name] = os.getxattr(full, name, follow_symlinks=False)
            except OSError as error:  # noqa: PERF203 - each may be taken away between the two calls
                if error.errno != errno.ENODATA:
                    raise
        return found

    @staticmethod
    def _open_unseen(path: str) -> int:
        """A descriptor to read from. The time of access stays as it is, where this account may leave it so (open(2),
        O_NOATIME): it would be a change that snapshots of a volume have to carry over.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            return os.open(path, flags | os.O_NOATIME)
        except PermissionError:
            return os.open(path, flags)

    def hash_file(self, path: str) -> str | None:
        """The SHA-256 of a regular file's content, read once; None when it has vanished or is no regular file now."""
        try:
            descriptor = self._open_unseen(path)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
                return None
            raise HostError(f"{path}: can't be read: {error.strerror}") from error
        digest = hashlib.sha256()
        with open(descriptor, "rb", buffering=0) as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            with contextlib.suppress(OSError):  # only advice
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
            buffer = memoryview(bytearray(CHUNK_BYTES))
            try:
                while True:
                    count = stream.readinto(buffer)
                    if not count:
                        break
                    digest.update(buffer[:count])
            except OSError as error:
                raise HostError(f"{path}: can't be read: {error.strerror}") from error
        return digest.hexdigest()
