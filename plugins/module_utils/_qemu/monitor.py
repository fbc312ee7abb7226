# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""QEMU's monitor (QMP, the QEMU Machine Protocol) of one running virtual machine."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


class Monitor:
    """A conversation with one virtual machine's monitor; use it in a ``with`` block."""

    def __init__(self, io: HostIO, path: str, timeout_seconds: float = 60) -> None:
        self._path = path
        self._connection = io.connect_unix(path, timeout_seconds)
        self._stream = self._connection.makefile("rw", encoding="utf-8")

    def __enter__(self) -> Monitor:
        self._read()  # the greeting
        self.execute("qmp_capabilities")
        return self

    def __exit__(self, *_details: object) -> None:
        self._stream.close()
        self._connection.close()

    def _read(self) -> dict[str, t.Any]:
        try:
            line = self._stream.readline()
        except OSError as error:
            raise HostError(f"{self._path}: the virtual machine's monitor does not answer: {error}") from error
        if not line:
            raise HostError(f"{self._path}: the virtual machine went away")
        answer: dict[str, t.Any] = json.loads(line)
        return answer

    def execute(self, command: str, **arguments: t.Any) -> t.Any:
        """Run one QMP command and return its answer. Raises HostError with QEMU's own words."""
        request: dict[str, t.Any] = {"execute": command}
        if arguments:
            request["arguments"] = {key.replace("_", "-"): value for key, value in arguments.items()}
        self._stream.write(json.dumps(request) + "\n")
        self._stream.flush()
        while True:
            answer = self._read()
            if "error" in answer:
                raise HostError(f"{self._path}: {command}: {answer['error'].get('desc')}")
            if "return" in answer:
                return answer["return"]

    def human(self, line: str) -> str:
        """Run one command of the human monitor, which alone has snapshots with memory in one step.

        Such commands answer nothing when they went well; what savevm and loadvm say is an error.
        """
        said = str(self.execute("human-monitor-command", command_line=line)).strip()
        if said and line.split(maxsplit=1)[0] in ("savevm", "loadvm", "delvm"):
            raise HostError(f"{self._path}: {line}: {said}")
        return said
