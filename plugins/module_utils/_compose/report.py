# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Where every problem of a Compose file is collected, with its place in the file."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import (
    ContainerHostError,
    InputError,
    Problem,
)

Path = tuple[t.Union[str, int], ...]

# What variables, files, ranges and copies may make of a project, in characters as it is sent to the host. The kernel
# takes an eighth of it as environment of one process.
MAXIMUM_BROUGHT = 16 * 1024 * 1024


class Place(t.NamedTuple):
    """Where something was written: 1-based line, and the file's name when there are several ("" when not)."""

    line: t.Optional[int] = None
    file: str = ""


Lines = t.Mapping[Path, t.Union[int, Place]]


class BadValueError(ContainerHostError):
    """One value that can't be what it should be: what is wrong, and what would be right."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}; {remedy}")


def dotted(path: Path) -> str:
    """The path as people write it: ``services.web.ports[0]``."""
    text = ""
    for part in path:
        if isinstance(part, int) and not isinstance(part, bool):
            text += f"[{part}]"
        else:
            # A key that isn't text is refused, with its place.
            text += f".{part}" if text else str(part)
    return text or "the file"


class Report:
    """All problems found so far. ``lines`` maps paths to 1-based lines; empty when there is no file."""

    def __init__(self, lines: t.Optional[Lines] = None, problems: t.Sequence[Problem] = ()) -> None:
        self._lines: Lines = lines or {}
        self._spoiled: set[Path] = set()
        self.problems: list[Problem] = list(problems)
        self._added: set[Problem] = set(self.problems)
        self._left = MAXIMUM_BROUGHT

    def add(self, path: Path, message: str, remedy: str) -> None:
        """Record one problem; what has no line of its own gets that of what holds it."""
        if path in self._spoiled:
            return
        line: t.Union[int, Place, None] = None
        for length in range(len(path), -1, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                break
        self.add_at(line, path, message, remedy)

    def add_at(self, line: t.Union[int, Place, None], path: Path, message: str, remedy: str) -> None:
        """Record one problem at a line that is known."""
        place = line if isinstance(line, Place) else Place(line)
        problem = Problem(dotted(path), message, remedy, place.line, place.file)
        if problem not in self._added:
            self._added.add(problem)
            self.problems.append(problem)

    def afford(self, line: t.Union[int, Place, None], path: Path, characters: int) -> bool:
        """Count what the file brings in at this place; False, and a problem, when it is more than a project may have.

        Text that doubles itself line by line would fill any memory otherwise.
        """
        self._left -= characters
        if self._left >= 0:
            return True
        if self._left + characters >= 0:
            text = f"what variables, files and ranges bring in comes to more than {MAXIMUM_BROUGHT} characters here"
            remedy = "use fewer or shorter ones"
            if line is None:
                self.add(path, text, remedy)
            else:
                self.add_at(line, path, text, remedy)
        return False

    def relocate(self, lines: Lines, spoiled: t.Iterable[Path]) -> None:
        """From now on paths are those of the merged file: its lines, and the places already complained about."""
        self._lines = lines
        self._spoiled = set(spoiled)

    def spoil(self, path: Path) -> None:
        """Whatever else is found wrong at this place follows from what is already recorded."""
        self._spoiled.add(path)

    def refuse(self, path: Path, error: BadValueError) -> None:
        """Record a value's own complaint."""
        self.add(path, error.message, error.remedy)

    def raise_problems(self) -> None:
        """Raise InputError with all of them, in the order of the file, if there are any."""
        if self.problems:
            raise InputError(sorted(self.problems, key=lambda problem: (problem.file, problem.line or 0)))
