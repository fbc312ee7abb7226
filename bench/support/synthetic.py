# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic controls, as many as wanted: half of them kernel parameters, a quarter file modes, a quarter drop-ins."""

from __future__ import annotations

import typing as t
from pathlib import Path

KEY = "net.bench.key{:04d}"
MODES = "/etc/bench/modes/file{:04d}"
DROP_INS = "/etc/bench/drop_ins/file{:04d}.conf"


def keys(count: int) -> list[str]:
    """The paths under /proc/sys the first so many controls need."""
    return [KEY.format(number).replace(".", "/") for number in range(count) if number % 4 < 2]


def make_files(tree: Path, count: int) -> None:
    """Make the files whose modes the first so many controls set; they start too open."""
    for number in range(2, count, 4):
        path = tree / MODES.format(number).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(0o666)


def control(number: int) -> dict[str, t.Any]:
    """One control."""
    parameters: dict[str, t.Any]
    if number % 4 < 2:
        kind, parameters = "sysctl", {"values": {KEY.format(number): "1"}}
    elif number % 4 == 2:
        kind, parameters = "file_mode", {"paths": [MODES.format(number)], "mode": "0600"}
    else:
        kind, parameters = "file_content", {"path": DROP_INS.format(number), "content": f"option = {number}\n"}
    return {"id": f"synthetic_{number:04d}", "title": f"Setting {number}", "kind": kind, "parameters": parameters}


def controls(count: int) -> list[dict[str, t.Any]]:
    """The first so many controls."""
    return [control(number) for number in range(count)]
