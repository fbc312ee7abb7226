# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import send_stream

PATH, OFFSET, DATA, UUID = 15, 18, 19, 1


def attribute(number: int, value: bytes) -> bytes:
    return struct.pack("<HH", number, len(value)) + value


def command(number: int, *attributes: bytes) -> bytes:
    content = b"".join(attributes)
    return struct.pack("<IHI", len(content), number, 0) + content


def write(path: bytes, data: bytes) -> bytes:
    return command(15, attribute(PATH, path), attribute(OFFSET, b"\0" * 8), attribute(DATA, data))


def utimes(path: bytes) -> bytes:
    return command(20, attribute(PATH, path), attribute(11, b"\0" * 12))


START = b"btrfs-stream\0" + struct.pack("<I", 1) + command(2, attribute(PATH, b"7"), attribute(UUID, b"u" * 16))
END = command(21)
UNCHANGED = START + utimes(b"") + END
READ = START + utimes(b"d") + utimes(b"d/a") + utimes(b"") + END
CHANGED = b"".join(
    [
        START,
        write(b"d/a", b"x" * 5000),
        write(b"d/a", b"y" * 70),
        command(17, attribute(PATH, b"d/a"), attribute(4, b"\0" * 8)),  # truncate
        utimes(b"d/a"),
        command(11, attribute(PATH, b"gone")),
        command(12, attribute(PATH, b"gone too")),
        command(18, attribute(PATH, b""), attribute(5, b"\0" * 8)),  # the volume's own mode
        command(18, attribute(PATH, b"d/a"), attribute(5, b"\0" * 8)),
        utimes(b"d"),
        utimes(b""),
        END,
    ]
)


@pytest.mark.parametrize(
    ("stream", "moved", "changed"),
    [(UNCHANGED, 0, 0), (READ, 0, 0), (CHANGED, 5070, 5), (b"", 0, 0), (START[:9], 0, 0)],
)
@pytest.mark.parametrize("piece", [1, 2, 13, 1000, 1 << 20])
def test_the_same_whatever_pieces_it_comes_in(stream: bytes, moved: int, changed: int, piece: int) -> None:
    counter = send_stream.StreamCounter()
    for start in range(0, len(stream), piece):
        counter.feed(stream[start : start + piece])
    assert (counter.total_bytes, counter.moved_bytes, counter.changed) == (len(stream), moved, changed)


def test_what_is_no_stream() -> None:
    with pytest.raises(HostError, match="no stream"):
        send_stream.StreamCounter().feed(b"ERROR: cannot open anything")
