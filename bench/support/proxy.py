# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy that adds a round-trip time, for machines whose kernel can't (tc-netem(8) is a module few have)."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

CHUNK_BYTES = 65536


class DelayingProxy:
    """Passes connections on to one address, every byte half a round-trip time late, without a limit of bandwidth.

    A connection is opened a whole round-trip time late, as its handshake would take.
    """

    def __init__(self, address: str, round_trip_seconds: float, port: int = 22) -> None:
        self.port = 0
        self._target = (address, port)
        self._delay = round_trip_seconds / 2
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await server.serve_forever()

    async def _connected(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * self._delay)
        far, far_out = await asyncio.open_connection(*self._target)
        await asyncio.gather(self._pass_on(near, far_out), self._pass_on(far, near_out))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def read() -> None:
            data = b"more"
            while data:
                try:
                    data = await source.read(CHUNK_BYTES)
                except OSError:
                    data = b""
                queue.put_nowait((time.monotonic() + self._delay, data))

        reader = asyncio.create_task(read())
        with contextlib.suppress(OSError):
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    break
                sink.write(data)
                await sink.drain()
            sink.close()
        await reader
