# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The connection from a move's source to its target: held open, so that a copy does not wait for a new one."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rsync

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

OPEN_SECONDS = 20
# Its own session and no standard streams: it outlives the module, and nobody waits for it to close them.
_START = 'exec ssh -F "$1" -M -N "$3" </dev/null >"$2" 2>&1'


def control_of(files: key.Files) -> str:
    """The socket of the held connection."""
    return key.control_path(hashlib.sha256(files.folder.encode()).hexdigest())


def is_open(io: HostIO, files: key.Files) -> bool:
    """Whether the connection is held."""
    return io.run(["ssh", "-F", files.ssh_config, "-O", "check", rsync.TARGET], timeout_seconds=10).rc == 0


def open_connection(io: HostIO, files: key.Files) -> None:
    """Open the connection unless it is held. Raises HostError with ssh's own words."""
    if not io.exists(files.ssh_config):
        raise HostError(
            f"{files.ssh_config} is not there, so the target can't be reached; "
            "run move_key on this host with the target's address"
        )
    if is_open(io, files):
        return
    log = f"{files.folder}/connection.log"
    io.remove(control_of(files))
    io.run(["setsid", "--fork", "sh", "-c", _START, "ssh", files.ssh_config, log, rsync.TARGET], check=True)
    deadline = io.monotonic() + OPEN_SECONDS
    while not is_open(io, files):
        words = (io.read_text(log) or "").strip()
        if words or io.monotonic() > deadline:
            raise HostError(f"the target can't be reached: {rsync.explain(255, words or 'no answer: it timed out')}")
        io.sleep(0.1)


def close_connection(io: HostIO, files: key.Files) -> None:
    """Give the connection up; one that isn't held is fine."""
    if io.exists(files.ssh_config):
        io.run(["ssh", "-F", files.ssh_config, "-O", "exit", rsync.TARGET], timeout_seconds=10)
    io.remove(control_of(files))


def try_connection(io: HostIO, files: key.Files) -> tuple[bool, str]:
    """Whether the target's program answers, and why not."""
    try:
        open_connection(io, files)
    except HostError as error:
        return False, str(error)
    done = io.run(["ssh", "-F", files.ssh_config, rsync.TARGET, "check"], timeout_seconds=30)
    return done.rc == 0, "" if done.rc == 0 else rsync.explain(done.rc, done.stderr)
