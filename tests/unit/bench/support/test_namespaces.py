# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A benchmark ends when it is told to, with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.namespaces import accompany

BENCH = Path(__file__).resolve().parents[4] / "bench"
# A shell has what it starts in the background ignore SIGINT, and these tests may be started so.
PROGRAM = """\
import signal, sys
from support.namespaces import accompany
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(accompany(sys.argv[1:]))
"""
STUBBORN = "trap '' TERM INT HUP; echo up; exec sleep 600"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_ignores_signals_ends_with_the_program_all_the_same(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "sh", "-c", STUBBORN],
        env={**os.environ, "PYTHONPATH": str(BENCH)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        # The end of its output comes when the last who has it open is gone.
        process.communicate(timeout=30)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == (128 + number if number == signal.SIGINT else -number)


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)])
def test_the_exit_status_is_that_of_the_command(script: str, status: int) -> None:
    assert accompany(["sh", "-c", script]) == status
