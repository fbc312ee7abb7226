# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import stat
import struct
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_tree import TreeFile
from ansible_collections.anycloud.container_host.plugins.module_utils._move import manifest
from ansible_collections.anycloud.container_host.plugins.module_utils._move.id_ranges import IdRange
from ansible_collections.anycloud.container_host.plugins.module_utils._move.manifest_compare import differences

HOUR_NS = 3_600_000_000_000


def acl_value(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def file(path: str, kind: int = stat.S_IFREG, **values: t.Any) -> TreeFile:
    defaults: dict[str, t.Any] = {
        "path": path, "mode": kind | 0o644, "uid": 0, "gid": 0, "size_bytes": 3, "allocated_bytes": 4096,
        "mtime_ns": 1, "ctime_ns": 1, "device": 1, "inode": sum(map(ord, path)), "links": 1, "special_device": "0:0",
        "target": "", "xattrs": {},
    }  # fmt: skip
    return TreeFile(**{**defaults, **values})


def build(*files: TreeFile, kept: t.Optional[manifest.Manifest] = None) -> manifest.Manifest:
    return manifest.build(files, lambda path: f"hash of {path}", kept)


BASE = file("a")

# what changes -> whether the digest does
CHANGES: list[tuple[dict[str, t.Any], bool]] = [
    ({"mode": stat.S_IFREG | 0o600}, True),
    ({"mode": stat.S_IFREG | 0o4644}, True),
    ({"uid": 1}, True),
    ({"gid": 1}, True),
    ({"size_bytes": 4}, True),
    ({"mtime_ns": 2}, True),
    ({"xattrs": {"user.x": b"1"}}, True),
    ({"xattrs": {"security.capability": b"1"}}, True),
    ({"xattrs": {"system.posix_acl_access": acl_value((0x01, 6, 0), (0x02, 7, 5))}}, True),
    ({"xattrs": {"security.selinux": b"a"}}, False),
    ({"xattrs": {"btrfs.compression": b"zstd"}}, False),
    ({"inode": 7}, False),
    ({"device": 7}, False),
    ({"ctime_ns": 7}, False),
    ({"allocated_bytes": 7}, False),
    ({"links": 2}, False),  # its other name is outside the volume
]


@pytest.mark.parametrize(("change", "seen"), CHANGES)
def test_digest_tells_what_matters(change: dict[str, t.Any], seen: bool) -> None:
    assert (build(BASE).digest() != build(BASE._replace(**change)).digest()) is seen


def test_size_of_a_directory_and_target_of_a_link() -> None:
    folder, link = file("d", stat.S_IFDIR), file("l", stat.S_IFLNK, target="a")
    assert build(folder).digest() == build(folder._replace(size_bytes=8)).digest()
    assert build(link).digest() != build(link._replace(target="b")).digest()
    device = file("n", stat.S_IFCHR, special_device="1:3")
    assert build(device).entries[0].device == "1:3"


def test_order_of_the_walk_does_not_matter() -> None:
    files = [file("b"), file("a"), file("a/x"), file("bad\udcff")]
    assert build(*files).digest() == build(*reversed(files)).digest()


def test_hard_links_are_named_by_their_first_name_and_hashed_once() -> None:
    hashed = []

    def hash_file(path: str) -> str:
        hashed.append(path)
        return "x"

    files = [file("b", inode=5, links=2), file("a", inode=5, links=2), file("c", inode=6)]
    made = manifest.build(files, hash_file)
    assert [(entry.path, entry.same_as) for entry in made.entries] == [("a", "a"), ("b", "a"), ("c", None)]
    assert hashed == ["a", "c"]
    assert (made.size_bytes, made.hashed_bytes, made.allocated_bytes) == (6, 6, 8192)
    apart = manifest.build([files[0]._replace(inode=7), *files[1:]], hash_file)
    assert apart.digest() != made.digest()


def test_a_file_that_vanished_is_left_out() -> None:
    made = manifest.build([file("a"), file("b")], lambda path: None if path == "a" else "x")
    assert [entry.path for entry in made.entries] == ["b"]


@pytest.mark.parametrize(
    ("change", "hashed"),
    [({}, []), ({"size_bytes": 4}, ["a"]), ({"mtime_ns": 2}, ["a"]), ({"inode": 1}, ["a"]), ({"ctime_ns": 2}, ["a"])],
)
def test_only_what_changed_is_hashed_again(change: dict[str, t.Any], hashed: list[str]) -> None:
    newest = file("z", ctime_ns=HOUR_NS)
    kept = manifest.load(manifest.dump(build(BASE, newest)), "kept")
    asked = []

    def hash_file(path: str) -> str:
        asked.append(path)
        return f"hash of {path}"

    manifest.build([BASE._replace(**change), newest], hash_file, kept)
    # the newest might have been written again within the same tick of the clock
    assert asked == [*hashed, "z"]


@pytest.mark.parametrize(
    ("begun_ns", "trusted"),
    [
        (0, []),  # not known: the newest may have been written just now
        (HOUR_NS + manifest.SETTLED_NS, []),
        (HOUR_NS + manifest.SETTLED_NS + 1, ["a", "b"]),
        (1, []),  # a clock that was set back says nothing
    ],
)
def test_files_that_rest_are_not_hashed_again_though_all_came_at_once(begun_ns: int, trusted: list[str]) -> None:
    files = [file("a", ctime_ns=HOUR_NS), file("b", ctime_ns=HOUR_NS)]
    made = manifest.build(files, lambda _path: "x", None, begun_ns)
    assert sorted(made.stamps) == trusted


def test_what_was_dumped_is_loaded() -> None:
    lists = {"system.posix_acl_access": acl_value((0x01, 6, 0), (0x02, 7, 5)), "user.x": b"\0"}
    made = build(file("a\nb\udcff", xattrs=lists), file("d", stat.S_IFDIR), file("z", ctime_ns=HOUR_NS))
    again = manifest.load(manifest.dump(made), "kept")
    assert again == made
    assert again.stamps == made.stamps
    assert manifest.load(made.canonical(), "sent").digest() == made.digest()


@pytest.mark.parametrize("text", ["", "manifest 0\n", "manifest 1\n[", 'manifest 1\n["a"]\n', "manifest 1\n3\n"])
def test_a_damaged_manifest_is_refused(text: str) -> None:
    with pytest.raises(ContainerHostError, match="kept"):
        manifest.load(text, "kept")


def test_ids_are_translated_those_in_access_lists_too() -> None:
    ranges = [IdRange(100000, 200000, 65536)]
    lists = {"system.posix_acl_access": acl_value((0x01, 6, 0), (0x02, 7, 100005), (0x08, 4, 5))}
    made = build(file("a", uid=100001, gid=100002, xattrs=lists))
    assert (made.users(), made.groups()) == ({100001, 100005}, {100002, 5})
    entry = made.translated(ranges, []).entries[0]
    assert (entry.uid, entry.gid) == (200001, 100002)
    assert entry.acl == (("access", "user::rw-,user:200005:rwx,group:5:r--"),)


def test_differences_are_named_by_path_and_counted() -> None:
    sent = build(file("a"), file("b", size_bytes=5), file("c"), file("d", xattrs={"user.x": b"1"}))
    found = build(file("b", size_bytes=6), file("c", mode=stat.S_IFREG | 0o600), file("d"), file("e"))
    named, count = differences(sent, found, 4)
    assert count == 5
    assert named == [
        "a: is missing",
        "b: size 6 instead of 5",
        "c: mode 0600 instead of 0644",
        "d: extended attributes none instead of user.x=31",
    ]
    assert differences(sent, found, 9)[0][-1] == "e: is there and was not sent"
    assert differences(sent, sent, 4) == ([], 0)
