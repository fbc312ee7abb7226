# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""rsync(1) as a move uses it: the command lines, and what it says about what it did. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

TARGET = "target"
"""The name the target has in the move's SSH configuration."""

# Transfers that ended before their time; what has arrived stays, and a further run goes on from there.
# 10 socket, 12 protocol stream, 30 timeout, 35 daemon timeout, 255 ssh itself; 124 is silence, seen from outside.
CUT_OFF = (10, 12, 30, 35, 124, 255)
VANISHED = 24
"""Files went away while it looked: what happens to a volume in use, and no harm before the last round."""

ARCHIVE = (
    "--recursive", "--links", "--hard-links", "--perms", "--owner", "--group", "--devices", "--specials", "--times",
    "--acls", "--xattrs", "--sparse", "--numeric-ids", "--delete",
)  # fmt: skip

_NUMBERS = {
    "Number of regular files transferred": "changed_files",
    "Total file size": "total_bytes",
    "Total transferred file size": "changed_bytes",
    "Literal data": "moved_bytes",
    "Total bytes sent": "sent_bytes",
    "Total bytes received": "received_bytes",
}
_STATISTIC = re.compile(r"^(?P<name>[A-Z][A-Za-z ]+): (?P<number>[0-9.,]+)", re.MULTILINE)
_PROGRESS = re.compile(r"(?P<bytes>[0-9][0-9.,]*) +(?P<percent>\d+)% +(?P<rate>[0-9.,]+)(?P<unit>[kMGT]?)B/s")
# One line for each thing that is changed, attributes alone included (rsync(1), --itemize-changes).
_ITEM = re.compile(r"^(?:[<>ch.][fdLDS][^\s]{9,}|\*deleting)", re.MULTILINE)
_UNITS = {"": 1, "k": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


@dataclass(frozen=True)
class Options:
    """How to send: limits of rate (KiB/s, 0 for none) and silence, compression, comparing by content, ids.

    generation: of the target's lease, which the target's program is told; 0 for a move without a journal.
    """

    bandwidth_limit_kib_per_second: int = 0
    timeout_seconds: int = 60
    compress: bool = False
    checksum: bool = False
    user_map: str = ""
    group_map: str = ""
    dry_run: bool = False
    block_size_kib: int = 0
    generation: int = 0


@dataclass(frozen=True)
class Statistics:
    """What ``--stats`` tells, and the number of items. moved_bytes: of files' content that the other side did not have.

    changed_bytes: the size of all files that are not equal, which is more.
    """

    changed_files: int = 0
    total_bytes: int = 0
    changed_bytes: int = 0
    moved_bytes: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    changed_items: int = 0

    @property
    def wire_bytes(self) -> int:
        """Both directions together."""
        return self.sent_bytes + self.received_bytes


@dataclass(frozen=True)
class Progress:
    """Where a transfer stands: bytes so far, percent of the whole, bytes per second."""

    done_bytes: int
    percent: int
    bytes_per_second: int


def volume_argv(ssh_config: str, path: str, name: str, options: Options) -> list[str]:
    """Make the volume ``name`` at the target equal to the directory ``path``.

    Files are changed in place: rsync would otherwise write a whole new copy of each changed file at the target, for a
    database of 1 GiB with 1 % changed a hundred times the work, within the downtime; and it would need the space. A
    file is then mixed when the connection is cut, which is why nothing starts there before the manifests agree; the
    next run mends it, and what has arrived counts as there. Times are compared to the nanosecond: a file of the same
    size that was written twice within one second would be missed otherwise. ``--fake-super`` is not used: the
    receiver is root, and owners, devices and attributes are to be real. What security.selinux says is for the target
    to set; btrfs.* are a file system's settings, which others refuse.
    """
    argv = ["rsync", *ARCHIVE, "--inplace", "--modify-window=-1", "--filter=-x security.selinux", "--filter=-x btrfs.*"]
    argv += ["--checksum"] if options.checksum else []
    argv += ["--dry-run"] if options.dry_run else []
    argv += [f"--block-size={1024 * options.block_size_kib}"] if options.block_size_kib else []
    argv += [f"--usermap={options.user_map}"] if options.user_map else []
    argv += [f"--groupmap={options.group_map}"] if options.group_map else []
    return [*argv, *_transport(ssh_config, options), f"{path.rstrip('/')}/", f"{TARGET}:{name}/"]


def blobs_argv(ssh_config: str, path: str, name: str, options: Options) -> list[str]:
    """Add the files of a directory to the receiving place ``name``. They are named by digest and never change.

    So a part of one that was cut off is gone on with, and one that is there is left.
    """
    argv = ["rsync", "--recursive", "--times", "--partial", "--inplace"]
    return [*argv, *_transport(ssh_config, options), f"{path.rstrip('/')}/", f"{TARGET}:{name}/"]


def _transport(ssh_config: str, options: Options) -> list[str]:
    limit = options.bandwidth_limit_kib_per_second
    return [
        f"--rsh=ssh -F {ssh_config}",
        # the arguments go over in the command, where the target's program judges them, not behind its back
        "--no-protect-args",
        *([f"--rsync-path=generation={options.generation} rsync"] if options.generation else []),
        f"--timeout={options.timeout_seconds}",
        *([f"--bwlimit={limit}"] if limit else []),
        *(["--compress"] if options.compress else []),
        "--stats",
        "--out-format=%i",
        "--info=progress2",
        "--no-human-readable",
    ]


def _number(text: str) -> int:
    return int(re.sub(r"[.,]", "", text))


def parse_statistics(text: str) -> Statistics:
    """The numbers of the last report in the output of ``--stats``."""
    found: dict[str, int] = {}
    for match in _STATISTIC.finditer(text.replace("\r", "\n")):
        name = _NUMBERS.get(match["name"])
        if name:
            found[name] = _number(match["number"])
    return Statistics(**found)


class ItemCounter:
    """Counts what is changed in output that comes in pieces."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = ""

    def feed(self, text: str) -> None:
        """Take one more piece."""
        whole, _newline, self._rest = (self._rest + text.replace("\r", "\n")).rpartition("\n")
        self.count += len(_ITEM.findall(whole))


def parse_progress(text: str) -> t.Optional[Progress]:
    """The last progress in a piece of the output of ``--info=progress2``, or None."""
    last = None
    for last in _PROGRESS.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    if last is None:
        return None
    rate = float(last["rate"].replace(",", "")) * _UNITS[last["unit"]]
    return Progress(_number(last["bytes"]), int(last["percent"]), int(rate))


def version_of(text: str) -> tuple[int, ...]:
    """The version in the output of ``rsync --version``; empty when there is none."""
    match = re.search(r"version v?(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(part) for part in match.groups()) if match else ()


_FINAL = (
    "No space left on device",
    "Host key verification failed",
    "Permission denied",
    "command not found",
    "refused: ",
)


def is_cut_off(rc: int, stderr: str) -> bool:
    """Whether a run ended for want of the connection, so that another one may do better."""
    return rc in CUT_OFF and not any(sign in stderr for sign in _FINAL)


def explain(rc: int, stderr: str) -> str:
    """Why a run failed, with a remedy for what is known."""
    words = " ".join(line.strip() for line in stderr.strip().splitlines()[-4:]) or f"rsync ended with {rc}"
    if rc == 127:
        return "rsync is not there; install the package rsync on the source"
    known = (
        ("No space left on device", "free space on the target's file system and run again; what has arrived stays"),
        ("Host key verification failed", "the target's host key is not the one that was pinned; make the key anew"),
        ("Permission denied (publickey", "the target does not let the move's key in; see whether it has expired"),
        ("command not found", "install the package rsync on the target"),
        ("another run has taken over", "this run stops here, the other one carries on"),
        ("takes no more data here", "see with the module move_info where the move stands"),
        ("busy: ", "wait until it has ended; a run that takes the move over ends it"),
        ("refused: ", "the target's program takes nothing else; make the key anew with this volume"),
        ("Connection refused", "the target's SSH server does not answer; move_transport: relay goes another way"),
        ("timed out", "the hosts don't see each other; move_transport: relay goes through the control node"),
    )
    remedy = next((text for sign, text in known if sign in stderr), "")
    return f"{words}; {remedy}" if remedy else words
