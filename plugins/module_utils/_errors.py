# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The collection's own exceptions. Core code raises them; only modules and plugins turn them into a failure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the input.

    path: where in the input, dotted, indexes in brackets: ``services.web.ports[0]``.
    message: what is wrong.
    remedy: what would be right.
    line: 1-based line in the source file, when the input came from a file.
    file: which file, when the input came from several.
    """

    path: str
    message: str
    remedy: str
    line: int | None = None
    file: str = ""

    def __str__(self) -> str:
        place = ", ".join([*([self.file] if self.file else []), *([f"line {self.line}"] if self.line else [])])
        where = f"{self.path} ({place})" if place else self.path
        return f"{where}: {self.message}; {self.remedy}" if self.remedy else f"{where}: {self.message}"

    def as_dict(self) -> dict[str, t.Any]:
        """The problem as plain values for a module's result: path, message, remedy, line, and file when it matters."""
        plain = {"path": self.path, "message": self.message, "remedy": self.remedy, "line": self.line}
        return {**plain, "file": self.file} if self.file else plain


class ContainerHostError(Exception):
    """A failure with one clear message: what is wrong, where, and what would be right.

    problems: the same, one for each place in the input; none when it comes of no place there.
    """

    problems: tuple[Problem, ...] = ()


class InputError(ContainerHostError):
    """All problems found in one input, collected before anything was touched."""

    def __init__(self, problems: t.Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class HostError(ContainerHostError):
    """The managed node refused or lacks something: a command failed, a file can't be written, a service is down."""


class PlacedError(HostError):
    """As HostError, of one place in the input; ``path`` as in Problem."""

    def __init__(self, path: str, message: str) -> None:
        self.problems = (Problem(path, message, ""),)
        super().__init__(str(self.problems[0]))


class TalkEndedError(HostError):
    """The other side of a conversation is gone, or says what is no document."""


class BusyError(HostError):
    """Somebody else holds a lock that was not waited for."""
