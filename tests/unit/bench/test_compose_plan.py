# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark of planning runs and measures what it says. How long it takes is no matter of a test."""

from __future__ import annotations

import pathlib
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parents[3] / "bench"


def test_it_runs() -> None:
    argv = [sys.executable, str(BENCH / "compose_plan.py"), "--quick", "--no-proof", "--services", "6"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("reading the file", "planning on an empty host", "planning where all is there"):
        assert f"CPU of {name}, 6 services" in done.stdout
