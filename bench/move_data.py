# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a move sends over what it had to send: a volume with 1 % changed, and an image whose base is there.

The real modules, rsync, btrfs and SSH on loopback; the wire is counted there, headers and both directions included. By
snapshots the volume goes between two file systems of btrfs in files; it is left out where there is no btrfs. The image
goes between two Docker engines, and is left out where none is installed.
"""

from __future__ import annotations

import os
import random
import sys
import time
import typing as t
from pathlib import Path

from support import namespaces
from support.btrfs_pair import make_pair
from support.command import become_root
from support.measure import facts, load, spread
from support.move_images import measure_image
from support.move_world import MoveWorld, check_tools
from support.report import Goal, finish

MIB = 1 << 20
PATTERNS = {"runs of 1 MiB": MIB, "pages of 8 KiB, scattered": 8192}
BLOCKS_KIB = (0, 8, 64)


def fill(path: Path, size: int) -> None:
    """One file of random bytes."""
    with path.open("wb") as stream:
        for _number in range(size // MIB):
            stream.write(os.urandom(MIB))


def change(path: Path, piece: int, chance: random.Random) -> int:
    """Write 1 % anew in pieces at places that are multiples of their size; returns how many bytes."""
    count = path.stat().st_size // piece
    places = chance.sample(range(count), max(1, count // 100))
    with path.open("r+b") as stream:
        for place in places:
            stream.seek(place * piece)
            stream.write(os.urandom(piece))
    return len(places) * piece


def measure_volume(world: MoveWorld, size: int, repetitions: int) -> dict[str, list[float]]:
    """The ratio of every pattern, block size and way, in turn."""
    chance = random.Random(7)
    for name, (volume, _copy) in world.places.items():
        fill(volume / "data", size)
        world.send("precopy", name)
    ratios: dict[str, list[float]] = {}

    def measure(arm: str, piece: int, name: str, **more: t.Any) -> None:
        changed = change(world.places[name][0] / "data", piece, chance)
        answer, wire = world.send("final", name, compress="never", **more)
        way = answer["ways"][name]
        if way["way"] != ("btrfs" if name == "btrfs" else "rsync"):
            raise SystemExit(f"{arm}: was sent with {way['way']}, since {way['why']}")
        if not world.is_equal(name):
            raise SystemExit("the manifests differ, so this measured something else")
        ratios.setdefault(arm, []).append(wire / changed)
        print(f"  {arm}: {wire / changed:.4f} ({answer['rounds'][0]['seconds']} s)")

    for _number in range(repetitions):
        for pattern, piece in PATTERNS.items():
            for block in BLOCKS_KIB:
                arm = f"{pattern}, {f'blocks of {block} KiB' if block else 'blocks as rsync chooses'}"
                measure(arm, piece, "data", block_size_kib=block)
            if "btrfs" in world.places:
                measure(f"{pattern}, btrfs", piece, "btrfs")
    return ratios


def main() -> int:
    """Measure and report."""
    quick, no_proof = "--quick" in sys.argv, "--no-proof" in sys.argv
    become_root()
    check_tools()
    namespaces.enter()
    print(f"What a move sends\n  load average: {load()}", flush=True)
    started = time.monotonic()
    size = (128 if quick else 1024) * MIB
    pair = make_pair(namespaces.WORLD / "btrfs", 2 * size + 512 * MIB)
    world = MoveWorld(**({"btrfs": pair} if pair else {}))
    ratios = measure_volume(world, size, 1 if quick else 5)
    image = measure_image(world, (8 if quick else 64) * MIB)
    world.close()
    runs = f"runs of 1 MiB, blocks of {BLOCKS_KIB[-1]} KiB"
    pages = "pages of 8 KiB, scattered, blocks of 8 KiB"
    goals = [Goal(f"wire over changed bytes, {runs} (median)", spread(ratios[runs], 4)["median"], 1.02)]
    if pair:
        by_snapshots = spread(ratios["runs of 1 MiB, btrfs"], 4)["median"]
        goals.append(
            Goal("wire over changed bytes, runs of 1 MiB, by snapshots of btrfs (median)", by_snapshots, 1.005)
        )
    if image:
        goals.append(Goal("wire over the compressed missing layers", image["ratio"], 1.05))
    results: dict[str, t.Any] = {
        "machine": facts(),
        "volume_bytes": size,
        "arms": {name: spread(values, 4) for name, values in ratios.items()},
        "scattered_pages": spread(ratios[pages], 4),
        "by_snapshots": bool(pair),
        "image": image,
    }
    claim = "A move sends little more than what had to move"
    command = "make bench-move-data"
    return finish("move_data", claim, time.monotonic() - started, goals, results, not no_proof, command)


if __name__ == "__main__":
    sys.exit(main())
