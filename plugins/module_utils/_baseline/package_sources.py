# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The files that say where packages come from: what they say, entry by entry, and how it is changed and put back.

Three forms: apt's lines and stanzas (sources.list(5)) and dnf's sections (dnf.conf(5)). What is taken out stays as a
comment beside what takes its place, so that the text itself says what was there before.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

PATTERNS = (
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/*.list",
    "/etc/apt/sources.list.d/*.sources",
    "/etc/yum.repos.d/*.repo",
)
SIGNED_BY, GPGKEY = "signed-by", "gpgkey"

TAKEN_OUT = "#container-host: "
"""Begins a line that was taken out of use; in a file of lines, the next line stands in for it."""
ADDED = "#container-host, the next line was added"

_YES = {"yes", "true", "with", "on", "enable", "1"}
_LINE = re.compile(r"^(\s*deb(?:-src)?\s+)(?:\[([^\]]*)\]\s*)?(\S.*)$")
_FIELD = re.compile(r"^([A-Za-z][\w-]*)\s*:\s*(.*)$")
_SETTING = re.compile(r"^([A-Za-z_]\w*)\s*=\s*(.*)$")


@dataclass(frozen=True)
class Entry:
    """One source. first: index of its first line. options: by lower-case name. lines: option -> index of its line."""

    path: str
    first: int
    uris: tuple[str, ...]
    options: t.Mapping[str, str]
    lines: t.Mapping[str, int]

    @property
    def title(self) -> str:
        """What a person finds it by; passwords in addresses are nobody's to read."""
        uri = re.sub(r"//[^/@]*@", "//", self.uris[0]) if self.uris else ""
        return f"{self.path} line {self.first + 1}: {uri}"

    @property
    def key(self) -> str:
        """The key it names; empty when it names none."""
        return self.options.get(GPGKEY if self.path.endswith(".repo") else SIGNED_BY, "")

    @property
    def key_files(self) -> list[str]:
        """The keyrings among what it names; a key can also be a fingerprint, or stand in the entry itself."""
        words = [] if "BEGIN PGP" in self.key else re.split(r"[\s,]+", self.key)
        return [word for word in words if word.startswith("/")]


def is_yes(value: str) -> bool:
    """Whether a value means yes."""
    return value.strip().lower() in _YES


def is_apt(path: str) -> bool:
    """Whether a file is one of apt's."""
    return not path.endswith(".repo")


def parse_sources(path: str, text: str) -> list[Entry]:
    """The sources in use."""
    lines = text.split("\n")
    if path.endswith(".list"):
        return [entry for index, line in enumerate(lines) for entry in _of_line(path, index, line)]
    is_repo = path.endswith(".repo")
    entries = []
    for first, last in _blocks(lines, is_repo):
        entry = _of_block(path, first, lines[first:last], _SETTING if is_repo else _FIELD)
        if is_yes(entry.options.get("enabled") or "yes") and entry.uris:
            entries.append(entry)
    return entries


def _of_line(path: str, index: int, line: str) -> t.Iterator[Entry]:
    words = _LINE.match(line)
    if words is not None:
        pairs = (word.partition("=") for word in (words.group(2) or "").split())
        options = {name.rstrip("+-").lower(): value for name, _equals, value in pairs}
        yield Entry(path, index, (words.group(3).split()[0],), options, dict.fromkeys(options, index))


def _blocks(lines: t.Sequence[str], is_repo: bool) -> t.Iterator[tuple[int, int]]:
    """First line and end of every stanza, or of every section with its header."""
    first = None
    for index, line in enumerate((*lines, "[" if is_repo else "")):
        ends = line.startswith("[") if is_repo else not line.strip()
        if ends and first is not None:
            yield first, index
            first = None
        if first is None and (ends if is_repo else line.strip() and not line.startswith("#")):
            first = index


def _of_block(path: str, first: int, lines: t.Sequence[str], pattern: re.Pattern[str]) -> Entry:
    options: dict[str, str] = {}
    places: dict[str, int] = {}
    name = ""
    for index, line in enumerate(lines):
        words = pattern.match(line)
        if words is not None:
            name = words.group(1).lower()
            options[name], places[name] = words.group(2).strip(), first + index
        elif name and line[:1] in (" ", "\t"):
            options[name] = f"{options[name]} {line.strip()}".strip()
    named = next((options[key] for key in ("uris", "baseurl", "metalink", "mirrorlist") if options.get(key)), "")
    return Entry(path, first, tuple(named.replace(",", " ").split()), options, places)


class Draft:
    """The text of a file while its entries are changed. Each change leaves what was there as a comment."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.split("\n")

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "\n".join(self.lines)

    @property
    def entries(self) -> list[Entry]:
        """The sources as they are now."""
        return parse_sources(self.path, self.text)

    def drop(self, entry: Entry, options: t.Collection[str]) -> None:
        """Take options out of an entry."""
        if self.path.endswith(".list"):
            self._rewrite(entry, [word for word in self._words(entry) if word.partition("=")[0].lower() not in options])
            return
        for name in options:
            self.lines[entry.lines[name]] = TAKEN_OUT + self.lines[entry.lines[name]]

    def name_key(self, entry: Entry, keyring: str) -> None:
        """Have one of apt's entries name its key."""
        if self.path.endswith(".list"):
            self._rewrite(entry, [*self._words(entry), f"{SIGNED_BY}={keyring}"])
        else:
            self.lines[entry.first : entry.first] = [ADDED, f"Signed-By: {keyring}"]

    def _words(self, entry: Entry) -> list[str]:
        words = _LINE.match(self.lines[entry.first])
        return (words.group(2) or "").split() if words else []

    def _rewrite(self, entry: Entry, options: t.Sequence[str]) -> None:
        old = self.lines[entry.first]
        new = _LINE.sub(
            lambda words: words.group(1) + (f"[{' '.join(options)}] " if options else "") + words.group(3), old
        )
        # A line that stands in for another one already has it above itself.
        stands_in = entry.first > 0 and self.lines[entry.first - 1].startswith(TAKEN_OUT)
        self.lines[entry.first : entry.first + 1] = [new] if stands_in else [TAKEN_OUT + old, new]

    def put_back(self) -> None:
        """Undo every change of ours; what somebody has rewritten since stays as it is."""
        left: list[str] = []
        lines = iter(self.lines)
        for line in lines:
            if line == ADDED:
                following = next(lines, "")
                left += [] if following.lower().startswith(SIGNED_BY) else [following]
            elif line.startswith(TAKEN_OUT) and self.path.endswith(".list"):
                old, new = line[len(TAKEN_OUT) :], next(lines, "")
                left.append(old if _source_of(old) == _source_of(new) else new)
            else:
                left.append(line[len(TAKEN_OUT) :] if line.startswith(TAKEN_OUT) else line)
        self.lines = left


def _source_of(line: str) -> str | None:
    """Address, suite and components of a line, whatever its options."""
    words = _LINE.match(line)
    return words.group(3).strip() if words else None
