# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command took, and that it ends with whoever measures it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from support import timed

PROGRAM = timed.__file__
COMMAND = "(trap '' HUP; echo up; exec sleep 600) & wait"
LEFT_BY_WHAT_IS_ENDED = f"""
import ctypes, subprocess
from support import timed
ctypes.CDLL(None).prctl(timed.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
process = subprocess.Popen(["sh", "-c", {COMMAND!r}], stdout=subprocess.PIPE)
process.stdout.readline()
timed.end_the_rest()
"""


def test_the_result_is_the_command_s(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    subprocess.run([sys.executable, PROGRAM, str(result), "sh", "-c", "exit 3"], check=True, timeout=60)
    document = json.loads(result.read_text())
    assert document["returncode"] == 3
    assert document["seconds"] > 0


def test_what_it_runs_ends_with_it(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    argv = [sys.executable, PROGRAM, str(result), "sh", "-c", COMMAND]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGTERM)
    # The end of its output comes when the last who has it open is gone.
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert not result.exists()


def test_what_only_becomes_its_child_as_another_ends_is_ended_too() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(PROGRAM).parent.parent)}
    subprocess.run([sys.executable, "-c", LEFT_BY_WHAT_IS_ENDED], check=True, timeout=60, env=environment)
