# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Closing the gate of a move on its target: waiting for the copy under way, and ending it when it holds on.

The journal is written first: it lets no new copy in. Then the gate is locked, so that no copy is left. The program of
the key (see _move_gate.py) does the same in the other order.
"""

from __future__ import annotations

import contextlib
import signal
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import BusyError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import names

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# How long a copy may take to end by itself, after SIGTERM, and after SIGKILL.
GRACE_SECONDS = 5.0
TERMINATE_SECONDS = 10.0
KILL_SECONDS = 10.0
POLL_SECONDS = 0.2


class GateLock:
    """The lock of one move's gate on this host."""

    def __init__(self, io: HostIO, move: str) -> None:
        self._io = io
        self._move = move
        self._path = names.gate_lock_path(move)

    @contextlib.contextmanager
    def closed(self) -> t.Iterator[None]:
        """Hold the gate locked. Raises HostError, naming the process, when a copy can't be ended."""
        stages = ((0, GRACE_SECONDS), (signal.SIGTERM, TERMINATE_SECONDS), (signal.SIGKILL, KILL_SECONDS))
        with contextlib.ExitStack() as stack:
            if not any(self._enter(stack, number, seconds) for number, seconds in stages):
                raise HostError(self._sentence())
            yield

    def close(self) -> None:
        """Wait until nobody writes. The caller has written the journal so that nobody begins to."""
        with self.closed():
            pass

    def _enter(self, stack: contextlib.ExitStack, number: int, seconds: float) -> bool:
        """Whether the lock was got within so many seconds, after whoever holds it got a signal."""
        deadline = self._io.monotonic() + seconds
        signalled: set[int] = set()
        while True:
            try:
                stack.enter_context(self._io.lock(self._path, "held"))
            except BusyError:
                # Another copy may come first each time, only to be refused; each is told.
                group = self._group()
                if number and group not in signalled and self.holders(group):
                    signalled.add(group)
                    self._io.signal_group(group, number)
            else:
                return True
            if self._io.monotonic() >= deadline:
                return False
            self._io.sleep(POLL_SECONDS)

    def is_free(self) -> bool:
        """Whether no copy is under way."""
        try:
            with self._io.lock(self._path, "held"):
                return True
        except BusyError:
            return False

    def _group(self) -> int:
        """The process group that the copy left word of; 0 for none."""
        text = (self._io.read_text(self._path) or "").strip()
        return int(text) if text.isdigit() else 0

    def holders(self, group: int) -> list[int]:
        """The processes of the group that have the lock open: numbers are used again, for other programs."""
        name = self._path.rpartition("/")[2]
        found = []
        for path in self._io.glob("/proc/[0-9]*/stat") if group > 1 else []:
            # The command, in parentheses, may hold spaces and parentheses itself (proc_pid_stat(5)).
            fields = (self._io.read_text(path) or "").rpartition(")")[2].split()
            if len(fields) < 3 or fields[2] != str(group):
                continue
            folder = path.rpartition("/")[0]
            links = (self._io.read_link(entry) or "" for entry in self._io.glob(f"{folder}/fd/*"))
            if any(link.rpartition("/")[2] == name for link in links):
                found.append(int(folder.rpartition("/")[2]))
        return sorted(found)

    def _sentence(self) -> str:
        group = self._group()
        holders = self.holders(group)
        who = f"the process {holders[0]} of group {group}" if holders else "a process that left no word"
        return (
            f"move {self._move}: a copy of an earlier run still writes here: {who} holds {self._path} and did not end "
            f"when told to; end it (see fuser --verbose {self._path}), then run again"
        )
