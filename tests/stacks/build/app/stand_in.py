# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for an application. Its arguments, which are the application's, are not looked at.

Every secret that an environment variable names has to be there, or it ends with 1. Then

STAND_IN_NEEDS   host:port of each service it waits for, as long as it takes
STAND_IN_SERVES  TCP ports to answer on, with an HTTP response to whatever is asked
STAND_IN_ENDS    set: it is a job, and ends with 0 instead of serving
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
import time

SECRETS = "/run/secrets/"
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
PAUSE_SECONDS = 1.0


def secrets(environment: dict[str, str]) -> list[str]:
    """The paths of the secrets that variables name, as a path or as a file's URL."""
    paths = (value.removeprefix("file://") for value in environment.values())
    return sorted({path for path in paths if path.startswith(SECRETS)})


def wait_for(address: str) -> None:
    """Return when something listens at host:port."""
    host, _colon, port = address.rpartition(":")
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except OSError as error:  # noqa: PERF203 - trying again is what the loop is for
            print(f"waiting for {address}: {error}")
            time.sleep(PAUSE_SECONDS)
        else:
            return


def listen(port: int) -> socket.socket:
    """A listening socket for both families, or for IPv4 where there is no other."""
    try:
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    except (OSError, ValueError):
        return socket.create_server(("", port))


def answer(connection: socket.socket) -> None:
    """Read what is asked, answer, hang up; a client that says nothing is not waited for."""
    with connection, contextlib.suppress(OSError):
        connection.settimeout(2)
        connection.recv(4096)
        connection.sendall(ANSWER)


def serve(ports: list[int]) -> None:
    """Answer for ever."""
    with selectors.DefaultSelector() as chosen:
        for port in ports:
            chosen.register(listen(port), selectors.EVENT_READ)
        print(f"serving {' '.join(map(str, ports)) or 'nothing'}")
        while ports:
            for key, _events in chosen.select():
                answer(key.fileobj.accept()[0])
    signal.pause()


def main() -> int:
    """Do what the environment says."""
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    for path in secrets(dict(os.environ)):
        with open(path, "rb") as stream:
            if not stream.read():
                raise SystemExit(f"{path} is empty")
    for address in os.environ.get("STAND_IN_NEEDS", "").split():
        wait_for(address)
    if not os.environ.get("STAND_IN_ENDS"):
        serve([int(port) for port in os.environ.get("STAND_IN_SERVES", "").split()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
