# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a client is without an answer while a workload goes to another host: a move against the plain way.

    python bench/move.py --inventory ~/.cache/container-host/labs/molecule/inventory.yml --size-mib 1024 --repetitions 5

The plain way is what one does by hand, as a script on the source with nothing between its lines: stop, save the image
into a load at the target, rsync the volume, run. The arms take turns; the writer is deployed anew for each, with a
volume of the size asked for, and the target has neither image nor data. Both ways have to bring every acknowledged
record over.

With --shaped, what the hosts send each other is made slow and lossy by tc-netem(8) for both arms.
"""

from __future__ import annotations

import functools
import sys
import time
import typing as t

from support.host_link import shaped
from support.measure import facts, interleave, spread
from support.move_hosts import HandsError, Hosts, MeasuredError, Taken, arguments, end_in_order
from support.report import Goal, finish

ARMS = ("move", "plain")
TIMES_SHORTER = 10.0


def outcome(taken: t.Mapping[str, t.Sequence[Taken]]) -> tuple[list[Goal], dict[str, t.Any]]:
    """The goals, and the figures of each arm."""
    silence = {name: spread((entry.silence_seconds for entry in entries), 2) for name, entries in taken.items()}
    ratio = silence["plain"]["median"] / silence["move"]["median"]
    goals = [Goal("silence of the plain way over that of a move (medians)", ratio, TIMES_SHORTER, at_least=True)]
    arms = {
        name: {
            "silence_seconds": silence[name],
            "seconds": spread((entry.seconds for entry in entries), 1),
            "acknowledged": sum(entry.acknowledged for entry in entries),
            **parts_of(entries),
        }
        for name, entries in taken.items()
    }
    return goals, {"arms": arms}


def parts_of(entries: t.Sequence[Taken]) -> dict[str, t.Any]:
    """Where an arm's time went, where it tells that."""
    names = dict.fromkeys(name for entry in entries for name in entry.parts)
    parts = {name: spread((entry.parts[name] for entry in entries if name in entry.parts), 2) for name in names}
    return {"parts_seconds": parts} if parts else {}


def main() -> int:
    """Measure and report."""
    link_meaning = "have the link between the hosts slow and lossy, by tc-netem(8)"
    description = "The silence of a move against that of the plain way"
    options = arguments(description, link_meaning, size_mib=1024, repetitions=5)
    shape = options.shape
    end_in_order()
    started = time.monotonic()
    machine = facts()
    try:
        hosts = Hosts(options.inventory, options.source, options.target, options.output)
        arms = {name: functools.partial(hosts.carry, name, options.size_mib) for name in ARMS}
        with shaped(hosts, shape) as link:
            taken = interleave(arms, options.repetitions, warm_up=False)
    except (HandsError, MeasuredError) as error:
        print(f"{error}\nWhat was done: {options.output}", file=sys.stderr)
        return 1
    goals, figures = outcome(taken)
    for name, entries in taken.items():
        print(f"  {name:<6} silence {', '.join(f'{entry.silence_seconds:.1f} s' for entry in entries)}")
        for part, numbers in figures["arms"][name].get("parts_seconds", {}).items():
            print(f"         {part:<12} {numbers['median']:.2f} s, {numbers['min']:.2f} s at least")
    results = {
        "machine": machine,
        **link,
        **figures,
        "volume_mib": options.size_mib,
        "repetitions": options.repetitions,
    }
    words = f"--size-mib {options.size_mib} --repetitions {options.repetitions}"
    words += f" {shape.words()}" if shape else ""
    command = f"python bench/move.py --inventory INVENTORY {words}"
    claim = "A client waits far shorter for a workload that is moved than for one that is stopped, copied and started"
    seconds = time.monotonic() - started
    name = "move_shaped" if shape else "move"
    return finish(name, claim, seconds, goals, results, options.proof, command, where="real VM")


if __name__ == "__main__":
    sys.exit(main())
