# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel on trial: how it stands, and what the host does by itself, which a real shell does here."""

from __future__ import annotations

import json
import subprocess
import typing as t
from dataclasses import asdict
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel import trial

TRIAL = trial.Trial("6.2", "boot-1", 600)
TEXT = json.dumps(asdict(TRIAL))


@pytest.mark.parametrize(
    ("found", "running", "boot_id", "status"),
    [
        ({}, "6.1", "boot-1", trial.NONE),
        ({trial.ARMED: TEXT}, "6.1", "boot-1", trial.PREPARED),
        ({trial.ARMED: TEXT}, "6.2", "boot-1", trial.PREPARED),
        ({trial.ARMED: TEXT}, "6.2", "boot-2", trial.WAITING),
        ({trial.ARMED: TEXT}, "6.1", "boot-2", trial.CAME_BACK),
        ({trial.FAILED: TEXT}, "6.1", "boot-2", trial.CAME_BACK),
        ({trial.RETURNING: TEXT}, "6.1", "boot-3", trial.NOT_CONFIRMED),
        ({trial.RETURNING: "cut"}, "6.1", "boot-3", trial.NOT_CONFIRMED),
    ],
)
def test_outcome(found: dict[str, t.Optional[str]], running: str, boot_id: str, status: str) -> None:
    outcome = trial.outcome(found, running, boot_id)
    assert outcome.status == status
    assert bool(outcome.message) is (status != trial.NONE)


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


class Host:
    """A folder in which the script runs: what it tells systemd is noted, and what it says of itself is made up."""

    def __init__(self, folder: Path, running: str, boot_id: str) -> None:
        self.folder = folder / "trial"
        self.folder.mkdir()
        self.units = [folder / f"unit{number}" for number in range(3)]
        self.log = folder / "log"
        self.log.touch()
        programs = folder / "bin"
        programs.mkdir()
        program(programs, "uname", f"echo {running}")
        program(programs, "systemctl", f'echo "$@" >> {self.log}')
        program(programs, "sleep", ":")
        (folder / "boot_id").write_text(boot_id)
        for unit in self.units:
            unit.touch()
        script = trial.files(TRIAL)[trial.SCRIPT][0].replace(trial.FOLDER, str(self.folder))
        script = script.replace("/proc/sys/kernel/random/boot_id", str(folder / "boot_id"))
        for path, unit in zip(trial.UNITS, self.units):
            script = script.replace(path, str(unit))
        self.script = script.replace("#!/bin/sh\n", f"#!/bin/sh\nPATH={programs}:$PATH\n")
        (self.folder / "armed").write_text(TEXT)

    def run(self) -> tuple[str, bool]:
        """What is left in the folder, and whether it restarts the host."""
        done = subprocess.run(["sh"], input=self.script, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return ",".join(sorted(path.name for path in self.folder.iterdir())), "reboot" in self.log.read_text()


@pytest.mark.parametrize(
    ("running", "boot_id", "left", "restarts"),
    [
        ("6.2", "boot-2", "returning", True),
        ("6.1", "boot-2", "failed", False),
        ("6.1", "boot-1", "armed", False),
    ],
)
def test_what_the_host_does_by_itself(tmp_path: Path, running: str, boot_id: str, left: str, restarts: bool) -> None:
    host = Host(tmp_path, running, boot_id)
    assert host.run() == (left, restarts)
    assert all(unit.exists() for unit in host.units) is (left == "armed")


def test_it_does_nothing_once_it_is_confirmed(tmp_path: Path) -> None:
    host = Host(tmp_path, "6.2", "boot-2")
    (host.folder / "armed").rename(host.folder / "confirmed")
    assert host.run() == ("confirmed", False)


def test_it_goes_back_where_it_can_write_nothing(tmp_path: Path) -> None:
    host = Host(tmp_path, "6.2", "boot-2")
    program(tmp_path / "bin", "mv", "exit 1")
    program(tmp_path / "bin", "rm", "exit 1")
    assert host.run() == ("armed", True)


def test_what_says_that_it_is_armed_is_written_last() -> None:
    files = trial.files(TRIAL)
    assert list(files)[-1] == trial.ARMED
    assert "OnBootSec=600" in files[trial.TIMER][0]
    assert trial.parse_trial(files[trial.ARMED][0]) == TRIAL
