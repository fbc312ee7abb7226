# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Sending with rsync over a move's connection: begun again after a cut, its progress told while it runs."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_transport
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rounds, rsync
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.generation import demand_may_carry

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

TOLD_EVERY_SECONDS = 1.0
PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Sent:
    """What sending took. statistics: of all attempts together."""

    statistics: rsync.Statistics
    seconds: float
    attempts: int


class Ended(t.NamedTuple):
    """How one attempt ended: rc 0 when all of it has arrived."""

    rc: int
    stderr: str


class Sender:
    """Sends for one move from this host."""

    def __init__(
        self, io: HostIO, files: key.Files, retries: int, silence_seconds: float, generation: int = 0
    ) -> None:  # fmt: skip
        self.io, self.files, self.retries, self.silence_seconds = io, files, retries, silence_seconds
        self.generation = generation
        self._told = 0.0
        self._is_open = False
        self._progress = f"{files.folder}/progress.json"

    def open(self) -> None:
        """Have the connection open, as :meth:`send` needs it, so that it need not look. Raises HostError.

        One that ends meanwhile makes no copy fail: ssh opens another one by itself.
        """
        for attempt in range(1, self.retries + 2):
            try:
                _move_transport.open_connection(self.io, self.files)
            except HostError:  # noqa: PERF203 - it is tried until it is open
                if attempt > self.retries:
                    raise
                self.io.sleep(PAUSE_SECONDS)
            else:
                self._is_open = True
                return

    def send(self, argv: t.Sequence[str], what: str, in_use: bool = False) -> Sent:
        """Run rsync until it comes to its end. in_use: files may vanish while it looks.

        Raises HostError when it fails for another reason than a cut connection, or is cut too often; MoveRefusedError
        when another run has taken the move over, which is looked at before each attempt.
        """
        started = self.io.monotonic()
        total = found = rsync.Statistics()
        items = rsync.ItemCounter()

        def hear(text: str) -> None:
            items.feed(text)
            self._tell(what, text)

        def once() -> Ended:
            nonlocal total, found
            done = self.io.watch(argv, hear, self.silence_seconds)
            found = rsync.parse_statistics(done.stdout)
            total = replace(
                found,
                sent_bytes=total.sent_bytes + found.sent_bytes,
                received_bytes=total.received_bytes + found.received_bytes,
                moved_bytes=total.moved_bytes + found.moved_bytes,
                changed_files=total.changed_files + found.changed_files,
                changed_items=items.count,
            )
            return Ended(0 if done.rc == rsync.VANISHED and in_use else done.rc, done.stderr)

        attempts = self.attempt(what, once)
        seconds = self.io.monotonic() - started
        self.remember_rate(found.wire_bytes, seconds)
        return Sent(total, seconds, attempts)

    def attempt(self, what: str, once: t.Callable[[], Ended]) -> int:
        """Do what sends until it comes to its end over an open connection; how often it was begun.

        Raises HostError when it fails for another reason than a cut connection, or is cut too often; MoveRefusedError
        when another run has taken the move over, which is looked at before each attempt.
        """
        for attempt in range(1, self.retries + 2):
            demand_may_carry(self.io, self.files.move_id, self.generation)
            try:
                if not self._is_open:
                    _move_transport.open_connection(self.io, self.files)
            except HostError:
                if attempt > self.retries:
                    raise
                self.io.sleep(PAUSE_SECONDS)
                continue
            ended = once()
            if ended.rc == 0:
                self.io.remove(self._progress)
                return attempt
            if not rsync.is_cut_off(ended.rc, ended.stderr) or attempt > self.retries:
                raise HostError(f"{what}: could not be sent: {rsync.explain(ended.rc, ended.stderr)}")
            _move_transport.close_connection(self.io, self.files)
            self._is_open = False
            self.io.sleep(PAUSE_SECONDS)
        raise HostError(f"{what}: could not be sent")

    def _tell(self, what: str, text: str) -> None:
        """Note the progress in what rsync says."""
        progress = rsync.parse_progress(text)
        if progress is None:
            return
        left = None
        if progress.percent and progress.bytes_per_second:
            whole = progress.done_bytes * 100 / progress.percent
            left = round((whole - progress.done_bytes) / progress.bytes_per_second)
        self.tell(what, progress.done_bytes, progress.bytes_per_second, progress.percent, left)

    def tell(
        self,
        what: str,
        done_bytes: int,
        bytes_per_second: int,
        percent: t.Optional[int] = None,
        seconds_left: t.Optional[int] = None,
    ) -> None:
        """Note the progress where move_info looks for it, unless that was done a moment ago. None: not known."""
        now = self.io.monotonic()
        if now - self._told < TOLD_EVERY_SECONDS:
            return
        self._told = now
        told = {
            "what": what,
            "done_bytes": done_bytes,
            "percent": percent,
            "bytes_per_second": bytes_per_second,
            "seconds_left": seconds_left,
        }
        self.io.write_atomic(self._progress, json.dumps(told) + "\n", mode=0o600)

    def remember_rate(self, wire_bytes: int, seconds: float) -> None:
        """Keep the rate of what was sent, for the estimate."""
        if wire_bytes >= rounds.RATE_COUNTS_FROM_BYTES and seconds > 0:
            rate = max(self.known_rate(), wire_bytes / seconds)
            self.io.write_atomic(f"{self.files.folder}/rate.json", json.dumps(rate) + "\n", mode=0o600)

    def known_rate(self) -> float:
        """The best rate seen in this move, in bytes per second; 0 when none is known."""
        text = self.io.read_text(f"{self.files.folder}/rate.json")
        return float(json.loads(text)) if text else 0.0
