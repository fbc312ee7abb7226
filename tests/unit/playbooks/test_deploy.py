# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook deploy in real runs of ansible-playbook."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
HOSTS = ["one", "two", "three", "four"]
# Found wrong on the control node: no host is asked, so none needs an engine.
WRONG = {"services": {"web": {"image": "x:1", "prots": []}}}


def begun(tmp_path: pathlib.Path, *more: str) -> list[str]:
    """The hosts that were begun with before the play ended, all of which fail."""
    hosts = {name: {"workload_definition": WRONG, "workload_project_name": name} for name in HOSTS}
    local = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": local}}), encoding="utf-8")
    command = pathlib.Path(sys.executable).with_name("ansible-playbook")
    argv = [str(command), "-i", str(tmp_path / "hosts.json"), str(ROOT / "playbooks" / "deploy.yml"), *more]
    done = subprocess.run(argv, cwd=ROOT, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode != 0
    return re.findall(r"^(\w+) .*failed=1", done.stdout.rpartition("PLAY RECAP")[2], re.MULTILINE)


@pytest.mark.slow
def test_the_first_failure_leaves_the_hosts_after_it_untouched(tmp_path: pathlib.Path) -> None:
    assert begun(tmp_path) == HOSTS[:1]


@pytest.mark.slow
def test_nor_does_a_batch_begin_after_one_that_failed(tmp_path: pathlib.Path) -> None:
    assert sorted(begun(tmp_path, "-e", "deploy_batches=2")) == sorted(HOSTS[:2])
