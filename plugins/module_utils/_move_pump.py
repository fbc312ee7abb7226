# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Passes bytes on between two hosts that can't see each other. A program by itself, for hosts that have only Python.

    wait SOCKET      on the source: waits at a Unix socket for the move's connection, says "+" and passes on
    connect SOCKET   on the source: what the move's ssh runs to get there (ProxyCommand)
    reach PORT       on the target: goes on to its SSH server
    run CONFIG       on the control node: joins the first with the third, again and again

Imports the standard library only, since its text is sent to where it runs.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time

CHUNK_BYTES = 1 << 16
PAUSE_SECONDS = 1.0
LAST_BYTES_SECONDS = 10  # what the target said last may still be on its way when it has ended
ATTEMPTS = 60  # half a minute: each connection of the relay starts programs on both hosts


def pump(connection: socket.socket) -> None:
    """Pass on between standard input and output and a connection, until both directions have come to their end."""

    def outwards() -> None:
        try:
            while True:
                data = os.read(0, CHUNK_BYTES)
                if not data:
                    break
                connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            # the other direction ends as well then, and with it the program
            return

    thread = threading.Thread(target=outwards, daemon=True)
    thread.start()
    while True:
        data = connection.recv(CHUNK_BYTES)
        if not data:
            break
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]
    os.close(1)  # whoever reads there gets the end, and ends the other direction
    thread.join()


def wait(path: str) -> None:
    """Wait for one connection at a Unix socket only root can open. Ends when nobody wants it any more."""
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    server.bind(path)
    os.umask(before)
    server.listen(1)
    ready, _writable, _failed = select.select([server.fileno(), 0], [], [])
    if server.fileno() not in ready:
        return
    connection, _address = server.accept()
    server.close()
    os.unlink(path)
    os.write(1, b"+")
    pump(connection)


def connect(path: str) -> None:
    """Go to the socket, which is there again a moment after each connection."""
    for attempt in range(ATTEMPTS):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
        except OSError as error:
            connection.close()
            if attempt == ATTEMPTS - 1:
                raise SystemExit(f"no relay waits at {path}; start it on the control node (move_relay)") from error
            time.sleep(PAUSE_SECONDS / 2)
        else:
            pump(connection)
            return


def reach(port: int) -> None:
    """Go on to the SSH server of this host."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.settimeout(None)  # a workload may have nothing to send for long
    pump(connection)


def join(source: list[str], target: list[str]) -> None:
    """Wait at the source, go to the target, connect the two. The bytes don't come through this program."""
    with subprocess.Popen(source, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as waiting:
        if waiting.stdin is None or waiting.stdout is None or os.read(waiting.stdout.fileno(), 1) != b"+":
            return
        with subprocess.Popen(target, stdin=waiting.stdout, stdout=waiting.stdin) as reaching:
            waiting.stdin.close()
            waiting.stdout.close()
            reaching.wait()
            try:
                waiting.wait(timeout=LAST_BYTES_SECONDS)
            except subprocess.TimeoutExpired:
                waiting.terminate()


def run(config: str) -> None:
    """Join again and again, until the time is over. config: a file with source, target (argv) and valid_seconds."""
    with open(config, encoding="utf-8") as stream:
        values = json.load(stream)
    threading.Timer(values["valid_seconds"], lambda: os._exit(0)).start()
    while True:
        join(values["source"], values["target"])
        time.sleep(PAUSE_SECONDS / 4)


def main() -> None:
    """Do what the arguments say."""
    what, where = sys.argv[1:3]
    if what == "reach":
        reach(int(where))
    else:
        {"wait": wait, "connect": connect, "run": run}[what](where)


if __name__ == "__main__":
    main()
