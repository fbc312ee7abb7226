# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks of the collection on a stage (move_stage.py) with ansible-playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import move_stage

ROOT = Path(__file__).resolve().parents[2]
STAGED = (
    "host_contract_info", "move_host_info", "move_image", "move_image_info", "move_info", "move_key", "move_key_info",
    "move_relay", "move_volume", "move_volume_info", "move_volume_quiesce",
)  # fmt: skip
WRITING = ("move_cutover", "move_journal", "move_workload")
# Ansible hands the host and one command to it, as to ssh; a host is cut off by a file of its name.
SSH = """#!/bin/sh
for last; do :; done
for host; do case $host in alpha|bravo) [ ! -e {folder}/gone-$host ] || exit 255; echo $host >>{folder}/asked;; esac; done
exec /bin/sh -c "$last"
"""


class Theatre:
    """A stage in a folder, with a collection whose modules of moves are answered from it."""

    def __init__(self, folder: Path, stage: t.Optional[move_stage.Stage] = None) -> None:
        self.folder = folder
        collection = folder / "collections" / "ansible_collections" / "anycloud" / "container_host"
        (collection / "plugins" / "action").mkdir(parents=True)
        for name in ("roles", "playbooks", "meta", "galaxy.yml"):
            (collection / name).symlink_to(ROOT / name)
        for path in (ROOT / "plugins").iterdir():
            if path.is_dir() and path.name != "action":
                (collection / "plugins" / path.name).symlink_to(path)
        for name in (*STAGED, *WRITING):
            action = "WriteAction" if name in WRITING else "ReadAction"
            text = f"from move_stage_action import {action} as ActionModule\n"
            (collection / "plugins" / "action" / f"{name}.py").write_text(text)
        self.playbooks = collection / "playbooks"
        (folder / "ssh").write_text(SSH.format(folder=folder))
        (folder / "ssh").chmod(0o755)
        host = {
            "ansible_connection": "ssh",
            "ansible_ssh_executable": str(folder / "ssh"),
            "ansible_user": "admin",
            "ansible_python_interpreter": sys.executable,
        }
        inventory = {"all": {"hosts": {name: dict(host) for name in ("alpha", "bravo")}}}
        (folder / "inventory.json").write_text(json.dumps(inventory))
        move_stage.keep(folder, stage or move_stage.two_hosts())

    def run(self, playbook: str, *flags: str, **variables: t.Any) -> subprocess.CompletedProcess[str]:
        """Run a playbook of the collection."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment = {
            **ours,
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PIPELINING": "true",
            "MOVE_STAGE": str(self.folder),
            "PYTHONPATH": str(ROOT / "tests" / "unit"),
        }
        program = [sys.executable, "-m", "ansible", "playbook", "-i", str(self.folder / "inventory.json")]
        argv = [*program, str(self.playbooks / f"{playbook}.yml"), "-e", json.dumps(variables), *flags]
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=300)

    def move(self, *flags: str, **variables: t.Any) -> subprocess.CompletedProcess[str]:
        """Move shop from alpha to bravo."""
        return self.run("move", *flags, **{"workload": "shop", "from": "alpha", "to": "bravo", **variables})

    @property
    def stage(self) -> move_stage.Stage:
        """The stage as it is now."""
        with move_stage.opened(self.folder) as stage:
            return stage

    def change(self, act: t.Callable[[move_stage.Stage], object]) -> None:
        """Change the stage between two runs."""
        with move_stage.opened(self.folder) as stage:
            act(stage)
