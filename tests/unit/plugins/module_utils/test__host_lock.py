# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a lock, with a real other process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

HOLD = """\
import fcntl, sys
handle = open(sys.argv[1], "r+")
fcntl.lockf(handle, getattr(fcntl, sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("kind", "is_seen"), [("LOCK_EX", True), ("LOCK_SH", False)])
def test_the_holder_of_a_lock(kind: str, is_seen: bool, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert HostIO().lock_holder(str(path)) is None
    path.touch()
    assert HostIO().lock_holder(str(path)) is None
    argv = [sys.executable, "-c", HOLD, str(path), kind]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert HostIO().lock_holder(str(path)) == (holder.pid if is_seen else None)
        holder.communicate("")
    assert HostIO().lock_holder(str(path)) is None
