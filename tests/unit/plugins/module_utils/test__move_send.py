# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A volume goes through the real rsync and the real program of the target into another directory, and is equal there."""

from __future__ import annotations

import os
import shutil
import subprocess
import typing as t

import pytest
from move_wire import World

from ansible_collections.anycloud.container_host.plugins.module_utils._move import rsync

if t.TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="owners and devices need root"),
]


def fill(folder: Path) -> None:
    (folder / "d").mkdir()
    (folder / "a").write_bytes(os.urandom(300_000))
    os.link(folder / "a", folder / "d" / "same")
    (folder / "d" / "link").symlink_to("../a")
    os.mkfifo(folder / "pipe")
    with open(folder / "holes", "wb") as stream:
        stream.truncate(1 << 20)
    os.chmod(folder / "holes", 0o4755)
    os.chown(folder / "a", 1000, 1001)
    (folder / os.fsdecode(b"new\nline\xff")).write_text("x")
    os.utime(folder / "d", ns=(1, 1_000_000_123_456_789))


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    fill(made.source)
    (made.target / "left over").write_text("x")
    return made


def test_all_of_it_arrives_and_a_second_run_changes_nothing(world: World) -> None:
    assert world.different()
    done = world.send()
    assert (done.returncode, done.stderr) == (0, "")
    assert world.different() == []
    assert os.stat(world.target / "holes").st_blocks * 512 < 1 << 20
    again = rsync.ItemCounter()
    again.feed(world.send().stdout)
    assert again.count == 0


def test_only_what_changed_is_sent(world: World) -> None:
    world.send()
    with open(world.source / "a", "r+b") as stream:
        stream.seek(150_000)
        stream.write(b"changed")
    inode = os.stat(world.target / "a").st_ino
    found = rsync.parse_statistics(world.send().stdout)
    assert 0 < found.moved_bytes < 2000
    assert world.different() == []
    assert os.stat(world.target / "a").st_ino == inode  # in place


def test_same_size_written_twice_within_a_second(world: World) -> None:
    os.utime(world.source / "a", ns=(1, 5_000_000_100))
    world.send()
    with open(world.source / "a", "r+b") as stream:
        stream.write(b"again")
    os.utime(world.source / "a", ns=(1, 5_000_000_200))
    world.send()
    assert world.different() == []


def test_what_time_and_size_hide_the_manifest_tells_and_checksums_mend(world: World) -> None:
    world.send()
    before = os.stat(world.target / "a")
    with open(world.target / "a", "r+b") as stream:
        stream.write(b"bits")
    os.utime(world.target / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    world.send()
    assert [line.split(" ")[:2] for line in world.different()] == [["a:", "SHA-256"], ["d/same:", "SHA-256"]]
    world.send(rsync.Options(checksum=True))
    assert world.different() == []


def test_owners_are_translated(world: World) -> None:
    world.send(rsync.Options(user_map="1000:201000", group_map="1001:301001"))
    found = os.stat(world.target / "a")
    assert (found.st_uid, found.st_gid) == (201000, 301001)


def test_a_dry_run_tells_and_does_nothing(world: World) -> None:
    counter = rsync.ItemCounter()
    counter.feed(world.send(rsync.Options(dry_run=True)).stdout)
    assert counter.count > 5
    assert os.listdir(world.target) == ["left over"]


def test_another_place_is_refused(world: World) -> None:
    done = world.send(name="etc")
    assert done.returncode != 0
    assert "refused: the place 'etc'" in done.stderr
    assert not rsync.is_cut_off(done.returncode, done.stderr)


@pytest.mark.skipif(shutil.which("setfacl") is None, reason="setfacl is not installed")
def test_access_lists(world: World) -> None:
    done = subprocess.run(
        ["setfacl", "-m", "u:1000:rwx,g:1001:r", str(world.source / "a")], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("the file system has no access lists")
    subprocess.run(["setfacl", "-d", "-m", "u:1234:rx", str(world.source / "d")], check=True)
    world.send()
    assert world.different() == []
    subprocess.run(["setfacl", "-x", "u:1000", str(world.target / "a")], check=True)
    assert len(world.different()) == 2  # under both names


def test_extended_attributes_but_not_the_label_of_the_host(world: World) -> None:
    try:
        os.setxattr(world.source / "a", "user.note", b"kept")
        os.setxattr(world.source / "a", "security.selinux", b"u:r:t:s0")
    except OSError as error:
        pytest.skip(f"the file system refuses: {error}")
    world.send()
    assert world.different() == []
    assert os.getxattr(world.target / "a", "user.note") == b"kept"
    assert "security.selinux" not in os.listxattr(world.target / "a")
