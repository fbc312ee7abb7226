# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The text of a configuration file that others own: single options read, set and put back, the rest left as it is."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

FORMATS = {"key = value": " = ", "key=value": "=", "key value": " "}
"""How an option is written -> what stands between name and value."""

FIRST, LAST = "first", "last"
MARK = "container-host: "
"""Begins, after the comment character, a line that was taken out of use and comes back."""

HEADER = re.compile(r"^\s*\[(.+?)\]\s*$")


@dataclass(frozen=True)
class Place:
    """Where an option is: its name, its section ("" for anywhere in the file) and how the file is written.

    form: a key of FORMATS. wins: which of several assignments counts.
    """

    name: str
    section: str = ""
    form: str = "key = value"
    comment: str = "#"
    wins: str = LAST

    def value_in(self, line: str) -> str | None:
        """The value a line gives to the option, without quotes; "" for an option without value, None for no line of it.

        With "key value" the value may follow a tab (login.defs(5)), with the others spaces around = don't matter.
        """
        # Asked of every line for every option, so the quick answer comes first.
        if self.name not in line:
            return None
        words = re.match(rf"^\s*{re.escape(self.name)}({self._between})(.*)$", line.rstrip("\r"))
        if words is None:
            return None
        value = words.group(2).strip()
        return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value

    @property
    def _between(self) -> str:
        return r"\s+|\s*$" if self.form == "key value" else r"\s*=\s*|\s*$"

    def is_example_in(self, line: str) -> bool:
        """Whether a line is this option commented out."""
        value = r"(\s+\S+)?" if self.form == "key value" else r"(\s*=.*)?"
        return re.match(rf"^\s*{re.escape(self.comment)}\s*{re.escape(self.name)}{value}\s*$", line) is not None

    def render(self, value: str, old: str = "") -> str:
        """The line that sets the option; how an old line was spaced and quoted stays."""
        words = re.match(rf"^(\s*{re.escape(self.name)}(?:{self._between}))(.*)$", old.rstrip("\r"))
        if not value:
            return self.name
        if words is None or not words.group(2).strip():
            return f"{self.name}{FORMATS[self.form]}{value}"
        quote = words.group(2).strip()[0]
        quote = quote if quote in "\"'" else ""
        return f"{words.group(1)}{quote}{value}{quote}"


class OptionText:
    """A file's text, line by line. All but the options set stays byte for byte, a missing last newline included."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "\n".join(self.lines)

    def _section(self, name: str) -> tuple[int, int] | None:
        """The first and the last line (exclusive) of a section, without its header; the whole file for ""."""
        if not name:
            return 0, len(self.lines)
        start = None
        for index, line in enumerate(self.lines):
            header = HEADER.match(line)
            if start is not None and header is not None:
                return start, index
            if header is not None and header.group(1) == name:
                start = index + 1
        return None if start is None else (start, len(self.lines))

    def has_section(self, name: str) -> bool:
        """Whether there is such a section."""
        return self._section(name) is not None

    def _find(self, place: Place, matches: t.Callable[[str], bool]) -> list[int]:
        start, end = self._section(place.section) or (0, 0)
        return [index for index in range(start, end) if matches(self.lines[index])]

    def _assignments(self, place: Place) -> list[int]:
        return self._find(place, lambda line: place.value_in(line) is not None)

    def _marked(self, place: Place) -> list[int]:
        mark = place.comment + MARK
        return self._find(place, lambda line: line.startswith(mark) and place.value_in(line[len(mark) :]) is not None)

    def _winner(self, place: Place) -> int | None:
        found = self._assignments(place)
        return None if not found else found[0 if place.wins == FIRST else -1]

    def line(self, place: Place) -> str | None:
        """The line that counts, or None when the option is not set."""
        winner = self._winner(place)
        return None if winner is None else self.lines[winner]

    def value(self, place: Place) -> str | None:
        """The value that counts, or None."""
        line = self.line(place)
        return None if line is None else place.value_in(line)

    def set(self, place: Place, value: str) -> None:
        """Set the option: in the line that counts, else where it was taken out of use, else beside its example."""
        winner = self._winner(place)
        if winner is not None:
            self.lines[winner] = place.render(value, self.lines[winner])
            return
        marked = self._marked(place)
        if marked:
            self.lines[marked[-1]] = place.render(value)
            return
        self._insert(place, place.render(value))

    def _insert(self, place: Place, line: str) -> None:
        examples = self._find(place, place.is_example_in)
        if examples:
            self.lines.insert(examples[-1] + 1, line)
            return
        section = self._section(place.section)
        if section is None:
            self._append(f"[{place.section}]")
            self._append(line)
        elif not place.section:
            self._append(line)
        else:
            start, end = section
            while end > start and not self.lines[end - 1].strip():
                end -= 1
            self.lines.insert(end, line)

    def _append(self, line: str) -> None:
        self.lines.insert(len(self.lines) - (1 if not self.lines[-1] else 0), line)

    def unset(self, place: Place) -> None:
        """Take every assignment out of use; the lines stay as comments, so that each can come back to its place."""
        for index in self._assignments(place):
            self.lines[index] = f"{place.comment}{MARK}{self.lines[index]}"

    def put_back(self, place: Place, line: str | None) -> None:
        """Make the option what it was: the line it had, or not set."""
        mark = place.comment + MARK
        for index in self._marked(place):
            self.lines[index] = self.lines[index][len(mark) :]
        winner = self._winner(place)
        if winner is None:
            if line is not None:
                self._insert(place, line)
        elif line is None:
            del self.lines[winner]
        else:
            self.lines[winner] = line

    def drop_empty_section(self, name: str) -> None:
        """Take a section's header away when nothing is left in it."""
        section = self._section(name)
        if name and section is not None and not any(line.strip() for line in self.lines[slice(*section)]):
            del self.lines[section[0] - 1]
