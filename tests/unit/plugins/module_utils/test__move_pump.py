# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes go through the programs of a relay, from the source's socket to a server of the target, and back."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_pump, _move_relay_host

if t.TYPE_CHECKING:
    from pathlib import Path

PROGRAM = [sys.executable, "-I", _move_pump.__file__]
DATA = bytes(range(256)) * 4096


def answer_once(server: socket.socket) -> None:
    """Give back all that comes, doubled."""
    connection, _address = server.accept()
    with connection:
        pieces = list(iter(lambda: connection.recv(65536), b""))
        connection.sendall(b"".join(pieces) * 2)


def test_two_connections_one_after_the_other(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = str(tmp_path / "relay.sock")
        config = {
            "source": [*PROGRAM, "wait", path],
            "target": [*PROGRAM, "reach", str(server.getsockname()[1])],
            "valid_seconds": 60,
        }
        (tmp_path / "config").write_text(json.dumps(config))
        relay = subprocess.Popen([*PROGRAM, "run", str(tmp_path / "config")], start_new_session=True)
        try:
            for _number in range(2):
                thread = threading.Thread(target=answer_once, args=(server,))
                thread.start()
                done = subprocess.run(
                    [*PROGRAM, "connect", path], input=DATA, capture_output=True, timeout=60, check=True
                )
                thread.join()
                assert done.stdout == DATA * 2
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(relay.pid, signal.SIGTERM)
            relay.wait()


def test_the_program_goes_along_as_text() -> None:
    words = _move_relay_host.remote_words(inspect.getsource(_move_pump), "reach", "1")
    done = subprocess.run(["sh", "-c", " ".join(words)], capture_output=True, text=True, check=False)
    assert "Connection refused" in done.stderr
