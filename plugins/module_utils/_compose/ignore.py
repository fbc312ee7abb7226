# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which files of a build's context an ignore file leaves out.

Source: Docker's documentation of ``.dockerignore``: each line is a pattern, ``!`` before it takes files back in, the
last pattern that fits decides, and what is below a directory that fits does so too.
"""

from __future__ import annotations

import posixpath
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError

# Where it is looked for: BuildKit's place beside the Dockerfile first.
IGNORE_FILE = ".dockerignore"


class Ignore:
    """The patterns of one ignore file."""

    def __init__(self, text: str) -> None:
        """Raises BadValueError for a pattern that is none."""
        self._patterns = [_pattern(line) for line in text.lstrip("\ufeff").splitlines() if _pattern_of(line)]

    def leaves_out(self, path: str) -> bool:
        """Whether the file or directory ``path``, from the context and without a leading slash, is left out."""
        parts = path.split("/")
        ways = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        out = False
        for takes_in, pattern in self._patterns:
            if takes_in == out and any(pattern.fullmatch(way) for way in ways):
                out = not takes_in
        return out

    @property
    def takes_in(self) -> bool:
        """Whether anything below a directory that is left out may be taken in again."""
        return any(takes_in for takes_in, _pattern in self._patterns)


def _pattern_of(line: str) -> str:
    text = line.strip()
    return "" if line.startswith("#") else text


def _pattern(line: str) -> tuple[bool, t.Pattern[str]]:
    text = _pattern_of(line)
    takes_in = text.startswith("!")
    cleaned = posixpath.normpath(text[1:].strip() if takes_in else text).lstrip("/")
    try:
        return takes_in, re.compile(_expression(cleaned), re.DOTALL)
    except re.error as error:
        raise BadValueError(f"{text!r} isn't a pattern: {error}", "write it as Docker's documentation says") from error


def _expression(pattern: str) -> str:
    """The pattern as a regular expression: ``*`` and ``?`` stay within a name, ``**`` is any number of directories."""
    result, index = "", 0
    while index < len(pattern):
        char = pattern[index]
        index += 1
        if pattern.startswith("**", index - 1):
            index += 1
            if pattern.startswith("/", index):
                index += 1
            result += ".*" if index >= len(pattern) else "(?:.*/)?"
        elif char == "*":
            result += "[^/]*"
        elif char == "?":
            result += "[^/]"
        elif char == "[":
            end = pattern.find("]", index)
            if end < 0:
                raise BadValueError(f"{pattern!r} isn't a pattern", "close the bracket, or write \\[")
            result += f"[{pattern[index:end]}]"
            index = end + 1
        elif char == "\\" and index < len(pattern):
            result += re.escape(pattern[index])
            index += 1
        else:
            result += re.escape(char)
    return result
