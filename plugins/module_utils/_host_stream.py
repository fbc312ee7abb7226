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


class Watched(t.NamedTuple):
    """How a watched command ended. rc: 127 when it isn't there, 124 when it was silent for too long."""

    rc: int
    stdout: str
    stderr: str


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
