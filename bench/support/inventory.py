# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks against one host of an inventory, each by an Ansible of its own, and measure them from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

from support.playbook import PLAYBOOKS, SETTINGS, TIMED, ansible


@dataclass(frozen=True)
class Taken:
    """What one run took: wall, and processor time of the control node."""

    seconds: float
    cpu_seconds: float


def host_names(listed: t.Mapping[str, t.Any]) -> list[str]:
    """The hosts that ``ansible-inventory --list`` tells, in its order."""
    groups = (group.get("hosts", []) for name, group in listed.items() if name != "_meta")
    return list(dict.fromkeys(name for hosts in groups for name in hosts))


class Inventory:
    """An inventory, and a folder for what its runs write."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path.resolve()
        self.folder = folder
        self._environment = {
            **os.environ,
            **SETTINGS,
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "ansible" / "tmp"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        }

    def hosts(self) -> list[str]:
        """The names of its hosts. Raises SystemExit when it can't be read."""
        argv = [ansible("ansible-inventory"), "-i", str(self.path), "--list"]
        done = subprocess.run(argv, check=False, env=self._environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        return host_names(json.loads(done.stdout))

    def play(self, host: str, playbook: str, variables: t.Mapping[str, t.Any] | None = None) -> Taken:
        """Run bench/playbooks/<playbook>.yml once. Raises SystemExit with the end of its output when it fails."""
        given, result, log = (self.folder / name for name in ("variables.json", "result.json", f"{playbook}.log"))
        given.write_text(json.dumps(variables or {}), encoding="utf-8")
        argv = [ansible(), "-i", str(self.path), "--limit", host, "-e", f"@{given}", str(PLAYBOOKS / f"{playbook}.yml")]
        result.unlink(missing_ok=True)
        with log.open("wb") as stream:
            timed = subprocess.Popen(
                [sys.executable, str(TIMED), str(result), *argv],
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
            try:
                timed.wait()
            except BaseException:
                # It ends what it runs; killed, it could not.
                timed.terminate()
                timed.wait()
                raise
        taken = json.loads(result.read_text(encoding="utf-8"))
        if taken["returncode"]:
            raise SystemExit(f"{log.read_text(errors='replace')[-6000:]}\n{host}: {playbook} failed, see above")
        return Taken(taken["seconds"], taken["cpu_seconds"])
