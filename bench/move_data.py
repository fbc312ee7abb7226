# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a move sends over what it had to send: a volume with 1 % changed, and an image whose base is there.

The real modules, rsync, btrfs and SSH on loopback; the wire is counted there, headers and both directions included. By
snapshots the volume goes between two file systems of btrfs in files; it is left out where there is no btrfs. The image
goes between two Docker engines, and is left out where none is installed.

With --shaped, they go over a slow, lossy link (support.shaped_link) instead, which is measured first, and the plain way
takes turns with them: rsync -a, and docker save through gzip and ssh into docker load. A packet has 1500 bytes there,
of which TCP's and IP's headers are 52: they are in one of the ratios and not in the other. Seconds are whole runs of
the modules, from the start of Python on.
"""

from __future__ import annotations

import argparse
import functools
import os
import random
import sys
import time
import typing as t
from pathlib import Path

from support import namespaces
from support.btrfs_pair import make_pair
from support.command import become_root
from support.link_facts import link_facts
from support.measure import facts, load
from support.move_arms import Arm, Arms, plain_over_move
from support.move_images import measure_image
from support.move_plain import PlainWay
from support.move_world import MoveWorld, check_tools
from support.report import Goal, finish
from support.shaped_link import Loopback, ShapedLink
from support.shaping import Shape, add_options, shape_of

MIB = 1 << 20
PATTERNS = {"runs of 1 MiB": MIB, "pages of 8 KiB, scattered": 8192}
BLOCKS_KIB = (0, 8, 64)
# The volume that is a subvolume of btrfs, and the way it goes.
SNAPSHOTS = "btrfs"
LEAST_MIB = 2


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


def measure_volume(arms: Arms, size: int, repetitions: int, plain: t.Optional[PlainWay]) -> None:
    """Take each pattern and block size in turn, and the plain way, where there is one, after each."""
    chance = random.Random(7)
    world = arms.world
    file = world.volume / "data"
    fill(file, size)
    arms.take("all of it, moved", lambda: world.send("precopy"), size)
    if plain:
        arms.take("all of it, plain", plain.send, size, plain.is_equal)
    if SNAPSHOTS in world.places:
        fill(world.places[SNAPSHOTS][0] / "data", size)
        send_by_snapshots(world, "precopy")
    for _number in range(repetitions):
        for pattern, piece in PATTERNS.items():
            for block in BLOCKS_KIB:
                name = f"{pattern}, {f'blocks of {block} KiB' if block else 'blocks as rsync chooses'}"
                changed = change(file, piece, chance)
                final = functools.partial(world.send, "final", block_size_kib=block, compress="never")
                arms.take(name, final, changed, world.is_equal)
                if plain:
                    arms.take(f"{pattern}, plain", plain.send, changed, plain.is_equal)
            if SNAPSHOTS in world.places:
                changed = change(world.places[SNAPSHOTS][0] / "data", piece, chance)
                by_snapshots = functools.partial(send_by_snapshots, world, "final")
                arms.take(f"{pattern}, {SNAPSHOTS}", by_snapshots, changed, lambda: world.is_equal(SNAPSHOTS))


def send_by_snapshots(world: MoveWorld, phase: str) -> None:
    """Send the volume that can go that way. Raises SystemExit when it went another."""
    way = world.send(phase, SNAPSHOTS, compress="never")["ways"][SNAPSHOTS]
    if way["way"] != SNAPSHOTS:
        raise SystemExit(f"by snapshots: was sent with {way['way']}, since {way['why']}")


RUNS = f"runs of 1 MiB, blocks of {BLOCKS_KIB[-1]} KiB"


def outcome(arms: t.Mapping[str, Arm], shaped: bool) -> tuple[list[Goal], dict[str, t.Any]]:
    """The goals, and the figures of each arm, with how much longer the plain way took."""
    sent = "TCP payload" if shaped else "wire"
    goals = [Goal(f"{sent} over changed bytes, {RUNS} (median)", arms[RUNS].payload_ratio(), 1.02)]
    if f"runs of 1 MiB, {SNAPSHOTS}" in arms:
        ratio = arms[f"runs of 1 MiB, {SNAPSHOTS}"].payload_ratio()
        goals.append(Goal(f"{sent} over changed bytes, runs of 1 MiB, by snapshots of btrfs (median)", ratio, 1.005))
    if "image, moved" in arms:
        goals.append(Goal(f"{sent} over the compressed missing layers", arms["image, moved"].payload_ratio(), 1.05))
    plain = {"all of it": "all of it, moved", "runs of 1 MiB": RUNS, "image": "image, moved"}
    ratios = {
        f"seconds of the plain way over those of a move, {name}": plain_over_move(arms[f"{name}, plain"], arms[move])
        for name, move in plain.items()
        if f"{name}, plain" in arms
    }
    return goals, {"arms": {name: arm.figures() for name, arm in arms.items()}, **ratios}


def arguments() -> tuple[argparse.Namespace, t.Optional[Shape]]:
    """What the command line says, and the link it asks for."""
    parser = argparse.ArgumentParser(description="What a move sends over what it had to send")
    parser.add_argument("--quick", action="store_true", help="once, and little; shows that it works")
    parser.add_argument("--no-proof", action="store_true", help="print the figures, write no file")
    add_options(parser, "over a slow, lossy link, in turn with the plain way")
    parser.add_argument("--size-mib", type=int, help="the volume; default: 1024, 256 with --shaped, 128 or 64 quick")
    parser.add_argument("--repetitions", type=int, help="default: 5, 3 with --shaped, 1 quick")
    options = parser.parse_args()
    shape = shape_of(parser, options)
    usual = (64 if shape else 128, 1) if options.quick else (256, 3) if shape else (1024, 5)
    options.size_mib = usual[0] if options.size_mib is None else options.size_mib
    options.repetitions = usual[1] if options.repetitions is None else options.repetitions
    if options.size_mib < LEAST_MIB or options.repetitions < 1:
        parser.error(f"--size-mib must be {LEAST_MIB} or more, --repetitions 1 or more")
    return options, shape


def main() -> int:
    """Measure and report."""
    options, shape = arguments()
    become_root()
    check_tools()
    namespaces.enter()
    print(f"What a move sends\n  load average: {load()}", flush=True)
    started = time.monotonic()
    machine = facts()
    link = ShapedLink(shape) if shape else Loopback()
    measured = link_facts(link) if isinstance(link, ShapedLink) else {}
    # What is sent anew in each repetition is kept twice at the most: by the volume and by its last snapshot.
    pair = make_pair(namespaces.WORLD / SNAPSHOTS, 2 * options.size_mib * MIB + 512 * MIB)
    world = MoveWorld(link, **({SNAPSHOTS: pair} if pair else {}))
    plain = PlainWay(world) if shape else None
    arms = Arms(world)
    measure_volume(arms, options.size_mib * MIB, options.repetitions, plain)
    measure_image(arms, (8 if options.quick else 64) * MIB, options.repetitions if shape else 1, plain)
    world.close()
    if isinstance(link, ShapedLink):
        # A machine that got busy meanwhile was another link.
        measured |= {f"{name}_at_end": value for name, value in link_facts(link).items() if name != "link"}
    goals, figures = outcome(arms.arms, shape is not None)
    for name, ratio in figures.items():
        if name != "arms":
            print(f"  {name}: {ratio}")
    results: dict[str, t.Any] = {"machine": machine, **measured, "volume_mib": options.size_mib, **figures}
    claim = f"A move sends little more than what had to move{', over a slow, lossy link too' if shape else ''}"
    command = f"python bench/move_data.py {shape.words()}" if shape else "make bench-move-data"
    name = "move_data_shaped" if shape else "move_data"
    return finish(name, claim, time.monotonic() - started, goals, results, not options.no_proof, command)


if __name__ == "__main__":
    sys.exit(main())
