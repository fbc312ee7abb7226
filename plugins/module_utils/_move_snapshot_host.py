# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Sending volumes of this host as differences of snapshots (btrfs-send(8)), where both hosts can.

The target's half is _move_receiver.py. A snapshot is taken anew for each attempt, and the difference is to the last one
that the target says it has; so it does not matter where an attempt before it ended.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rsync, send_stream, snapshots
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Ended, Sender, Sent
from ansible_collections.anycloud.container_host.plugins.module_utils._move_staging import remove_snapshot

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import Piped

# A snapshot waits until what was written is on the disk (btrfs-subvolume(8)).
SNAPSHOT_SECONDS = 600.0
# What the target's program says when nothing may come now, by whatever way.
REFUSED = ("refused: ", "busy: ")


class SnapshotsFailedError(HostError):
    """Snapshots can't be sent after all, for a reason that another attempt would meet again."""


def is_subvolume(io: HostIO, path: str) -> bool:
    """Whether a directory is the root of a btrfs subvolume."""
    identity = io.identity(path)
    # it has this inode number (btrfs(5)); on other file systems any file may have
    if identity is None or identity[1] != 256:
        return False
    return io.run(["findmnt", "--noheadings", "--output", "FSTYPE", "--target", path]).stdout.split() == ["btrfs"]


class SnapshotSender:
    """Sends volumes for one move. limit_kib_per_second: 0 for none. generation: of the target's lease."""

    def __init__(
        self, io: HostIO, files: key.Files, sender: Sender, limit_kib_per_second: int, generation: int
    ) -> None:  # fmt: skip
        self.io, self.files, self.sender = io, files, sender
        self.limit_bytes_per_second, self.generation = 1024 * limit_kib_per_second, generation
        self._here: dict[str, snapshots.Here] = {}

    def why_not(self, name: str, path: str) -> str:
        """Why a subvolume of this host can't be sent so; empty when it can. Raises HostError when the target can't be
        reached.
        """
        failed = self._noted().get(name, {}).get("failed", "")
        if failed:
            return str(failed)
        real = self.io.run(["realpath", path], check=True).stdout.rstrip("\n")
        if snapshots.is_mounted(self.io.read_text("/proc/self/mountinfo") or "", real):
            return "it is a mount, or has one in it"
        nested = self.io.run(snapshots.nested_argv(path))
        if nested.rc or nested.stdout.strip():
            return "it has subvolumes in it" if nested.rc == 0 else f"btrfs says {nested.stderr.strip()}"
        self.sender.attempt(f"volume {name}", lambda: self._ask(name))
        return self._here[name].why

    def _ask(self, name: str) -> Ended:
        words = snapshots.ask_words(name, self.generation)
        argv = ["ssh", "-F", self.files.ssh_config, rsync.TARGET, words]
        done = self.io.run(argv, timeout_seconds=self.sender.silence_seconds)
        if done.rc == 0:
            self._here[name] = snapshots.read_here(done.stdout)
        return Ended(done.rc, done.stderr)

    def send(self, name: str, path: str) -> Sent:
        """Send a volume as it is now.

        Raises SnapshotsFailedError for what another attempt would not mend, and whatever Sender.attempt does.
        """
        what = f"volume {name}"
        started = self.io.monotonic()
        total = {"sent_bytes": 0, "received_bytes": 0, "moved_bytes": 0, "changed_items": 0}

        def once() -> Ended:
            if name not in self._here:
                ended = self._ask(name)
                if ended.rc:
                    return ended
            counter = send_stream.StreamCounter()
            piped = self._pass_on(what, name, path, counter)
            total["sent_bytes"] += counter.total_bytes
            total["received_bytes"] += len(piped.stdout)
            total["moved_bytes"] += counter.moved_bytes
            total["changed_items"] += counter.changed
            return Ended(piped.rc, piped.stderr)

        try:
            attempts = self.sender.attempt(what, once)
        except SnapshotsFailedError as error:
            self._note(name, path, str(error))
            raise
        seconds = self.io.monotonic() - started
        numbers = rsync.Statistics(changed_bytes=total["moved_bytes"], **total)
        self.sender.remember_rate(numbers.wire_bytes, seconds)
        return Sent(numbers, seconds, attempts)

    def _pass_on(self, what: str, name: str, path: str, counter: send_stream.StreamCounter) -> Piped:
        """Take a snapshot and send it, once. The target's answer says what it has afterwards."""
        folder = snapshots.staging(path, self.files.move_id)
        here = self._here.pop(name)  # asked for again after a cut
        number, parent = self._take(name, path, folder, here.have)
        began = self.io.monotonic()

        def count(data: bytes) -> None:
            counter.feed(data)
            seconds = max(self.io.monotonic() - began, 0.001)
            self.sender.tell(what, counter.total_bytes, int(counter.total_bytes / seconds))

        piped = self.io.pipe(
            snapshots.send_argv(folder, number, parent),
            ["ssh", "-F", self.files.ssh_config, rsync.TARGET,
             snapshots.receive_words(name, number, parent, self.generation)],
            count, self.sender.silence_seconds, self.limit_bytes_per_second,
        )  # fmt: skip
        if piped.rc == 0:
            self._here[name] = snapshots.read_here(piped.stdout)
            self._remove(folder, keep={number})
        elif not rsync.is_cut_off(piped.rc, piped.stderr) and not any(word in piped.stderr for word in REFUSED):
            self._remove(folder, keep=set())
            words = [text.strip() for text in (piped.stderr, piped.feeder_stderr) if text.strip()]
            raise SnapshotsFailedError("; ".join(words) or f"btrfs receive ended with {piped.rc}")
        return piped

    def _take(self, name: str, path: str, folder: str, have: t.AbstractSet[str]) -> tuple[str, str]:
        """The number of a new snapshot, and of the last one both hosts have; others are removed."""
        self._note(name, path, "")
        self.io.make_directory(folder, 0o700)
        parent = snapshots.newest(have & set(self.io.list_directory(folder)))
        self._remove(folder, keep={parent})
        number = str(self.io.now_ns())
        argv = snapshots.snapshot_argv(path, f"{folder}/{number}")
        done = self.io.run(argv, timeout_seconds=SNAPSHOT_SECONDS)
        if done.rc:
            raise SnapshotsFailedError(f"no snapshot can be taken: {done.stderr.strip()}")
        return number, parent

    def _remove(self, folder: str, keep: t.AbstractSet[str]) -> None:
        for other in self.io.list_directory(folder):
            if other not in keep:
                remove_snapshot(self.io, f"{folder}/{other}")

    def _noted(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(self.io.read_text(self.files.sent_snapshots) or "{}"))

    def _note(self, name: str, path: str, failed: str) -> None:
        """Write down where snapshots are, before there are any: whoever takes the key away removes them."""
        staging = snapshots.staging(path, self.files.move_id)
        before = self._noted()
        after = {**before, name: {"staging": staging, "failed": failed}}
        if after != before:
            text = json.dumps(after, indent=2, sort_keys=True) + "\n"
            self.io.write_atomic(self.files.sent_snapshots, text, mode=0o600)
