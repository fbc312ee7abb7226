# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The part of HostIO that listens to a command while it runs."""

from __future__ import annotations

import os
import select
import subprocess
import time
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

KEPT_CHARACTERS = 1 << 20
PAUSE_SECONDS = 5.0
CHUNK_BYTES = 1 << 16


class Watched(t.NamedTuple):
    """How a watched command ended. rc: 127 when it isn't there, 124 when it was silent for too long."""

    rc: int
    stdout: str
    stderr: str


class Piped(t.NamedTuple):
    """How two commands ended, the first of which fed the second. rc, stdout, stderr: of the second, as in Watched."""

    rc: int
    stdout: str
    stderr: str
    feeder_rc: int
    feeder_stderr: str


class HostStream:
    """Runs commands that take long."""

    def find_command(self, name: str) -> str | None:  # HostIO's
        """The full path of a command, or None."""
        raise NotImplementedError

    def signal_group(self, leader: int, number: int) -> bool:
        """Send a signal to a process group; returns whether it was there."""
        try:
            os.killpg(leader, number)
        except ProcessLookupError:
            return False
        except OSError as error:
            raise HostError(f"process group {leader} can't be signalled: {error.strerror}") from error
        return True

    def watch(
        self,
        argv: t.Sequence[str],
        on_text: t.Callable[[str], None] | None = None,
        silence_seconds: float = 600,
        input_text: str | None = None,
    ) -> Watched:
        """Run a command in the C locale and hand on each piece of text it writes to standard output, as it comes.

        It is killed when nothing comes for ``silence_seconds``. The last mebibyte of its output is kept.
        """
        program = self.find_command(argv[0])
        if program is None:
            return Watched(127, "", f"{argv[0]}: command not found")
        environment = dict(os.environ, LC_ALL="C", LANG="C", LANGUAGE="C")
        process = subprocess.Popen(
            [program, *argv[1:]],
            stdin=subprocess.DEVNULL if input_text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        if input_text is not None and process.stdin is not None:
            process.stdin.write(input_text.encode("utf-8", "surrogateescape"))
            process.stdin.close()
        texts = {"stdout": "", "stderr": ""}
        streams = {stream: name for name in texts for stream in [getattr(process, name)]}
        heard = time.monotonic()
        silent = False
        with process:
            while streams:
                ready, _writable, _failed = select.select(list(streams), [], [], PAUSE_SECONDS)
                for stream in ready:
                    data = os.read(stream.fileno(), 65536)
                    name = streams[stream]
                    if not data:
                        del streams[stream]
                        continue
                    heard = time.monotonic()
                    text = data.decode("utf-8", "replace")
                    texts[name] = (texts[name] + text)[-KEPT_CHARACTERS:]
                    if name == "stdout" and on_text is not None:
                        on_text(text)
                if time.monotonic() - heard > silence_seconds:
                    silent = True
                    process.kill()
                    break
        return Watched(124 if silent else process.returncode, texts["stdout"], texts["stderr"])

    def pipe(
        self,
        feeder: t.Sequence[str],
        argv: t.Sequence[str],
        on_data: t.Callable[[bytes], None] | None = None,
        silence_seconds: float = 600,
        bytes_per_second: float = 0,
    ) -> Piped:
        """Run two commands in the C locale, and pass on what the first writes to the second, at most so fast; 0: as it
        comes. ``on_data`` sees each piece.

        Both are killed when nothing is passed on or heard for ``silence_seconds``.
        """
        programs = [self.find_command(words[0]) for words in (feeder, argv)]
        for program, words in zip(programs, (feeder, argv)):
            if program is None:
                return Piped(127, "", f"{words[0]}: command not found", 127, "")
        environment = dict(os.environ, LC_ALL="C", LANG="C", LANGUAGE="C")
        ends: dict[str, t.Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment}
        first, second = [str(programs[0]), *feeder[1:]], [str(programs[1]), *argv[1:]]
        nothing, fed = {**ends, "stdin": subprocess.DEVNULL}, {**ends, "stdin": subprocess.PIPE}
        with subprocess.Popen(first, **nothing) as giving, subprocess.Popen(second, **fed) as taking:
            silent = True
            try:
                passing = _Passing(giving, taking, on_data, bytes_per_second)
                silent = not passing.go_on(silence_seconds)
            finally:
                if silent:  # or one that looked at the data raised an error
                    taking.kill()
                    giving.kill()
        texts = {name: text.decode("utf-8", "replace") for name, text in passing.texts.items()}
        rc = 124 if silent else taking.returncode
        return Piped(rc, texts["stdout"], texts["stderr"], giving.returncode, texts["feeder"])


class _Passing:
    """Passes on what one process writes to another, and keeps what is heard of both. texts: by where it came from."""

    def __init__(
        self,
        giving: subprocess.Popen[bytes],
        taking: subprocess.Popen[bytes],
        on_data: t.Callable[[bytes], None] | None,
        bytes_per_second: float,
    ) -> None:
        self._giving, self._taking, self._on_data, self._rate = giving, taking, on_data, bytes_per_second
        self.texts = {"stdout": b"", "stderr": b"", "feeder": b""}
        self._heard = {taking.stdout: "stdout", taking.stderr: "stderr", giving.stderr: "feeder"}
        self._data = memoryview(b"")
        self._passed = 0
        self._begun = time.monotonic()
        # one that is slow to read must not keep this from hearing what it says
        os.set_blocking(self._into, False)

    @property
    def _into(self) -> int:
        return t.cast("t.IO[bytes]", self._taking.stdin).fileno()

    def _has_input(self) -> bool:
        return not t.cast("t.IO[bytes]", self._taking.stdin).closed

    def go_on(self, silence_seconds: float) -> bool:
        """Until both have ended; whether they did."""
        last = time.monotonic()
        while self._heard or self._has_input():
            early = self._passed / self._rate - (time.monotonic() - self._begun) if self._rate else 0.0
            gives = self._has_input() and not self._data and early <= 0
            readers: list[t.Any] = [*self._heard, *([self._giving.stdout] if gives else [])]
            writers = [self._into] if self._data else []
            ready, writable, _failed = select.select(readers, writers, [], min(max(early, 0.0) or 5.0, PAUSE_SECONDS))
            for stream in ready:
                self._read(stream)
            if writable:
                self._write()
            if ready or writable or early > 0:
                last = time.monotonic()
            elif time.monotonic() - last > silence_seconds:
                return False
        return True

    def _read(self, stream: t.Any) -> None:
        data = os.read(stream.fileno(), CHUNK_BYTES)
        if stream is not self._giving.stdout:
            if data:
                name = self._heard[stream]
                self.texts[name] = (self.texts[name] + data)[-KEPT_CHARACTERS:]
            else:
                del self._heard[stream]
        elif data:
            if self._on_data is not None:
                self._on_data(data)
            self._data = memoryview(data)
        else:
            self._end_input()

    def _write(self) -> None:
        try:
            count = os.write(self._into, self._data)
        except BrokenPipeError:  # it says itself why it takes no more
            self._data = memoryview(b"")
            self._giving.kill()
            self._end_input()
            return
        self._passed += count
        self._data = self._data[count:]

    def _end_input(self) -> None:
        t.cast("t.IO[bytes]", self._taking.stdin).close()
