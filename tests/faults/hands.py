# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault runner's hands on the control node: the lab the hosts are in, runs of the move, the client."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import yaml
from faults.client import APPEND, wait_for_more
from faults.remote import HandsError

ROOT = Path(__file__).resolve().parent.parent.parent
RECAP = re.compile(r"^localhost\s+: ok=\d+\s+changed=(\d+)", re.MULTILINE)
KILL_ATTEMPTS = 40
ACTION = re.compile(r"msg['\"]?: ['\"]?(begin|resume|roll_back|clear_target|there|blocked): ")


def program(name: str) -> str:
    """A program of the same environment as this Python."""
    return str(Path(sys.executable).with_name(name))


def environment(**more: str) -> dict[str, str]:
    """The environment of Ansible's programs."""
    return {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), **more}


def ansible(log: Path, *argv: str) -> None:
    """Run one of Ansible's programs to its end. Raises HandsError with the end of what it said."""
    with log.open("w") as stream:
        done = subprocess.run(
            [program(argv[0]), *argv[1:]], cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=stream,
            stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise HandsError(f"{' '.join(argv[:3])} ended with {done.returncode} ({log}):\n{log.read_text()[-1500:]}")


def read_inventory(inventory: Path) -> dict[str, dict[str, t.Any]]:
    """Host -> its variables."""
    done = subprocess.run(
        [program("ansible-inventory"), "-i", str(inventory), "--list"], cwd=ROOT, env=environment(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise HandsError(f"{inventory}: can't be read: {done.stderr.strip()}")
    variables: dict[str, dict[str, t.Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return variables


class Lab:
    """The lab the hosts are in. variables_file: what made it (see the role provision)."""

    def __init__(self, variables_file: Path, snapshot: str, accelerator: str, logs: Path) -> None:
        self.variables_file, self.snapshot, self.accelerator, self.logs = variables_file, snapshot, accelerator, logs
        self.name = str(yaml.safe_load(variables_file.read_text(encoding="utf-8"))["provision_lab"])
        self.directory = Path.home() / ".cache" / "container-host" / "labs" / self.name

    def restore(self, hosts: t.Sequence[str]) -> None:
        """Hosts back to the snapshot, those without power too. Raises HandsError."""
        values = {"directory": str(self.directory), "lab": self.name, "name": self.snapshot, "state": "restored",
                  "accelerator": self.accelerator, "hosts": list(hosts)}  # fmt: skip
        ansible(self.logs / "restore.log", "ansible", "localhost", "-m",
                "anycloud.container_host.qemu_snapshot", "-a", json.dumps(values))  # fmt: skip

    def cut_power(self, host: str) -> None:
        """As a power failure would: the virtual machine's process is killed. Raises HandsError."""
        folder = self.directory / "hosts" / host
        try:
            pid = int((folder / "pid").read_text())
            if f"{folder}/disk.qcow2" not in Path(f"/proc/{pid}/cmdline").read_text():
                raise HandsError(f"{folder}/pid: {pid} is not the virtual machine {host}")
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError) as error:
            raise HandsError(f"{host}: its power can't be cut: {error}") from error
        with contextlib.suppress(OSError):
            # One that nobody has waited for yet is gone as well.
            while ") Z " not in Path(f"/proc/{pid}/stat").read_text():
                time.sleep(0.05)

    def power_on(self) -> None:
        """Boot the hosts that are off, and wait until they are up."""
        ansible(self.logs / "power-on.log", "ansible-playbook", "playbooks/provision.yml", "-e",
                f"@{self.variables_file}", "-e", f"provision_accelerator={self.accelerator}")  # fmt: skip


def may_have_another_name() -> bool:
    """Whether a process may run under a host name of its own (unshare(1)); a run without it is known by its process."""
    try:
        return subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class Run:
    """One run of playbooks/move.yml, as a control node of its own."""

    def __init__(
        self, name: str, inventory: Path, variables: t.Mapping[str, t.Any], log: Path, node: str = ""
    ) -> None:  # fmt: skip
        self.name, self.log = name, log
        # Short, since sockets are in it (unix(7)).
        self.sockets = tempfile.mkdtemp(prefix="faults-")
        self.started = time.monotonic()
        argv = [program("ansible-playbook"), "-i", str(inventory), "playbooks/move.yml", "-e", json.dumps(variables)]
        if node and may_have_another_name():
            argv = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', node, *argv]
        keep_alive = "-C -o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=20 -o ServerAliveCountMax=3"
        self._stream = log.open("w")
        self.process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self._stream, stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment(ANSIBLE_SSH_CONTROL_PATH_DIR=self.sockets, ANSIBLE_SSH_ARGS=keep_alive),
        )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """As the death of a control node would: the run and all its connections, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        # Again, for those that were being started meanwhile.
        for _attempt in range(KILL_ATTEMPTS):
            found = self._processes()
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not found:
                break
            time.sleep(0.05)
        self.process.wait()

    def _processes(self) -> list[int]:
        """The run's processes: Ansible's workers have sessions of their own, and ssh's held connections rewrite what they
        were started with. Those that have ended have neither any more.
        """
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            for name in ("environ", "cmdline"):
                with contextlib.suppress(OSError):
                    if self.sockets.encode() in (folder / name).read_bytes():
                        found.append(int(folder.name))
                        break
        return found

    def finish(self, seconds: float) -> dict[str, t.Any]:
        """Wait for its end, or kill it after so long; what is told of it."""
        hung = False
        try:
            self.process.wait(timeout=max(1.0, seconds))
        except subprocess.TimeoutExpired:
            hung = True
        rc = self.process.poll()
        self.kill()
        self._stream.close()
        shutil.rmtree(self.sockets, ignore_errors=True)
        text = self.log.read_text(encoding="utf-8", errors="replace")
        changed, action = RECAP.findall(text), ACTION.findall(text)
        return {
            "name": f"{self.name}{' (killed, it hung)' if hung else ''}",
            "rc": 124 if hung else rc,
            "changed": int(changed[-1]) if changed else 0,
            "action": action[-1] if action else "",
            "seconds": round(time.monotonic() - self.started, 1),
            "last_words": "" if rc == 0 else last_words(text),
        }


def last_words(text: str) -> str:
    """The last failure in a log of Ansible: its task in the first line, then what was said."""
    parts = re.split(r"^(?=(?:TASK|PLAY) \[)", text, flags=re.MULTILINE)
    for part in reversed(parts):
        said = re.search(r"^(?:\[ERROR\]: |fatal: |failed: |ERROR! ).*", part, re.MULTILINE | re.DOTALL)
        if said:
            task = re.match(r"TASK \[(.*?)\] \*", part)
            return f"{task[1] if task else 'before the first task'}\n{said[0].strip()}"[:2000]
    return text.strip()[-2000:]


class ClientProcess:
    """The writer's client, beside the move."""

    def __init__(self, addresses: t.Mapping[str, str], folder: Path, append_path: str = APPEND) -> None:
        self.output, self.stop_file = folder / "client.json", folder / "client.stop"
        argv = [sys.executable, str(ROOT / "tests" / "faults" / "client.py"), "--output", str(self.output)]
        argv += ["--stop", str(self.stop_file), "--append-path", append_path]
        for name, address in addresses.items():
            argv += ["--address", f"{name}={address}"]
        self._log = (folder / "client.log").open("w")
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )

    def known(self) -> dict[str, t.Any]:
        """What it has written down so far."""
        if not self.output.exists():
            return {"acknowledged": []}
        found: dict[str, t.Any] = json.loads(self.output.read_text(encoding="utf-8"))
        return found

    def wait_for_more(self, count: int, seconds: float) -> bool:
        """Whether so many more records are acknowledged in time."""
        return wait_for_more(self.output, count, seconds)

    def stop(self) -> None:
        """Have it write down the last of what it knows, and end."""
        self.stop_file.touch()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
