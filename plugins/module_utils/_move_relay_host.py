# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The relay of a move on the control node: its process, started and stopped."""

from __future__ import annotations

import base64
import json
import shlex
import signal
import sys
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

START_SECONDS = 5.0
_START = 'exec </dev/null >>"$4" 2>&1; echo $$ >"$1"; exec "$2" -I "$3" run "$5"'


@dataclass(frozen=True)
class Relay:
    """The relay's files, all in the move's folder on the control node."""

    files: key.Files

    @property
    def pid_path(self) -> str:
        """The file with the process id."""
        return f"{self.files.folder}/relay.pid"

    @property
    def program(self) -> str:
        """The program."""
        return f"{self.files.folder}/pump.py"

    @property
    def log(self) -> str:
        """The file with its messages, those of ssh included."""
        return f"{self.files.folder}/relay.log"

    @property
    def config(self) -> str:
        """What it was started with."""
        return f"{self.files.folder}/relay.json"


def remote_words(program: str, *arguments: str) -> list[str]:
    """The command that runs the program on a host that has nothing but Python: its text goes along."""
    text = base64.b64encode(program.encode()).decode()
    return [
        "python3",
        "-I",
        "-c",
        shlex.quote(f"import base64;exec(base64.b64decode('{text}'))"),
        *map(shlex.quote, arguments),
    ]


def config_text(
    program: str, source: t.Sequence[str], target: t.Sequence[str], socket: str, port: int, valid_seconds: int
) -> str:
    """What the relay is started with."""
    values = {
        "source": [*source, *remote_words(program, "wait", socket)],
        "target": [*target, *remote_words(program, "reach", str(port))],
        "valid_seconds": valid_seconds,
    }
    return json.dumps(values, indent=1, sort_keys=True) + "\n"


def pid(io: HostIO, relay: Relay) -> t.Optional[int]:
    """The relay's process, when the one in its file really is it."""
    text = (io.read_text(relay.pid_path) or "").strip()
    if not text.isdigit():
        return None
    return int(text) if relay.config in (io.read_text(f"/proc/{text}/cmdline") or "").split("\0") else None


def stop(io: HostIO, relay: Relay) -> None:
    """End the process with the sessions it has: they are in its group."""
    found = pid(io, relay)
    if found is not None:
        io.signal_group(found, signal.SIGTERM)
    for path in (relay.pid_path, relay.program, relay.config, relay.log):
        io.remove(path)


def start(io: HostIO, relay: Relay, program: str, config: str) -> None:
    """Start the process. Raises HostError when it ends at once."""
    io.make_directory(relay.files.folder, 0o700)
    io.write_atomic(relay.program, program, mode=0o600)
    io.write_atomic(relay.config, config, mode=0o600)
    arguments = [relay.pid_path, sys.executable, relay.program, relay.log, relay.config]
    io.run(["setsid", "--fork", "sh", "-c", _START, "relay", *arguments], check=True)
    deadline = io.monotonic() + START_SECONDS
    while pid(io, relay) is None:
        if io.monotonic() > deadline:
            words = " ".join((io.read_text(relay.log) or "").strip().splitlines()[-3:])
            raise HostError(f"the relay did not start: {words or 'it said nothing'}")
        io.sleep(0.1)
