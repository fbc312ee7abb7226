# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as the fault runner talks to it, over a connection of its own, which has nothing to do with Ansible's."""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import time
import typing as t

HOST_FOLDER = "/var/lib/container-host-faults"


class HandsError(Exception):
    """Something the runner needs did not work; the message says what."""


class Host:
    """One host. variables: the inventory's."""

    def __init__(self, name: str, variables: t.Mapping[str, t.Any]) -> None:
        self.name, self.variables = name, variables
        self._process: t.Optional[subprocess.Popen[bytes]] = None
        self._rest = b""

    @property
    def workload_address(self) -> str:
        """Where a port 8080 of this host answers, seen from the control node."""
        forwarded = self.variables.get("provision_forwarded_ports") or {}
        if "8080" in forwarded:
            return f"127.0.0.1:{forwarded['8080']}"
        return f"{self.variables.get('ansible_host', self.name)}:8080"

    @property
    def peer_address(self) -> str:
        """Where the other hosts find this one."""
        return str(self.variables.get("provision_address") or self.variables.get("ansible_host", self.name))

    def _ssh(self) -> list[str]:
        options = ["BatchMode=yes", "ConnectTimeout=20", "ControlMaster=no", "ControlPath=none"]
        options += ["ServerAliveInterval=10", "ServerAliveCountMax=3", "LogLevel=ERROR"]
        argv = ["ssh", "-p", str(self.variables.get("ansible_port", 22))]
        argv += [word for option in options for word in ("-o", option)]
        if "ansible_ssh_private_key_file" in self.variables:
            argv += ["-i", str(self.variables["ansible_ssh_private_key_file"])]
        argv += shlex.split(str(self.variables.get("ansible_ssh_common_args", "")))
        user = self.variables.get("ansible_user", "root")
        return [*argv, f"{user}@{self.variables.get('ansible_host', self.name)}"]

    def open(self) -> None:
        """Connect anew."""
        self.close()
        command = f'cd {HOST_FOLDER} && sudo -n python3 -m faults.host serve "${{SSH_CONNECTION%% *}}"'
        self._process = subprocess.Popen(
            [*self._ssh(), command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._rest = b""

    def close(self) -> None:
        """Give the connection up."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def ask(self, do: str, timeout_seconds: float = 90, **values: t.Any) -> dict[str, t.Any]:
        """Have the host do something and answer. Raises HandsError."""
        if self._process is None or self._process.poll() is not None:
            self.open()
        process = self._process
        if process is None or process.stdin is None:
            raise HandsError(f"{self.name}: no connection")
        try:
            process.stdin.write(json.dumps({"do": do, **values}).encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, t.Any] = json.loads(self._line(process, time.monotonic() + timeout_seconds))
        except (OSError, ValueError) as error:
            said = self._last_words()
            raise HandsError(f"{self.name}: no answer to {do}: {error}{': ' + said if said else ''}") from error
        if "error" in answer:
            raise HandsError(f"{self.name}: {do}: {answer['error']}")
        return answer

    def _line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        if process.stdout is None:
            raise OSError("no output")
        while b"\n" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise OSError("it took too long")
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data:
                raise OSError("the connection ended")
            self._rest += data
        line, _newline, self._rest = self._rest.partition(b"\n")
        return line

    def _last_words(self) -> str:
        process, self._process = self._process, None
        if process is None:
            return ""
        process.kill()
        return process.communicate()[1].decode("utf-8", "replace").strip()[-300:]

    def wait_until_ready(self, seconds: float) -> None:
        """Connect as soon as the host lets anybody in. Raises HandsError."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.ask("wait", 60, project="", word="", seconds=0)
                self.ask("clock", now=time.time())
            except HandsError as error:  # noqa: PERF203 - it is asked until it answers
                if time.monotonic() > deadline:
                    raise HandsError(f"{self.name} was not ready within {seconds:.0f} s: {error}") from error
                time.sleep(2)
            else:
                return
