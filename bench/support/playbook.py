# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook against light hosts and measure it from outside: time, processor, memory, bytes on the wire."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from support.hosts import Host, LightHosts, bytes_over
from support.namespaces import WORLD

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOKS = ROOT / "bench" / "playbooks"
TIMED = Path(__file__).with_name("timed.py")
SETTLE_SECONDS = 0.3
"""For the hosts to see that their connections are closed, so that what those used is counted."""

SETTINGS = {
    "ANSIBLE_FORKS": "20",
    "ANSIBLE_GATHERING": "explicit",
    "ANSIBLE_PIPELINING": "true",
    "ANSIBLE_HOST_KEY_CHECKING": "true",
    "ANSIBLE_RETRY_FILES_ENABLED": "false",
    "ANSIBLE_INJECT_FACT_VARS": "false",
    "ANSIBLE_TIMEOUT": "60",
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
    "ANSIBLE_HOME": str(WORLD / "ansible"),
    "ANSIBLE_LOCAL_TEMP": str(WORLD / "ansible" / "tmp"),
    "ANSIBLE_SSH_CONTROL_PATH_DIR": str(WORLD / "cp"),
}
"""The same for every arm; what an arm changes it says."""


@dataclass(frozen=True)
class Run:
    """What one run took. host_cpu_seconds: on the hosts. bytes: both directions, Ethernet frames.

    peak_memory_bytes (PSS), peak_resident_bytes (RSS): of the control node's processes together, 0 unless asked for.
    """

    seconds: float
    cpu_seconds: float
    host_cpu_seconds: float
    bytes: int
    peak_memory_bytes: int
    peak_resident_bytes: int
    recap: dict[str, dict[str, t.Any]]

    @property
    def changed(self) -> int:
        """How many tasks changed something, over all hosts."""
        return sum(host["changed"] for host in self.recap.values())

    @property
    def failed(self) -> int:
        """How many hosts failed or could not be reached."""
        return sum(bool(host["failures"] or host["unreachable"]) for host in self.recap.values())


def ansible(program: str = "ansible-playbook") -> str:
    """The path of one of Ansible's programs, from where this Python is."""
    return str(Path(sys.executable).with_name(program))


def play(
    lights: LightHosts,
    hosts: t.Sequence[Host],
    playbook: str,
    variables: t.Mapping[str, t.Any] | None = None,
    settings: t.Mapping[str, str] | None = None,
    inventory: Path | None = None,
    memory: bool = False,
    check: bool = False,
    allow_failures: bool = False,
) -> Run:
    """Run bench/playbooks/<playbook>.yml once. Raises SystemExit with its output when a host fails."""
    given = WORLD / "variables.json"
    given.write_text(json.dumps(variables or {}))
    result, log, recap = WORLD / "result.json", WORLD / f"{playbook}.log", WORLD / "recap.json"
    recap.unlink(missing_ok=True)
    environment = {
        **os.environ,
        **SETTINGS,
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "bench" / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "recap_file",
        "BENCH_RECAP": str(recap),
        **(settings or {}),
    }
    if memory:
        environment["TIMED_MEMORY"] = "1"
    argv = [ansible(), "-i", str(inventory or lights.inventory(hosts)), "-e", f"@{given}"]
    argv += ["--check"] if check else []
    sent, cpu = sum(bytes_over(hosts)), lights.cpu_seconds(hosts)
    with log.open("wb") as stream:
        command = [sys.executable, str(TIMED), str(result), *argv, str(PLAYBOOKS / f"{playbook}.yml")]
        subprocess.run(
            command, check=False, env=environment, cwd=WORLD, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
        )
    time.sleep(SETTLE_SECONDS)
    taken = json.loads(result.read_text())
    run = Run(
        seconds=taken["seconds"],
        cpu_seconds=taken["cpu_seconds"],
        host_cpu_seconds=lights.cpu_seconds(hosts) - cpu,
        bytes=sum(bytes_over(hosts)) - sent,
        peak_memory_bytes=taken["peak_memory_bytes"],
        peak_resident_bytes=taken["peak_resident_bytes"],
        recap=json.loads(recap.read_text()) if recap.exists() else {},
    )
    if not run.recap or (taken["returncode"] and not allow_failures):
        raise SystemExit(f"{log.read_text(errors='replace')[-6000:]}\n{playbook}: failed, see above")
    return run
