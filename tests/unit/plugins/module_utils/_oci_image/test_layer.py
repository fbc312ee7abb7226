# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import layer

Entry = tuple[str, bytes, str]  # name, type, content or link


def archive(*entries: Entry, mtime: float = 100, **attributes: t.Any) -> io.BytesIO:
    """A tar archive as mmdebstrap writes it: names begin with ./"""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as target:
        for name, kind, content in entries:
            member = tarfile.TarInfo(f"./{name}")
            member.type, member.mtime = kind, mtime
            member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
            for attribute, value in attributes.items():
                setattr(member, attribute, value)
            if kind == tarfile.REGTYPE:
                member.size = len(content)
                target.addfile(member, io.BytesIO(content.encode()))
            else:
                member.linkname = content
                target.addfile(member)
    stream.seek(0)
    return stream


def folder(name: str) -> Entry:
    return (name, tarfile.DIRTYPE, "")


def file(name: str, content: str = "x") -> Entry:
    return (name, tarfile.REGTYPE, content)


def difference(lower: io.BytesIO, upper: io.BytesIO) -> dict[str, tarfile.TarInfo]:
    blob = io.BytesIO()
    written = layer.write_layer(layer.RootFilesystem(lower).signatures, layer.RootFilesystem(upper), blob)
    data = blob.getvalue()
    assert written.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert written.size_bytes == len(data)
    assert written.diff_id == f"sha256:{hashlib.sha256(gzip.decompress(data)).hexdigest()}"
    blob.seek(0)
    with tarfile.open(fileobj=blob, mode="r:gz") as result:
        return {member.name: member for member in result}


def test_a_layer_holds_what_is_new_and_the_directories_above() -> None:
    lower = archive(folder("srv"), folder("srv/a"), file("srv/a/old"), folder("etc"), file("etc/same"))
    upper = archive(
        folder("srv"), folder("srv/a"), file("srv/a/old"), file("srv/a/new"), folder("etc"), file("etc/same")
    )
    assert list(difference(lower, upper)) == ["srv", "srv/a", "srv/a/new"]


def test_content_mode_owner_and_time_count() -> None:
    lower = archive(file("a"))
    assert list(difference(lower, archive(file("a")))) == []
    assert list(difference(lower, archive(file("a", "y")))) == ["a"]
    assert difference(lower, archive(file("a"), mode=0o4755))["a"].mode == 0o4755
    assert difference(lower, archive(file("a"), uid=7))["a"].uid == 7
    assert difference(lower, archive(file("a"), mtime=101))["a"].mtime == 101
    assert list(difference(lower, archive(file("a"), pax_headers={"SCHILY.xattr.security.capability": "x"}))) == ["a"]
    assert list(difference(lower, archive(file("a"), pax_headers={"comment": "x"}))) == []


def test_what_is_gone_has_one_whiteout() -> None:
    lower = archive(folder("a"), file("a/1"), folder("b"), file("b/1"), folder("b/c"), file("b/c/2"))
    upper = archive(folder("a"))
    assert list(difference(lower, upper)) == [".wh.b", "a/.wh.1"]


def test_a_directory_replaced_by_a_link_has_no_whiteouts_below() -> None:
    lower = archive(folder("lib"), file("lib/1"))
    upper = archive(("lib", tarfile.SYMTYPE, "usr/lib"))
    found = difference(lower, upper)
    assert list(found) == ["lib"]
    assert found["lib"].linkname == "usr/lib"


def test_a_hard_link_to_a_file_of_the_lower_layer_becomes_a_file() -> None:
    lower = archive(file("a", "same"))
    upper = archive(file("a", "same"), ("b", tarfile.LNKTYPE, "./a"), ("c", tarfile.LNKTYPE, "./a"))
    found = difference(lower, upper)
    assert [(name, member.type, member.size) for name, member in found.items()] == [
        ("b", tarfile.REGTYPE, 4),
        ("c", tarfile.LNKTYPE, 0),
    ]
    assert found["c"].linkname == "b"


def test_what_building_leaves_behind_is_left_out() -> None:
    upper = archive(
        folder("dev"), ("dev/null", tarfile.CHRTYPE, ""), folder("etc"), file("etc/hostname"), file("etc/passwd-")
    )
    assert list(difference(archive(), upper)) == ["dev", "etc"]


def test_the_same_content_in_another_order_gives_the_same_layer() -> None:
    digests = set()
    for entries in ((folder("a"), file("a/1"), file("a/2")), (folder("a"), file("a/2"), file("a/1"))):
        blob, plain = io.BytesIO(), io.BytesIO()
        written = layer.write_layer({}, layer.RootFilesystem(archive(*entries)), blob, plain)
        digests.add(written.digest)
        assert gzip.decompress(blob.getvalue()) == plain.getvalue()
    assert len(digests) == 1
