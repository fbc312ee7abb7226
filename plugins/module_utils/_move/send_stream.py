# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What btrfs-send(8) writes, counted while it passes. Pure.

The format is that of the kernel's fs/btrfs/send.h, version 1, all little endian: ``btrfs-stream`` with a zero and the
version; then commands, each with the length of its attributes (4 bytes), its number (2) and a checksum (4), and
attributes, each with its number (2), its length (2) and its value. The path comes first, content last.
"""

from __future__ import annotations

import struct

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

MAGIC = b"btrfs-stream\0"
HEADER = len(MAGIC) + 4
_COMMAND = struct.Struct("<IHI")
_ATTRIBUTE = struct.Struct("<HH")
_OFFSET_BYTES = 8

_SUBVOLUME, _SNAPSHOT, _UNLINK, _RMDIR, _WRITE, _UTIMES, _END = 1, 2, 11, 12, 15, 20, 21


class StreamCounter:
    """Counts a stream that comes in pieces.

    total_bytes: of the stream. moved_bytes: of files' content in it. changed: files, directories and others made,
    changed or deleted. What is sent of one ends with its times, which alone are no change: reading a file changes them.
    """

    def __init__(self) -> None:
        self.total_bytes = self.moved_bytes = self.changed = 0
        self._rest = b""
        self._skip = 0
        self._begun = self._touched = False

    def feed(self, data: bytes) -> None:
        """Take one more piece. Raises HostError for what is no stream."""
        self.total_bytes += len(data)
        if self._skip >= len(data):
            self._skip -= len(data)
            return
        text = self._rest + data[self._skip :]
        self._skip = at = 0
        if not self._begun:
            if len(text) < HEADER:
                self._rest = text
                return
            if not text.startswith(MAGIC):
                raise HostError(f"btrfs send wrote {text[:20]!r}, which is no stream of it")
            self._begun, at = True, HEADER
        while True:
            taken = self._command(text, at)
            if not taken:
                break
            at += taken
        if at > len(text):
            self._skip, self._rest = at - len(text), b""
        else:
            self._rest = text[at:]

    def _command(self, text: bytes, at: int) -> int:
        """The length of the command that begins there, its content included, which may be still to come; 0: wait."""
        first = at + _COMMAND.size
        if len(text) < first + _ATTRIBUTE.size:
            # the last command has no attributes
            return _COMMAND.size if len(text) >= first and _COMMAND.unpack_from(text, at)[0] == 0 else 0
        length, number, _checksum = _COMMAND.unpack_from(text, at)
        path_length = _ATTRIBUTE.unpack_from(text, first)[1] if length else 0
        if number == _WRITE:
            self.moved_bytes += length - 3 * _ATTRIBUTE.size - path_length - _OFFSET_BYTES
        self._count(number, path_length == 0)
        return _COMMAND.size + length

    def _count(self, number: int, of_the_volume: bool) -> None:
        if number == _UTIMES:
            if not of_the_volume:
                self.changed += self._touched
                self._touched = False
        elif number in (_UNLINK, _RMDIR) or (of_the_volume and number != _END):
            self.changed += 1
        elif number not in (_SUBVOLUME, _SNAPSHOT, _END):
            self._touched = True
