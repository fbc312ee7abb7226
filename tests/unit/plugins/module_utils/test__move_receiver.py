# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The receiving program, alone and with the source's half, between two real file systems of btrfs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from move_wire import World

from ansible_collections.anycloud.container_host.plugins.module_utils import _move_receiver as receiver
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move import send_stream, snapshots
from ansible_collections.anycloud.container_host.plugins.module_utils._move_staging import remove_staging

MOUNTS = receiver.mounted(
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "23 22 0:40 / /srv rw,relatime shared:1 - btrfs /dev/sdb rw\n"
    "24 23 0:41 / /srv/with\\040blank rw master:1 - tmpfs tmpfs rw\n"
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv", "btrfs"), ("/srv/x/y", "btrfs"), ("/srvx", "ext4"), ("/", "ext4"), ("/srv/with blank/x", "tmpfs")],
)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    assert receiver.file_system(MOUNTS, path) == kind
    assert receiver.file_system([], path) == ""


def test_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    (tmp_path / "link").symlink_to(volume)
    on_btrfs = [("/", "btrfs")]
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert receiver.why_not(str(volume), on_btrfs, False) == ""
    assert "SELinux" in receiver.why_not(str(volume), on_btrfs, True)
    assert "no directory" in receiver.why_not(str(tmp_path / "link"), on_btrfs, False)
    assert "is a mount" in receiver.why_not(str(volume), [*on_btrfs, (str(volume / "in"), "tmpfs")], False)
    assert "is on ext4" in receiver.why_not(str(volume), [("/", "ext4")], False)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert "install btrfs-progs" in receiver.why_not(str(volume), on_btrfs, False)


class Pair(World):
    """A subvolume to send, and a plain directory on another file system of btrfs."""

    def __init__(self, folder: Path, source: Path, target: Path) -> None:
        super().__init__(folder)
        self.source, self.target = source / "volume", target / "volume"
        run("btrfs", "subvolume", "create", str(self.source))
        self.target.mkdir()
        (self.target / "left over").write_text("x")
        self.open_door()
        shutil.copy(receiver.__file__, folder / "m1" / "snapshots")
        self.taken, self.received = (snapshots.staging(str(path), "m1") for path in (self.source, self.target))
        guard = {"journal": str(self.journal), "lock": str(self.lock), "staging": {"data": self.received}}
        Path(self.files.guard).write_text(json.dumps(guard))
        os.mkdir(self.taken)

    def ask(self, words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = [sys.executable, "-I", str(self.program), words]
        return subprocess.run(argv, input=given, capture_output=True, check=False)

    def stream(self, number: str, parent: str = "") -> bytes:
        run(*snapshots.snapshot_argv(str(self.source), f"{self.taken}/{number}"))
        return subprocess.run(
            snapshots.send_argv(self.taken, number, parent), capture_output=True, check=True
        ).stdout  # fmt: skip

    def give(self, number: str, parent: str = "") -> subprocess.CompletedProcess[bytes]:
        return self.ask(snapshots.receive_words("data", number, parent, 0), self.stream(number, parent))


def run(*argv: str) -> None:
    subprocess.run(argv, capture_output=True, check=True)


@pytest.fixture(name="pair")
def fixture_pair(tmp_path: Path) -> t.Iterator[Pair]:
    if shutil.which("mkfs.btrfs") is None or os.geteuid() != 0:
        pytest.skip("needs btrfs-progs, and root to mount")
    places = []
    try:
        for side in ("alpha", "bravo"):
            image, place = tmp_path / f"{side}.img", tmp_path / side
            place.mkdir()
            with image.open("wb") as stream:
                stream.truncate(256 << 20)
            run("mkfs.btrfs", "-q", str(image))
            if subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=False).returncode:
                pytest.skip("btrfs can't be mounted here")
            places.append(place)
        (tmp_path / "world").mkdir()
        yield Pair(tmp_path / "world", *places)
    finally:
        for place in places:
            subprocess.run(["umount", str(place)], check=True)


