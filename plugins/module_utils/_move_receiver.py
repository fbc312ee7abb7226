# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The program on a move's target that makes a snapshot which comes over standard input the content of a volume.

    ask PATH STAGING                     say in JSON why the volume can't be received so, and which snapshots are here
    receive PATH STAGING NUMBER PARENT   receive one, which begins from another one here (``-`` for none)

This file is put on the target as it is, so it imports the standard library only. The gate of the move (_move_gate.py)
has judged the words, holds its lock and becomes this program, so it is held until this has ended.

The volume's directory is exchanged for a snapshot of what arrived that can be written to, in one step (rename(2),
RENAME_EXCHANGE): whoever looks there sees the content of one round or of the next one. Nothing of a snapshot that did
not arrive whole gets there. What the source says is kept within STAGING by ``btrfs receive --chroot``.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import typing as t

SUBVOLUME_INODE = 256  # the root of a subvolume has this inode number, and nothing else on btrfs (btrfs(5))
SELINUX = "/sys/fs/selinux/enforce"
NEW = "new"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def mounted(text: str) -> list[tuple[str, str]]:
    """Where something is mounted and its file system, from the text of /proc/self/mountinfo (proc(5))."""
    found = []
    for line in text.splitlines():
        before, _dash, after = line.partition(" - ")
        found.append((before.split(" ")[4].replace("\\040", " "), after.split(" ")[0]))
    return found


def file_system(mounts: t.Sequence[tuple[str, str]], path: str) -> str:
    """The file system a path is on: that of the longest place above it, the last one of equals."""
    above = [entry for entry in mounts if path == entry[0] or path.startswith(f"{entry[0].rstrip('/')}/")]
    return max(above, key=lambda entry: len(entry[0]))[1] if above else ""


def why_not(path: str, mounts: t.Sequence[tuple[str, str]], selinux: bool) -> str:
    """Why a volume can't be received as a snapshot; empty when it can."""
    if shutil.which("btrfs") is None:
        return "the program btrfs is not there; install btrfs-progs on the target"
    if selinux:
        return "the target labels files (SELinux), and a snapshot has the source's labels"
    if os.path.islink(path) or not os.path.isdir(path):
        return f"{path} is no directory on the target"
    real = os.path.realpath(path)
    if any(place == real or place.startswith(f"{real}/") for place, _kind in mounts):
        return f"{path} is a mount on the target, or has one in it"
    kind = file_system(mounts, os.path.dirname(real))
    if kind != "btrfs":
        return f"{os.path.dirname(path)} is on {kind or 'an unknown file system'} on the target, not on btrfs"
    if not hasattr(ctypes.CDLL(None), "renameat2"):
        return "the target's C library can't exchange two directories (renameat2)"
    return ""


def exchange(one: str, other: str) -> None:
    """Let two directories have each other's name, in one step. Raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), one)


def run(*argv: str) -> None:
    """Run a command that has to succeed, with the gate's lock. Its last words end this program otherwise."""
    done = subprocess.run(argv, capture_output=True, close_fds=False, check=False)
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        # it tells where it is, too
        words = [line for line in words if line.startswith("ERROR")] or words
        raise SystemExit(f"receive: {' '.join(argv[:2])}: {' '.join(words[-3:]) or done.returncode}")


def remove(path: str) -> None:
    """Remove a subvolume or a directory, with all in it."""
    if os.lstat(path).st_ino == SUBVOLUME_INODE:
        done = subprocess.run(["btrfs", "subvolume", "delete", path], capture_output=True, close_fds=False, check=False)
        if done.returncode == 0:
            return
    # one that has subvolumes in it goes bit by bit
    shutil.rmtree(path)


def is_received(path: str) -> bool:
    """Whether it is a subvolume that can't be written to: what is received can be until all of it is there."""
    told = subprocess.run(
        ["btrfs", "property", "get", "-ts", path, "ro"], capture_output=True, text=True, close_fds=False, check=False
    )
    return told.stdout.strip() == "ro=true"


def have(staging: str) -> list[str]:
    """The snapshots that arrived whole."""
    names = os.listdir(staging) if os.path.isdir(staging) else []
    return sorted(name for name in names if name.isdigit() and is_received(f"{staging}/{name}"))


def receive(path: str, staging: str, number: str, parent: str) -> None:
    """Receive a snapshot and put it in the volume's place; only this one is kept."""
    os.makedirs(staging, 0o700, exist_ok=True)
    for name in os.listdir(staging):
        if name != parent:
            remove(f"{staging}/{name}")
    try:
        run("btrfs", "receive", "-e", "--chroot", staging)
        come = sorted(set(os.listdir(staging)) - {parent})
        if come != [number] or not is_received(f"{staging}/{number}"):
            raise SystemExit(f"receive: the stream made {', '.join(come) or 'nothing'}, and not {number}")
    except SystemExit:
        for name in set(os.listdir(staging)) - {parent}:
            remove(f"{staging}/{name}")
        raise
    new = f"{staging}/{NEW}"
    run("btrfs", "subvolume", "snapshot", f"{staging}/{number}", new)
    exchange(new, path)
    # the journal may say soon that all data are there
    run("btrfs", "filesystem", "sync", path)
    remove(new)
    if parent != "-":
        remove(f"{staging}/{parent}")


def main() -> None:
    """Do what the words say."""
    what, path, staging = sys.argv[1:4]
    if what == "receive":
        try:
            receive(path, staging, *sys.argv[4:6])
        except OSError as error:
            raise SystemExit(f"receive: {error}") from error
        why = ""
    else:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
            why = why_not(path, mounted(stream.read()), os.path.exists(SELINUX))
    sys.stdout.write(json.dumps({"why": why, "have": have(staging)}) + "\n")


if __name__ == "__main__":
    main()
