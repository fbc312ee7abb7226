# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Two root file systems as tar archives -> the layer between them, byte for byte the same for the same content.

Layers: the OCI image specification, layer.md (whiteouts, parents, one entry for each path).
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import posixpath
import tarfile
import typing as t
from dataclasses import dataclass

# What the building leaves behind, and what the engine puts there itself.
LEFT_OUT = (
    "dev/*",
    "etc/.pwd.lock",
    "etc/group-",
    "etc/gshadow-",
    "etc/hostname",
    "etc/passwd-",
    "etc/resolv.conf",
    "etc/shadow-",
    "proc/*",
    "sys/*",
    "tmp/*",
    "var/cache/apt/*.bin",
    "var/cache/debconf/*-old",
    "var/cache/ldconfig/aux-cache",
    "var/lib/apt/lists/*",
    "var/lib/dpkg/*-old",
    "var/log/*.log",
    "var/log/apt/*",
)
WHITEOUT = ".wh."
# 6 is gzip's own default; more costs the building's time and gains about one percent.
COMPRESSION = 6

Signature = tuple[t.Any, ...]


@dataclass(frozen=True)
class Layer:
    """A layer written: digest and size of the compressed blob, digest of the archive in it (``diff_id``)."""

    digest: str
    size_bytes: int
    diff_id: str


class _Digesting:
    """A binary stream that hashes and counts what goes through it."""

    def __init__(self, stream: t.IO[bytes] | None) -> None:
        self.stream, self.size, self.hash = stream, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        if self.stream is not None:
            self.stream.write(data)
        return len(data)

    def flush(self) -> None:
        if self.stream is not None:
            self.stream.flush()

    @property
    def digest(self) -> str:
        return f"sha256:{self.hash.hexdigest()}"


class _Both:
    """A binary stream that writes to two."""

    def __init__(self, first: t.Any, second: t.Any) -> None:
        self.first, self.second = first, second

    def write(self, data: bytes) -> int:
        self.first.write(data)
        return int(self.second.write(data))


def name_of(member: tarfile.TarInfo) -> str:
    """The member's path from the root, without leading ``./``; the root itself is empty."""
    name = posixpath.normpath(member.name).lstrip("/")
    return "" if name == "." else name


def is_left_out(name: str) -> bool:
    """Whether a path is never part of an image."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT)


def _attributes(member: tarfile.TarInfo) -> dict[str, str]:
    return {key: value for key, value in sorted(member.pax_headers.items()) if key.startswith("SCHILY.xattr.")}


class RootFilesystem:
    """A root file system in a tar archive that can be read at any place."""

    def __init__(self, stream: t.IO[bytes]) -> None:
        stream.seek(0)
        self.archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115 - as long as the stream's owner keeps it
        members = ((name_of(member), member) for member in self.archive)
        self.members = {name: member for name, member in members if name and not is_left_out(name)}
        self.signatures = {name: self._signature(member) for name, member in self.members.items()}

    def content_of(self, member: tarfile.TarInfo) -> tarfile.TarInfo:
        """The member that holds the content: for a hard link the one it links to."""
        while member.islnk():
            member = self.archive.getmember(member.linkname)
        return member

    def open(self, member: tarfile.TarInfo) -> t.IO[bytes]:
        """The content of a regular file."""
        return t.cast("t.IO[bytes]", self.archive.extractfile(self.content_of(member)))

    def _signature(self, member: tarfile.TarInfo) -> Signature:
        real = self.content_of(member)
        content = ""
        if real.isreg():
            digest = hashlib.sha256()
            with self.open(real) as stream:
                for block in iter(lambda: stream.read(1 << 20), b""):
                    digest.update(block)
            content = digest.hexdigest()
        device = (real.devmajor, real.devminor) if real.isdev() else ()
        kind = tarfile.REGTYPE if real.isreg() else real.type
        extended = tuple(_attributes(real).items())
        return (kind, real.mode, real.uid, real.gid, int(real.mtime), content, real.linkname, device, extended)

    def is_directory(self, name: str) -> bool:
        """Whether the path is a directory here; the root always is."""
        return not name or (name in self.members and self.members[name].isdir())


def changed_paths(lower: t.Mapping[str, Signature], upper: RootFilesystem) -> list[str]:
    """The paths a layer has entries for: what is new or other, with all directories above it, sorted."""
    found: set[str] = set()
    for name, signature in upper.signatures.items():
        if lower.get(name) != signature:
            path = name
            while path:
                found.add(path)
                path = posixpath.dirname(path)
    return sorted(name for name in found if name in upper.members)


def whiteouts(lower: t.Iterable[str], upper: RootFilesystem) -> list[str]:
    """The whiteout entries for what is gone; where a whole directory is gone, only it has one."""
    gone = {name for name in lower if name not in upper.members}
    return sorted(
        posixpath.join(posixpath.dirname(name), WHITEOUT + posixpath.basename(name))
        for name in gone
        if upper.is_directory(posixpath.dirname(name))
    )


def write_layer(
    lower: t.Mapping[str, Signature],
    upper: RootFilesystem,
    blob: t.IO[bytes],
    plain: t.IO[bytes] | None = None,
) -> Layer:
    """Write the layer that makes ``lower`` into ``upper``: compressed to ``blob``, to ``plain`` as it is."""
    compressed, archive = _Digesting(blob), _Digesting(plain)
    sink = t.cast(t.Any, compressed)
    # without a file name and a time, gzip's output depends on its input alone
    with gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=sink, mtime=0) as packed:
        both = t.cast(t.Any, _Both(archive, packed))
        with tarfile.open(fileobj=both, mode="w|", format=tarfile.PAX_FORMAT) as target:
            _write_entries(lower, upper, target)
    return Layer(compressed.digest, compressed.size, archive.digest)


def _write_entries(lower: t.Mapping[str, Signature], upper: RootFilesystem, target: tarfile.TarFile) -> None:
    changed = changed_paths(lower, upper)
    removed = whiteouts(lower, upper)
    written: dict[str, str] = {}
    for name in sorted([*changed, *removed]):
        if name not in upper.members:
            target.addfile(_plain_entry(name, tarfile.REGTYPE))
            continue
        member = upper.members[name]
        real = upper.content_of(member)
        entry = _plain_entry(name, tarfile.REGTYPE if real.isreg() else real.type)
        entry.mode, entry.uid, entry.gid, entry.mtime = real.mode, real.uid, real.gid, int(real.mtime)
        entry.devmajor, entry.devminor, entry.pax_headers = real.devmajor, real.devminor, _attributes(real)
        if not real.isreg():
            entry.linkname = real.linkname
            target.addfile(entry)
        elif real.name in written:
            entry.type, entry.linkname = tarfile.LNKTYPE, written[real.name]
            target.addfile(entry)
        else:
            written[real.name] = name
            entry.size = real.size
            with upper.open(real) as content:
                target.addfile(entry, content)


def _plain_entry(name: str, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    return entry
