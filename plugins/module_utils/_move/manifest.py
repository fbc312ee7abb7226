# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A manifest: what is in a volume, file by file, in a form whose digest two hosts can compare. Pure.

What differs although nothing is wrong is left out: inode numbers, sizes of directories, blocks in use, SELinux labels
(they belong to the host's policy) and attributes that are a file system's own settings.
"""

from __future__ import annotations

import hashlib
import json
import stat
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError
from ansible_collections.anycloud.container_host.plugins.module_utils._move import acl
from ansible_collections.anycloud.container_host.plugins.module_utils._move.id_ranges import IdRange, translate

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_tree import TreeFile

VERSION = 1
LEFT_OUT = ("security.selinux", "btrfs.", "system.")
"""Extended attributes that are not compared, nor copied; access lists are, in a form of their own."""

SETTLED_NS = 1_000_000_000

_KINDS = (
    (stat.S_ISREG, "file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "link"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "character device"),
    (stat.S_ISBLK, "block device"),
)


@dataclass(frozen=True)
class Entry:
    """One file. size_bytes, sha256: of regular files; target: of links; device: of devices, ``major:minor``.

    same_as: the first name, in the order of the manifest, of a file that has several in the volume; its own name for
    that one. xattrs: name -> value in hexadecimal. acl: ``access`` and ``default`` -> getfacl's text in one line.
    """

    path: str
    kind: str
    mode: int
    uid: int
    gid: int
    size_bytes: t.Optional[int]
    mtime_ns: int
    target: t.Optional[str] = None
    same_as: t.Optional[str] = None
    device: t.Optional[str] = None
    acl: tuple[tuple[str, str], ...] = ()
    xattrs: tuple[tuple[str, str], ...] = ()
    sha256: t.Optional[str] = None

    def line(self) -> str:
        """The entry's line in the canonical form. Bytes of a name that are no UTF-8 are escaped as surrogates."""
        values = (
            self.path, self.kind, f"{self.mode:04o}", self.uid, self.gid, self.size_bytes, self.mtime_ns, self.target,
            self.same_as, self.device, dict(self.acl), dict(self.xattrs), self.sha256,
        )  # fmt: skip
        return json.dumps(values, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class Stamp:
    """By what a file is known not to have changed since it was hashed: any write changes ctime, which none can set."""

    size_bytes: int
    mtime_ns: int
    inode: int
    ctime_ns: int


@dataclass(frozen=True)
class Manifest:
    """All files of a volume, by path. stamps: path of a regular file -> its stamp, on the host that made it."""

    entries: tuple[Entry, ...]
    stamps: dict[str, Stamp] = field(default_factory=dict, compare=False)
    hashed_bytes: int = field(default=0, compare=False)
    allocated_bytes: int = field(default=0, compare=False)

    def canonical(self) -> str:
        """The canonical form: a line that says the version, and one for each file, in the order of their names."""
        return "".join([f"manifest {VERSION}\n", *(f"{entry.line()}\n" for entry in self.entries)])

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode("ascii")).hexdigest()

    @property
    def size_bytes(self) -> int:
        """The size of the regular files, each counted once."""
        return sum(entry.size_bytes or 0 for entry in self.entries if entry.same_as in (None, entry.path))

    def users(self) -> set[int]:
        """The owners in use, those in access lists included."""
        return {entry.uid for entry in self.entries} | self.named("user")

    def groups(self) -> set[int]:
        """The groups in use, those in access lists included."""
        return {entry.gid for entry in self.entries} | self.named("group")

    def named(self, tag: str) -> set[int]:
        """The ids that access lists name, of users or of groups."""
        parts = (part.split(":") for entry in self.entries for _name, line in entry.acl for part in line.split(","))
        return {int(part[1]) for part in parts if part[0] == tag and len(part) == 3 and part[1].isdigit()}

    def translated(self, users: t.Sequence[IdRange], groups: t.Sequence[IdRange]) -> Manifest:
        """The manifest as it will be where these ranges lead."""
        if not users and not groups:
            return self

        def user(number: int) -> int:
            return translate(number, users)

        def group(number: int) -> int:
            return translate(number, groups)

        entries = tuple(
            replace(
                entry,
                uid=user(entry.uid),
                gid=group(entry.gid),
                acl=tuple((name, acl.translated(line, user, group)) for name, line in entry.acl),
            )
            for entry in self.entries
        )
        return replace(self, entries=entries)


def _kept_digest(
    found: TreeFile, kept: t.Optional[Manifest], digests: t.Mapping[str, t.Optional[str]]
) -> t.Optional[str]:
    if kept is None or kept.stamps.get(found.path) != stamp_of(found):
        return None
    return digests.get(found.path)


def stamp_of(found: TreeFile) -> Stamp:
    """A file's stamp."""
    return Stamp(found.size_bytes, found.mtime_ns, found.inode, found.ctime_ns)


def order(path: str) -> bytes:
    """Paths are ordered by their bytes, the same on every host."""
    return path.encode("utf-8", "surrogateescape")


def build(
    files: t.Iterable[TreeFile],
    hash_file: t.Callable[[str], t.Optional[str]],
    kept: t.Optional[Manifest] = None,
    begun_ns: int = 0,
) -> Manifest:
    """The manifest of a tree. hash_file: path -> SHA-256, None for a file that has vanished, which is left out.

    Each file is hashed once whatever its number of names, and not at all when the manifest kept has its stamp.
    begun_ns: the host's clock before the tree was looked through, in nanoseconds of the epoch; 0: not known.
    """
    found = sorted(files, key=lambda entry: order(entry.path))
    digests = {entry.path: entry.sha256 for entry in kept.entries} if kept else {}
    groups: dict[tuple[int, int], list[str]] = {}
    for entry in found:
        if stat.S_ISREG(entry.mode) and entry.links > 1:
            groups.setdefault((entry.device, entry.inode), []).append(entry.path)
    by_inode: dict[tuple[int, int], t.Optional[str]] = {}
    entries, stamps = [], {}
    hashed_bytes = allocated_bytes = 0
    for entry in found:
        sha256 = None
        identity = (entry.device, entry.inode)
        if stat.S_ISREG(entry.mode):
            if identity not in by_inode:
                by_inode[identity] = _kept_digest(entry, kept, digests)
                allocated_bytes += entry.allocated_bytes
                if by_inode[identity] is None:
                    by_inode[identity] = hash_file(entry.path)
                    hashed_bytes += entry.size_bytes
            sha256 = by_inode[identity]
            if sha256 is None:
                continue
            stamps[entry.path] = stamp_of(entry)
        names = groups.get(identity, []) if stat.S_ISREG(entry.mode) else []
        entries.append(_entry(entry, sha256, names[0] if len(names) > 1 else None))
    return Manifest(tuple(entries), _settled(stamps, begun_ns), hashed_bytes, allocated_bytes)


def _settled(stamps: t.Mapping[str, Stamp], begun_ns: int) -> dict[str, Stamp]:
    """The stamps to trust later. The clock of ctime ticks every few milliseconds: a file written just before it was
    hashed could be written again within the same tick. No such file is older by a second than the newest one, or than
    the moment at which the first of them was looked at.
    """
    newest = max((stamp.ctime_ns for stamp in stamps.values()), default=0)
    newest = max(newest, begun_ns)
    return {path: stamp for path, stamp in stamps.items() if stamp.ctime_ns < newest - SETTLED_NS}


def _entry(found: TreeFile, sha256: t.Optional[str], same_as: t.Optional[str]) -> Entry:
    kind = next((name for test, name in _KINDS if test(found.mode)), "other")
    lists = [(acl.ATTRIBUTES[name], acl.text(value)) for name, value in found.xattrs.items() if name in acl.ATTRIBUTES]
    attributes = [(name, value.hex()) for name, value in found.xattrs.items() if not name.startswith(LEFT_OUT)]
    return Entry(
        path=found.path,
        kind=kind,
        mode=stat.S_IMODE(found.mode),
        uid=found.uid,
        gid=found.gid,
        size_bytes=found.size_bytes if kind == "file" else None,
        mtime_ns=found.mtime_ns,
        target=found.target if kind == "link" else None,
        same_as=same_as,
        device=found.special_device if kind.endswith("device") else None,
        acl=tuple(sorted(lists)),
        xattrs=tuple(sorted(attributes)),
        sha256=sha256,
    )


def dump(manifest: Manifest) -> str:
    """The manifest with its stamps, one JSON line for each file, for the host that made it."""
    lines = [f"manifest {VERSION}\n"]
    for entry in manifest.entries:
        stamp = manifest.stamps.get(entry.path)
        values = [stamp.size_bytes, stamp.mtime_ns, stamp.inode, stamp.ctime_ns] if stamp else None
        lines.append(f"{entry.line()}\t{json.dumps(values, separators=(',', ':'))}\n")
    return "".join(lines)


def load(text: str, where: str) -> Manifest:
    """A manifest from :func:`dump` or from its canonical form. Raises ContainerHostError naming ``where``."""
    head, _newline, rest = text.partition("\n")
    if head != f"manifest {VERSION}":
        raise ContainerHostError(f"{where}: is no manifest of version {VERSION}; remove it, and make it again")
    entries, stamps = [], {}
    try:
        for line in rest.splitlines():
            main, _tab, kept = line.partition("\t")
            values = json.loads(main)
            path, kind, mode, uid, gid, size, mtime, target, same_as, device, lists, attributes, sha256 = values
            lists, attributes = (tuple(sorted(pairs.items())) for pairs in (lists, attributes))
            entry = Entry(path, kind, int(mode, 8), uid, gid, size, mtime, target, same_as, device)
            entries.append(replace(entry, acl=lists, xattrs=attributes, sha256=sha256))
            stamp = json.loads(kept) if kept else None
            if stamp:
                stamps[path] = Stamp(*stamp)
    except (ValueError, TypeError, AttributeError) as error:
        raise ContainerHostError(f"{where}: is damaged ({error}); remove it, and make it again") from error
    return Manifest(tuple(entries), stamps)
