# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A HostIO that also talks with other processes: documents of JSON, a line each, over pipes or a Unix socket."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
import traceback
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError, TalkEndedError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

MOST_BYTES = 1 << 20
"""No document is longer; one who sends more is not the one expected."""
END_SECONDS = 5.0

Json = dict[str, t.Any]


class Talk:
    """A conversation. end: closes it; returns the other side's last words, if it has any."""

    def __init__(self, reading: int, writing: int, end: t.Callable[[], str]) -> None:
        self._reading, self._writing, self._end = reading, writing, end
        self._rest = b""

    def say(self, document: t.Mapping[str, t.Any]) -> None:
        """Say a document. Raises TalkEndedError."""
        left = json.dumps(document).encode() + b"\n"
        try:
            while left:
                left = left[os.write(self._writing, left) :]
        except OSError as error:
            raise TalkEndedError(f"nobody listens any more: {error.strerror}") from error

    def hear(self, seconds: float) -> Json | None:
        """The next document; None when there is none so soon. Raises TalkEndedError."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            if not select.select([self._reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            try:
                data = os.read(self._reading, 65536)
            except OSError as error:
                raise TalkEndedError(f"nothing is heard any more: {error.strerror}") from error
            if not data:
                raise TalkEndedError("the other side has ended")
            self._rest += data
            if len(self._rest) > MOST_BYTES:
                raise TalkEndedError("the other side says more than is expected")
        line, _newline, self._rest = self._rest.partition(b"\n")
        try:
            document = json.loads(line)
        except ValueError as error:
            raise TalkEndedError("the other side says what is no JSON") from error
        if not isinstance(document, dict):
            raise TalkEndedError("the other side says something else than expected")
        return document

    def close(self) -> str:
        """End it; returns the other side's last words, empty when there are none."""
        return self._end()


class Listener:
    """Waits for others at a Unix socket, for root alone."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            before = os.umask(0o077)
            try:
                self._socket.bind(path)
            finally:
                os.umask(before)
            self._socket.listen(1)
            self._inode = os.stat(path).st_ino
        except OSError as error:
            self._socket.close()
            raise HostError(f"{path}: can't be listened at: {error.strerror or error}") from error

    def is_there(self) -> bool:
        """Whether it is still this one that others find at the path."""
        with contextlib.suppress(OSError):
            return os.stat(self.path).st_ino == self._inode
        return False

    def accept(self, seconds: float) -> Talk | None:
        """A conversation with the next one who comes; None when nobody does so soon."""
        if not select.select([self._socket], [], [], seconds)[0]:
            return None
        try:
            connection, _address = self._socket.accept()
        except OSError as error:
            raise HostError(f"{self.path}: nobody can come in: {error.strerror or error}") from error

        def end() -> str:
            connection.close()
            return ""

        return Talk(connection.fileno(), connection.fileno(), end)

    def close(self) -> None:
        """Wait no longer."""
        if self.is_there():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
        self._socket.close()


class TalkingHostIO(HostIO):
    """For those few who need it: every module would have to read this otherwise."""

    def converse(self, argv: t.Sequence[str]) -> Talk:
        """A conversation with a command that is started for it. Raises HostError when it isn't there."""
        program = self.find_command(argv[0])
        if program is None:
            raise HostError(f"{argv[0]}: command not found")
        process = subprocess.Popen(
            [program, *argv[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ, LC_ALL="C", LANG="C", LANGUAGE="C"),
        )
        if process.stdin is None or process.stdout is None:
            raise TypeError("both are pipes")

        def end() -> str:
            try:
                return process.communicate(timeout=END_SECONDS)[1].decode("utf-8", "replace").strip()
            except subprocess.TimeoutExpired:
                process.kill()
                return process.communicate()[1].decode("utf-8", "replace").strip()

        return Talk(process.stdout.fileno(), process.stdin.fileno(), end)

    def listen(self, path: str) -> Listener:
        """Wait for others at a Unix socket. What was there before gives way. Raises HostError."""
        return Listener(path)

    def leave_behind(self, work: t.Callable[[], None], log: str) -> None:
        """Do something in a process that outlives this one (daemon(7)). What it dies of is written to ``log``.

        All it needs has to be imported by now: what this process was read from may be gone with it.
        """
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        # Nothing of the parent's own ending may happen here, whatever is raised.
        try:
            os.setsid()
            if os.fork() == 0:
                null = os.open(os.devnull, os.O_RDWR)
                for number in (0, 1, 2):
                    os.dup2(null, number)
                os.chdir("/")
                work()
        finally:
            try:
                # It has nobody to tell but the log.
                if sys.exc_info()[0] is not None:
                    with open(log, "a", encoding="utf-8") as stream:
                        stream.write(traceback.format_exc())
            finally:
                os._exit(0)
