# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The program a move's key may run on the target, and all it may: receive into named directories, and talk with the
process that waits there for the source's word, if one does.

This file is put on the target as it is, so it imports the standard library only; it reads files, so it is no core. It
gets the command the source asked for (SSH_ORIGINAL_COMMAND, sshd(8)), and answers with the command to run instead, or
a refusal.

A copy may outlive the run that began it, and all runs of a move have the same key. So the source says with each copy
which generation of the target's lease it copies for. The program locks the move's gate first and reads the journal
then; whoever closes the gate writes the journal first and locks the gate then. Whichever comes first, once the gate was
locked by the one who closes it nobody of an earlier generation writes, and nobody begins to. The lock is handed on to
rsync and its children (flock(2): it ends with the last of them). Snapshots are received by a program beside this one
(_move_receiver.py), in the same way.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shlex
import sys
import time
import typing as t

CHECK, CUTOVER = "check", "cutover"
# A copy that was cut off lingers until it notices; the source has patience for longer than this.
PATIENCE_SECONDS = 30

# What rsync's client sends to its server for the options of a move, and nothing that names another file, reads, or
# runs anything: no --sender, --rsh, --daemon, --files-from, --temp-dir, --partial-dir, --link-dest, --log-file, and no
# -s, with which arguments come over the connection, judged by nobody.
# Behind the letter e stand the client's capabilities, which choose nothing.
_SHORT = re.compile(r"-[lHogDtpAXrSczvWdn]+(e[0-9]*\.[0-9]*[a-zA-Z]*)?|-@-1|-B[0-9]+")
_LONG = re.compile(
    r"--(server|delete|delete-(before|during|delay|after)|numeric-ids|inplace|partial|sparse|checksum|no-r"
    r"|bwlimit=[0-9.]+[KMG]?|timeout=[0-9]+|modify-window=-?[0-9]+|(usermap|groupmap)=[0-9:,]+"
    r"|(compress|checksum)-choice=[a-z0-9,]+|new-compress|old-compress|compress-level=[0-9]+|log-format=[%A-Za-z]*"
    r"|skip-compress=[a-z0-9/]*|specials|devices|stats|no-stats|block-size=[0-9]+|dirs|whole-file|no-whole-file)"
)


# Once the data were compared they stay as they are, and once the target starts the workload they are the workload's.
CLOSED_PHASES = ("final_delta", "started", "verified", "switched", "released")
_CLAIM = re.compile(r"generation=([0-9]{1,9}) ")
# A volume's snapshots: which are there (asked for with the lock, as one under way may change that), and one to receive.
_SNAPSHOTS = re.compile(r"snapshots ([^ ]+)|receive ([^ ]+) ([0-9]{1,20}) ([0-9]{1,20}|-)")


class RefusedError(ValueError):
    """What was asked for is not what this key is for."""


def claimed(asked: str) -> tuple[int, str]:
    """The generation the source says it copies for, 0 for none, and the command asked for behind it."""
    match = _CLAIM.match(asked)
    return (int(match[1]), asked[match.end() :]) if match else (0, asked)


def admit(journal: t.Optional[str], generation: int, closed: t.Sequence[str] = CLOSED_PHASES) -> None:
    """Raises RefusedError unless data of this generation may come now.

    journal: the text of the move's journal on the target; None where there is none, as for who calls the modules by
    themselves: then nothing but the lock is held. closed: the phases from which on nothing comes.
    """
    if journal is None:
        if generation:
            raise RefusedError(f"the move has no journal here, and this copy belongs to its run {generation}")
        return
    try:
        found = json.loads(journal)
        side, outcome, phases = found["side"], found["outcome"], (found["phase"], found["intent"])
        present = found["lease"]["generation"]
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError("the move's journal can't be understood") from error
    if side != "target" or outcome != "active" or any(phase in closed for phase in phases):
        raise RefusedError(f"the move takes no more data here: it is {outcome}, on the {side}, in {' '.join(phases)}")
    if generation != present:
        raise RefusedError(f"another run has taken over: the copy is of run {generation}, the present one is {present}")


