# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two directories of one host for a move's source and target: the real rsync, and the real program of the target."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_gate, _move_manifest_host
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key, rsync
from ansible_collections.anycloud.container_host.plugins.module_utils._move.manifest_compare import differences

if t.TYPE_CHECKING:
    from pathlib import Path

PLAIN = rsync.Options()


class World:
    """Two directories, and in the place of ssh a shell script that runs the target's program."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "source", folder / "target"
        self.source.mkdir()
        self.target.mkdir()
        self.files = key.Files(str(folder), "m1")
        self.journal, self.lock = folder / "m1.json", folder / "m1.gate.lock"
        os.mkdir(self.files.folder)
        self.program = folder / "m1" / "receive"
        with open(_move_gate.__file__, encoding="utf-8") as stream:
            self.program.write_text(stream.read())
        self.open_door()
        self.remote = folder / "remote"
        # rsync calls it with: the host, the command; ssh gives the command on as one text
        self.remote.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -I {self.program} "$*"\n')
        self.remote.chmod(0o755)

    def open_door(self) -> None:
        """Put there what the program reads."""
        guard = {"journal": str(self.journal), "lock": str(self.lock)}
        with open(self.files.places, "w", encoding="utf-8") as stream:
            json.dump({"data": str(self.target)}, stream)
        with open(self.files.guard, "w", encoding="utf-8") as stream:
            json.dump(guard, stream)

    def argv(self, options: rsync.Options = PLAIN, name: str = "data") -> list[str]:
        """The command that sends."""
        argv = rsync.volume_argv("none", str(self.source), name, options)
        return [f"--rsh={self.remote}" if word.startswith("--rsh=") else word for word in argv]

    def send(self, options: rsync.Options = PLAIN, name: str = "data") -> subprocess.CompletedProcess[str]:
        """Send, to the end."""
        return subprocess.run(self.argv(options, name), capture_output=True, text=True, check=False)

    def begin(self, options: rsync.Options = PLAIN) -> subprocess.Popen[str]:
        """Begin to send, in a group of its own, as at another host."""
        argv = self.argv(options)
        return subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def different(self) -> list[str]:
        """How the two directories differ."""
        io = HostIO()
        sent = _move_manifest_host.make(io, self.files, "source", str(self.source))
        found = _move_manifest_host.make(io, self.files, "target", str(self.target))
        return differences(sent, found, 20)[0]