def test_rounds_of_snapshots(pair: Pair) -> None:
    (pair.source / "d").mkdir()
    (pair.source / "a").write_bytes(os.urandom(300_000))
    os.link(pair.source / "a", pair.source / "d" / "same")
    os.chown(pair.source, 1000, 1001)
    os.utime(pair.source / "d", ns=(1, 1_000_000_123_456_789))
    assert json.loads(pair.ask("snapshots data").stdout) == {"why": "", "have": []}
    done = pair.give("1")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"why": "", "have": ["1"]}), done.stderr
    assert pair.different() == []
    inode = os.stat(pair.target / "a").st_ino

    with open(pair.source / "a", "r+b") as stream:
        stream.write(b"changed")
    (pair.source / "d" / "same").unlink()
    (pair.target / "d" / "written there").write_text("and not for long")
    small = pair.stream("2", "1")
    counted = send_stream.StreamCounter()
    counted.feed(small)
    # a, and the link that is gone: of its directory only the times have changed
    assert (counted.total_bytes, counted.changed, counted.moved_bytes) == (len(small), 2, 4096)
    done = pair.ask(snapshots.receive_words("data", "2", "1", 0), small)
    assert (done.returncode, json.loads(done.stdout)["have"]) == (0, ["2"]), done.stderr
    assert pair.different() == []
    assert os.stat(pair.target / "a").st_ino == inode, "what was hashed need not be hashed again"
    counted = send_stream.StreamCounter()
    counted.feed(pair.stream("3", "2"))
    assert (counted.changed, counted.moved_bytes) == (0, 0), "it was only read"
    (pair.target / "written there").write_text("it can be written to")

    remove_staging(HostIO(), pair.received)
    remove_staging(HostIO(), pair.taken)
    assert os.listdir(pair.target.parent) == ["volume"]
    assert os.listdir(pair.source.parent) == ["volume"]
    shutil.rmtree(pair.target)  # as an engine does


def test_a_stream_that_is_cut_or_damaged_changes_nothing(pair: Pair) -> None:
    (pair.source / "a").write_bytes(os.urandom(100_000))
    assert pair.give("1").returncode == 0
    (pair.source / "a").write_bytes(os.urandom(100_000))
    whole = pair.stream("2", "1")
    words = snapshots.receive_words("data", "2", "1", 0)
    before = (pair.target / "a").read_bytes()
    end = len(whole) - 10  # the last command alone is missing: the stream is cut between two of them
    for part in (b"", whole[:60], whole[:50_000], whole[:end], whole[:900] + b"!" + whole[901:], b"x" * 90):
        done = pair.ask(words, part)
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.startswith(b"receive: btrfs receive"), done.stderr
        assert (pair.target / "a").read_bytes() == before
        assert json.loads(pair.ask("snapshots data").stdout)["have"] == ["1"]
        assert os.listdir(pair.received) == ["1"]
    assert pair.ask(words, whole).returncode == 0
    assert pair.different() == []


def test_a_snapshot_of_another_name_is_refused(pair: Pair) -> None:
    done = pair.ask(snapshots.receive_words("data", "8", "", 0), pair.stream("7"))
    assert (done.returncode, b"made 7, and not 8" in done.stderr) == (1, True)
    assert os.listdir(pair.received) == []
    assert os.listdir(pair.target) == ["left over"]


def test_subvolumes_at_the_target_give_way(pair: Pair) -> None:
    run("btrfs", "subvolume", "create", str(pair.target / "nested"))
    (pair.target / "nested" / "x").write_text("x")
    (pair.source / "a").write_text("a")
    done = pair.give("1")
    assert done.returncode == 0, done.stderr
    assert os.listdir(pair.received) == ["1"]
    assert pair.different() == []


def test_rsync_goes_on_from_a_snapshot(pair: Pair) -> None:
    (pair.source / "a").write_text("a")
    pair.give("1")
    (pair.source / "a").write_text("changed")
    assert pair.send().returncode == 0
    assert pair.different() == []
    (pair.source / "b").write_text("b")
    assert pair.give("2", "1").returncode == 0
    assert pair.different() == []