def judge(asked: str, places: t.Mapping[str, str], staging: t.Optional[t.Mapping[str, str]] = None) -> list[str]:
    """The command to run for what was asked, empty for the check that the way is open.

    places: name of what may be received -> its directory. staging: name of a volume -> the directory of its snapshots.
    Raises RefusedError.
    """
    match = _SNAPSHOTS.fullmatch(asked)
    if match:
        name = match[1] or match[2]
        if name not in places or not staging or name not in staging:
            raise RefusedError(f"the volume {name!r}; known are {', '.join(sorted(staging or {})) or 'none'}")
        words = ["ask", places[name], staging[name]]
        return words if match[1] else ["receive", *words[1:], match[3], match[4]]
    try:
        words = shlex.split(asked)
    except ValueError as error:
        raise RefusedError("the command can't be read") from error
    if words == [CHECK]:
        return []
    if words[:2] != ["rsync", "--server"] or len(words) < 4:
        raise RefusedError("only rsync may run, as a server that receives")
    options, dot, place = words[2:-2], words[-2], words[-1]
    for option in options:
        if not (_LONG if option.startswith("--") else _SHORT).fullmatch(option):
            raise RefusedError(f"rsync's option {option!r}")
    name = place.rstrip("/")
    if dot != "." or name not in places:
        raise RefusedError(f"the place {name!r}; known are {', '.join(sorted(places)) or 'none'}")
    return ["rsync", "--server", *options, ".", places[name].rstrip("/") + "/"]


def lock(path: str) -> None:
    """Hold the gate locked, until this program and all it starts have ended, and leave word of who does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        if time.monotonic() > deadline:
            group = os.pread(descriptor, 20, 0).decode().strip() or "not known"
            raise SystemExit(f"busy: another copy of this move still writes here, process group {group}")
        time.sleep(0.1)
    # A group of its own, so that whoever closes the gate can end all of it.
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    os.set_inheritable(descriptor, True)


def join(path: str) -> None:
    """Hand on what either side says, until one of them ends. What is said is judged by the one who waits there.

    The gate is not locked for it: whoever closes the gate waits for data alone.
    """
    # Every copy starts this program anew, and waits for what it imports; this is for one conversation.
    import select  # noqa: PLC0415
    import socket  # noqa: PLC0415

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as waiting:
        try:
            waiting.connect(path)
        except OSError as error:
            raise RefusedError("nobody waits here for the source's word") from error
        while True:
            said = waiting.fileno()
            ready = select.select([0, said], [], [])[0]
            for source, give in ((0, waiting.sendall), (said, _write_out)):
                if source in ready:
                    data = os.read(source, 65536)
                    if not data:
                        return
                    give(data)


def _write_out(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def text_of(path: str) -> t.Optional[str]:
    """The file's text, None when it isn't there."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def beside(name: str) -> str:
    """The path of a file beside the program."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def read(name: str) -> t.Any:
    """A file beside the program. Whoever takes the key away removes these first, and locks the gate then."""
    text = text_of(beside(name))
    if text is None:
        raise RefusedError("the way was closed meanwhile")
    return json.loads(text)


def main() -> None:
    """Do what was asked for, or say why not."""
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    generation, asked = claimed(sys.argv[1] if len(sys.argv) > 1 else "")
    try:
        if asked == CUTOVER:
            guard = read("guard.json")
            # That it was compared may not have been heard.
            admit(text_of(guard["journal"]), generation, CLOSED_PHASES[1:])
            join(guard["waiting"])
            return
        places = read("places.json")
        guard = {} if asked == CHECK else read("guard.json")
        argv = judge(asked, places, guard.get("staging"))
        if not argv:
            os.write(1, f"{json.dumps({'places': sorted(places)})}\n".encode())
            return
        lock(guard["lock"])
        admit(text_of(guard["journal"]), generation)
        argv = judge(asked, read("places.json"), read("guard.json").get("staging"))
    except RefusedError as error:
        raise SystemExit(f"refused: {error}") from error
    if argv[0] != "rsync":
        argv = [sys.executable, "-IS", beside("snapshots"), *argv]
    os.execvp(argv[0], argv)  # noqa: S606 - the words were judged, and no shell is to see them


if __name__ == "__main__":
    main()
