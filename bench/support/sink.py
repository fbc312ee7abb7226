# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes what is sent to it over TCP and answers how much it was: the far end of a measurement of throughput."""

from __future__ import annotations

import socket
import sys
import time


def main() -> None:
    """One connection after the other. The answer: bytes, and seconds from the first of them to the end."""
    server = socket.create_server((sys.argv[1], int(sys.argv[2])))
    buffer = bytearray(1 << 20)
    while True:
        connection = server.accept()[0]
        with connection:
            total = count = connection.recv_into(buffer)
            started = time.monotonic()
            while count:
                count = connection.recv_into(buffer)
                total += count
            connection.sendall(f"{total} {time.monotonic() - started}".encode())


if __name__ == "__main__":
    main()
