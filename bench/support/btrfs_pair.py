# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two file systems of btrfs for a benchmark, each in a file: one with a subvolume, one with a directory for it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from support.namespaces import run


def make_pair(folder: Path, size: int) -> tuple[Path, Path] | None:
    """The volume's directory on either side; None, and a line that says why, where there is no btrfs.

    The files have no name, and are gone with the mounts of this benchmark. They take what is written into them.
    """
    if shutil.which("mkfs.btrfs") is None:
        print("  by snapshots: left out, since btrfs-progs is not installed")
        return None
    places = []
    for side in ("source", "target"):
        place = folder / side
        place.mkdir(parents=True)
        with tempfile.NamedTemporaryFile(prefix="bench-btrfs-") as image:
            image.truncate(size)
            run("mkfs.btrfs", "--quiet", image.name)
            done = subprocess.run(["mount", "-o", "loop", image.name, str(place)], capture_output=True, check=False)
        if done.returncode:
            print(f"  by snapshots: left out, since btrfs can't be mounted: {done.stderr.decode().strip()}")
            return None
        places.append(place / "volume")
    run("btrfs", "subvolume", "create", str(places[0]))
    places[1].mkdir()
    return places[0], places[1]
