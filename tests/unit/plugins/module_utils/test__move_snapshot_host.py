# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A source whose target answers from a list: which snapshot is taken, what it is sent against, and what is kept."""

from __future__ import annotations

import json
import typing as t

import pytest
from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_volume_host
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import Piped
from ansible_collections.anycloud.container_host.plugins.module_utils._move import key
from ansible_collections.anycloud.container_host.plugins.module_utils._move_send import Sender

FILES = key.Files("/m", "m1")
STAGING = "/.v.move-m1"
STREAM = b"btrfs-stream\0\1\0\0\0"
CUT = (255, "", "client_loop: send disconnect: Broken pipe")


def told(why: str = "", *have: str) -> str:
    return json.dumps({"why": why, "have": list(have)}) + "\n"


class Host(FakeHostIO):
    """Its volume /v is a subvolume. asked: what the target says when it is asked for snapshots; ends: how each round
    ends, where ``{number}`` is the snapshot's; the clock gives 1, 2, 3, ...
    """

    def __init__(self, asked: t.Sequence[str] = (), ends: t.Sequence[tuple[int, str, str]] = ()) -> None:
        super().__init__(
            files={FILES.ssh_config: "x", "/proc/self/mountinfo": "1 0 8:1 / / rw - btrfs /dev/x rw\n"},
            directories=["/v"],
            commands={
                ("ssh",): self._ssh,
                ("btrfs",): self._btrfs,
                ("realpath", "/v"): (0, "/v\n", ""),
                ("findmnt",): (0, "btrfs\n", ""),
                ("setsid",): (0, "", ""),
            },
        )
        self.asked, self.ends = list(asked), list(ends)
        self.sent: list[list[str]] = []
        self.nested, self.ticks = "", 0

    def _ssh(self, argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        return (0, self.asked.pop(0), "") if argv[-1].endswith("snapshots data") else (0, "", "")

    def _btrfs(self, argv: tuple[str, ...], _text: t.Optional[str]) -> tuple[int, str, str]:
        if argv[2] == "snapshot":
            self.directories.add(argv[-1])
        elif argv[2] == "delete":
            self.directories.remove(argv[-1])
        return 0, self.nested if argv[2] == "list" else "", ""

    def identity(self, path: str) -> tuple[int, int] | None:
        return (1, 256) if path == "/v" else super().identity(path)

    def now_ns(self) -> int:
        self.ticks += 1
        return self.ticks

    def pipe(
        self, feeder: t.Sequence[str], argv: t.Sequence[str], on_data: t.Any = None, silence_seconds: float = 600,
        bytes_per_second: float = 0,
    ) -> Piped:  # fmt: skip
        self.sent.append([feeder[-1].rpartition("/")[2], feeder[-2].rpartition("/")[2], argv[-1]])
        on_data(STREAM)
        rc, stdout, stderr = self.ends.pop(0)
        return Piped(rc, stdout.replace("NUMBER", self.sent[-1][0]), stderr, 0, "")

    @property
    def kept(self) -> list[str]:
        return self.list_directory(STAGING)


WHOLE = (0, told("", "NUMBER"), "")


def sender(io: Host, **manner: t.Any) -> _move_volume_host.VolumeSender:
    volumes = _move_volume_host.read_volumes([{"name": "data", "path": "/v", **manner.pop("volume", {})}])
    made = _move_volume_host.Manner(**manner)
    return _move_volume_host.VolumeSender(io, FILES, volumes, {"data": "/v"}, made, Sender(io, FILES, 2, 60))


def test_each_round_is_the_difference_to_the_one_before() -> None:
    io = Host([told()], [WHOLE, WHOLE])
    work = sender(io, target_generation=3)
    first, second = work.round(in_use=True), work.round(in_use=False)
    assert work.ways["data"].as_dict() == {"way": "btrfs", "why": ""}
    assert io.sent == [
        ["1", "--quiet", "generation=3 receive data 1 -"],
        ["2", "1", "generation=3 receive data 2 1"],
    ]
    assert io.kept == ["2"]
    assert json.loads(io.files[FILES.sent_snapshots]) == {"data": {"staging": STAGING, "failed": ""}}
    assert first.wire_bytes == len(STREAM) + len(told("", "1"))
    assert (second.moved_bytes, second.changed_files) == (0, 0)


def test_another_run_goes_on_from_what_both_have() -> None:
    io = Host([told("", "5", "6")], [WHOLE])
    io.directories |= {f"{STAGING}/4", f"{STAGING}/5"}
    io.ticks = 8
    sender(io).round(in_use=True)
    assert io.sent[0][-1] == "receive data 9 5"
    assert io.kept == ["9"]


@pytest.mark.parametrize(
    ("have", "parent"),
    [(["5"], "5"), (["5", "6"], "6"), ([], "-")],
)
def test_after_a_cut_the_target_is_asked_where_it_stands(have: list[str], parent: str) -> None:
    io = Host([told("", "5"), told("", *have)], [CUT, WHOLE])
    io.directories.add(f"{STAGING}/5")
    io.ticks = 5
    taken = sender(io).round(in_use=True)
    assert [words[-1] for words in io.sent] == ["receive data 6 5", f"receive data 7 {parent}"]
    assert (taken.attempts, io.kept) == (2, ["7"])


def test_too_many_cuts() -> None:
    io = Host([told()] * 3, [CUT] * 3)
    with pytest.raises(HostError, match="could not be sent"):
        sender(io).round(in_use=True)


def with_rsync(io: Host, work: _move_volume_host.VolumeSender) -> str:
    """Why it was sent with rsync."""
    io.commands["rsync",] = (0, "Literal data: 7 bytes\n", "")
    assert work.round(in_use=False).moved_bytes == 7
    assert (work.ways["data"].way, io.kept) == ("rsync", [])
    return work.ways["data"].why


def test_what_can_not_be_received_goes_with_rsync_and_is_not_tried_again() -> None:
    failed = (1, "", "receive: btrfs receive -e: ERROR: write: No space left on device")
    io = Host([told()], [failed])
    assert "No space left" in with_rsync(io, sender(io))
    assert "No space left" in with_rsync(io, sender(io))
    assert len(io.sent) == 1


@pytest.mark.parametrize("words", ["refused: another run has taken over", "busy: another copy of this move"])
def test_what_is_refused_is_not_tried_with_rsync(words: str) -> None:
    io = Host([told()], [(1, "", words)])
    with pytest.raises(HostError, match=words):
        sender(io).round(in_use=True)


@pytest.mark.parametrize(
    ("change", "manner", "words"),
    [
        ({"asked": [told("it is on ext4")]}, {}, "it is on ext4"),
        ({"nested": "ID 264 gen 26 top level 263 path v/nest\n"}, {}, "subvolumes in it"),
        ({"mounts": "1 0 8:1 / /v/in rw - tmpfs x rw\n"}, {}, "a mount"),
        ({}, {"checksum": True}, "by content"),
        ({}, {"compress": "always"}, "compress"),
        ({}, {"volume": {"uid_map": [{"source": 1, "target": 2, "count": 3}]}}, "translated"),
        ({"findmnt": "ext4"}, {}, "no btrfs subvolume"),
    ],
)
def test_why_a_volume_goes_with_rsync(change: dict[str, t.Any], manner: dict[str, t.Any], words: str) -> None:
    io = Host(change.get("asked", ()))
    io.nested = change.get("nested", "")
    io.files["/proc/self/mountinfo"] = change.get("mounts", "").encode()
    io.commands["findmnt",] = (0, change.get("findmnt", "btrfs"), "")
    assert words in with_rsync(io, sender(io, **manner))


def test_a_preview_takes_no_snapshot() -> None:
    io = Host()
    io.commands["rsync",] = (0, "", "")
    assert sender(io).preview() == (0, 0)
    assert (io.kept, FILES.sent_snapshots in io.files) == ([], False)
