# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Volumes that are sent as the difference of two snapshots: when, under which names, with which commands. Pure.

btrfs-subvolume(8), btrfs-send(8). A round takes a snapshot and sends what changed since the last one that arrived. Both
hosts keep that one beside the volume's directory until the key is taken away, so that the next round can begin there.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

BTRFS, RSYNC = "btrfs", "rsync"
NO_SUBVOLUME = "it is no btrfs subvolume"


@dataclass(frozen=True)
class Way:
    """How a volume is sent: BTRFS or RSYNC; why: what stands in the way of snapshots, empty for BTRFS."""

    way: str
    why: str = ""

    def as_dict(self) -> dict[str, str]:
        """As plain values for a module's result."""
        return {"way": self.way, "why": self.why}


@dataclass(frozen=True)
class Here:
    """What the target says of a volume. why: why it can't receive snapshots, empty when it can. have: the snapshots
    that arrived whole.
    """

    why: str
    have: frozenset[str]


def staging(path: str, move_id: str) -> str:
    """The directory with a volume's snapshots: beside it, since only there it is surely the same file system."""
    folder, _slash, name = path.rstrip("/").rpartition("/")
    return f"{folder}/.{name}.move-{move_id}"


def unmet(
    compares_by_content: bool, compresses: bool, translates_ids: bool, is_subvolume: bool, has_program: bool
) -> str:
    """Why a volume isn't sent by snapshots, from what needs no look into it; empty when there is no reason."""
    if not is_subvolume:
        return NO_SUBVOLUME
    reasons = (
        (compares_by_content, "it is compared by content"),
        (compresses, "compress is always"),
        (translates_ids, "its owners are translated"),
        (not has_program, "the program btrfs is not there; install btrfs-progs on the source"),
    )
    return next((reason for stands, reason in reasons if stands), "")


def is_mounted(mountinfo: str, path: str) -> bool:
    """Whether something is mounted at a directory or below it; its text as in /proc/self/mountinfo (proc(5))."""
    places = (line.split(" ")[4].replace("\\040", " ") for line in mountinfo.splitlines() if line.count(" ") > 4)
    return any(place == path or place.startswith(f"{path}/") for place in places)


def snapshot_argv(path: str, snapshot: str) -> list[str]:
    """Take a snapshot that can't be written to, as btrfs-send(8) asks for."""
    return ["btrfs", "subvolume", "snapshot", "-r", path, snapshot]


def delete_argv(snapshot: str) -> list[str]:
    """Remove a snapshot; a directory of files can't be removed while it can't be written to."""
    return ["btrfs", "subvolume", "delete", snapshot]


def nested_argv(path: str) -> list[str]:
    """List subvolumes below a subvolume, which a snapshot would show as empty directories."""
    return ["btrfs", "subvolume", "list", "-o", path]


def send_argv(folder: str, number: str, parent: str) -> list[str]:
    """Write to standard output what makes a snapshot of its parent, or all of it without one."""
    since = ["-p", f"{folder}/{parent}"] if parent else []
    return ["btrfs", "send", "--quiet", *since, f"{folder}/{number}"]


def ask_words(name: str, generation: int) -> str:
    """What the target is asked for before the first round, and after a cut (_move_gate.py)."""
    return f"{_claim(generation)}snapshots {name}"


def receive_words(name: str, number: str, parent: str, generation: int) -> str:
    """What the target is asked for with a round (_move_gate.py)."""
    return f"{_claim(generation)}receive {name} {number} {parent or '-'}"


def _claim(generation: int) -> str:
    return f"generation={generation} " if generation else ""


def read_here(text: str) -> Here:
    """What the target said. Raises HostError when it can't be understood."""
    try:
        said = json.loads(text)
        return Here(str(said["why"]), frozenset(str(number) for number in said["have"]))
    except (KeyError, TypeError, ValueError) as error:
        raise HostError(f"the target says {text[:200]!r} of its snapshots, which can't be understood") from error


def newest(numbers: t.Iterable[str]) -> str:
    """The last one taken: names are numbers that rise; empty for none."""
    return max((number for number in numbers if number.isdigit()), key=int, default="")
