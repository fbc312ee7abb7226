# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Directories of the control node that images are built from: their digest, and the archive an engine builds from.

What an ignore file leaves out is left out here, and the ignore files as well, so that all engines get the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.build import (
    OUTSIDE,
    dockerfile_in_archive,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.ignore import IGNORE_FILE, Ignore
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

_IGNORE_FILES = (IGNORE_FILE, ".containerignore")
_PIECE_BYTES = 1024 * 1024
_HERE = "create it on the control node; a relative path begins at the Compose file's directory"


@dataclass(frozen=True)
class _Entry:
    """One file, directory or link: ``name`` in the archive. text: its content when it is no file, else None."""

    name: str
    path: str
    mode: int
    text: t.Optional[bytes] = None
    link: str = ""

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    def told(self) -> list[t.Any]:
        """All of it that an image can tell. Not the time, which differs between two checkouts of the same files."""
        if self.is_directory or self.link:
            return [self.name, stat.S_IFMT(self.mode), stat.S_IMODE(self.mode) if self.is_directory else 0, self.link]
        digest = hashlib.sha256(self.text or b"")
        if self.text is None:
            with open(self.path, "rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    digest.update(piece)
        return [self.name, stat.S_IFMT(self.mode), stat.S_IMODE(self.mode), digest.hexdigest()]

    def pack(self, archive: tarfile.TarFile) -> None:
        """Add it. Files keep their time, which web servers tell; owner is root, as Docker's client does it."""
        header = tarfile.TarInfo(self.name)
        header.mode = stat.S_IMODE(self.mode)
        if self.text is not None:
            header.size = len(self.text)
            archive.addfile(header, io.BytesIO(self.text))
            return
        status = os.lstat(self.path)
        header.mtime = int(status.st_mtime)
        if self.is_directory:
            header.type = tarfile.DIRTYPE
            archive.addfile(header)
        elif self.link:
            header.type, header.linkname = tarfile.SYMTYPE, self.link
            archive.addfile(header)
        else:
            header.size = status.st_size
            with open(self.path, "rb") as file:
                archive.addfile(header, file)


class Contexts:
    """The contexts of one run, by their digests."""

    def __init__(self) -> None:
        self._entries: dict[str, list[_Entry]] = {}

    def read(self, context: str, dockerfile: str, text: str) -> str:
        """See ``ReadContext``; ``context`` is an absolute path. Raises BadValueError."""
        directory = os.path.realpath(context)
        if not os.path.isdir(directory):
            raise BadValueError(f"directory {context} isn't there", _HERE)
        inside = dockerfile_in_archive(dockerfile, text)
        path = os.path.join(directory, os.path.expanduser(dockerfile or inside))
        if not text and not os.path.isfile(path):
            raise BadValueError(f"there is no Dockerfile {os.path.normpath(path)}", f"{_HERE} (context)")
        try:
            ignore = _ignore(directory, "" if text else path)
            entries = [entry for entry in _walk(directory, "", ignore) if entry.name not in (*_IGNORE_FILES, inside)]
            # The Dockerfile is sent whatever the ignore file says: it is what is built.
            if inside == OUTSIDE:
                content = text.encode("utf-8", "surrogateescape") if text else _content(path)
                entries.append(_Entry(OUTSIDE, "", stat.S_IFREG | 0o644, content))
            else:
                entries.append(_Entry(inside, path, os.stat(path).st_mode))
            entries.sort(key=lambda entry: entry.name)
            told = "\n".join(json.dumps(entry.told()) for entry in entries)
        except OSError as error:
            raise BadValueError(f"{error.filename}: {error.strerror}", "make it readable, or ignore it") from error
        digest = hashlib.sha256(told.encode("utf-8")).hexdigest()
        self._entries[digest] = entries
        return digest

    def pack(self, digest: str, path: str) -> None:
        """Write the archive of a context that was read to ``path``."""
        with tarfile.open(path, "w:gz", compresslevel=6) as archive:
            for entry in self._entries[digest]:
                entry.pack(archive)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _ignore(directory: str, dockerfile: str) -> Ignore:
    """The ignore file beside the Dockerfile, else the context's."""
    beside = [f"{dockerfile}{IGNORE_FILE}"] if dockerfile else []
    for path in (*beside, os.path.join(directory, IGNORE_FILE)):
        if os.path.isfile(path):
            return Ignore(_content(path).decode("utf-8", "surrogateescape"))
    return Ignore("")


def _walk(directory: str, above: str, ignore: Ignore) -> list[_Entry]:
    found: list[_Entry] = []
    for name in sorted(os.listdir(directory)):
        path, inside = os.path.join(directory, name), f"{above}{name}"
        status = os.lstat(path)
        out = ignore.leaves_out(inside)
        if stat.S_ISDIR(status.st_mode):
            below = _walk(path, f"{inside}/", ignore) if not out or ignore.takes_in else []
            found += [_Entry(inside, path, status.st_mode), *below] if below or not out else []
        elif out:
            continue
        elif stat.S_ISLNK(status.st_mode):
            found.append(_Entry(inside, path, status.st_mode, link=os.readlink(path)))
        elif stat.S_ISREG(status.st_mode):
            found.append(_Entry(inside, path, status.st_mode))
        else:
            raise BadValueError(f"{path} is no file, directory or link", f"name it in {IGNORE_FILE}")
    return found
