# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A registry as a plain background process, for machines without a service manager: containers, CI, a lab."""

from __future__ import annotations

import hashlib
import json
import signal
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._difference import Difference
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

STOP_SECONDS = 15
# the shell writes the process id it then gives to the registry itself
_START = 'exec </dev/null >"$4" 2>&1; echo $$ >"$1"; exec "$2" serve "$3"'


@dataclass(frozen=True)
class Place:
    """Where a registry runs: its directory, configuration file, port, and the other files its behaviour depends on."""

    directory: str
    configuration: str
    port: int
    program: str = "docker-registry"
    watched: tuple[str, ...] = ()

    @property
    def pid_path(self) -> str:
        """The file with the process id."""
        return f"{self.directory}/registry.pid"

    @property
    def log_path(self) -> str:
        """The file with what the registry says."""
        return f"{self.directory}/registry.log"

    @property
    def started_path(self) -> str:
        """The file that says what the process was started with."""
        return f"{self.directory}/registry.json"


@dataclass(frozen=True)
class ObservedProcess:
    """The process as found: pid None when it does not run; started_with is the digest of the files it has read."""

    pid: int | None = None
    started_with: str | None = None

    def as_dict(self) -> dict[str, t.Any]:
        """As plain values for a module's result."""
        return {"running": self.pid is not None, "pid": self.pid, "started_with": self.started_with}


def observe(io: HostIO, place: Place) -> ObservedProcess:
    """The registry's process, when the one in the pid file really is it."""
    text = (io.read_text(place.pid_path) or "").strip()
    if not text.isdigit():
        return ObservedProcess()
    command = (io.read_text(f"/proc/{text}/cmdline") or "").split("\0")
    if place.configuration not in command:
        return ObservedProcess()
    started = io.read_text(place.started_path)
    return ObservedProcess(int(text), None if started is None else str(json.loads(started)["started_with"]))


def files_digest(io: HostIO, place: Place) -> str:
    """SHA-256 over the configuration and the watched files, absent ones too."""
    digest = hashlib.sha256()
    for path in (place.configuration, *place.watched):
        content = io.read_bytes(path)
        digest.update(f"{path}\0{-1 if content is None else len(content)}\0".encode())
        digest.update(content or b"")
    return digest.hexdigest()


def compare(observed: ObservedProcess, present: bool, files: str) -> Difference:
    """What has to change: whether it runs, and what it was started with."""
    difference = Difference()
    difference.compare("running", observed.pid is not None, present)
    if present and observed.pid is not None:
        difference.compare("started_with", observed.started_with, files)
    return difference


def _ended(io: HostIO, pid: int) -> bool:
    """Whether a process has closed its files and sockets (proc(5), stat): it is gone, or waits for its parent only."""
    status = io.read_text(f"/proc/{pid}/stat")
    return status is None or status.rpartition(")")[2].split()[0] in ("Z", "X")


def stop(io: HostIO, place: Place, pid: int) -> None:
    """Stop the process; one that does not listen is killed."""
    io.signal(pid, signal.SIGTERM)
    deadline = io.monotonic() + STOP_SECONDS
    # its last threads may hold the port a moment longer than the process seems to be there
    while not (_ended(io, pid) and io.local_port_is_free(place.port)):
        if io.monotonic() > deadline:
            if not _ended(io, pid):
                io.signal(pid, signal.SIGKILL)
            break
        io.sleep(0.1)
    io.remove(place.pid_path)
    io.remove(place.started_path)


def start(io: HostIO, place: Place, files: str, timeout_seconds: float) -> None:
    """Start the process and wait until it listens.

    Raises HostError when the port is taken, or the registry ends or does not listen in time, with its last words.
    """
    program = io.find_command(place.program)
    if program is None:
        raise HostError(f"{place.program} is not there; install the package that has it")
    if io.read_bytes(place.configuration) is None:
        raise HostError(f"{place.configuration} can't be read; write the registry's configuration first")
    if not io.local_port_is_free(place.port):
        raise HostError(
            f"port {place.port} is taken by another process; choose another one, or stop what listens there "
            f"(ss -ltnp 'sport = :{place.port}' names it)"
        )
    io.make_directory(place.directory)
    io.remove(place.pid_path)
    arguments = [place.pid_path, program, place.configuration, place.log_path]
    io.run(["setsid", "--fork", "sh", "-c", _START, "registry", *arguments], check=True)
    deadline = io.monotonic() + timeout_seconds
    while io.local_port_is_free(place.port) or observe(io, place).pid is None:
        started = (io.read_text(place.pid_path) or "").strip()
        ended = started.isdigit() and _ended(io, int(started))
        if ended or io.monotonic() > deadline:
            words = "\n".join((io.read_text(place.log_path) or "").strip().splitlines()[-5:])
            what = "ended" if ended else f"did not listen within {timeout_seconds:g} s"
            raise HostError(f"the registry {what}; its last words ({place.log_path}):\n{words}")
        io.sleep(0.1)
    io.write_atomic(place.started_path, json.dumps({"started_with": files}), mode=0o644)
