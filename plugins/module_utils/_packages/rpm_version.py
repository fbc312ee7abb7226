# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The order of versions as rpm has it (rpm-version(7)): epoch, version, release."""

from __future__ import annotations

import re
import typing as t

# What ends a version ranks between what comes before it (~) and what comes after it (^, a word, a number).
_TILDE, _END, _CARET, _WORD, _NUMBER = range(5)


def _rank(text: str) -> tuple[tuple[int, int, str], ...]:
    """A version or a release as what sorts like it; what separates its parts does not count."""
    ranks = {"~": _TILDE, "^": _CARET}
    found: list[tuple[int, int, str]] = []
    for part in re.findall(r"\d+|[A-Za-z]+|~|\^", text):
        if part.isdigit():
            found.append((_NUMBER, int(part), ""))
        else:
            found.append((ranks.get(part, _WORD), 0, part))
    return (*found, (_END, 0, ""))


def sort_key(version: str) -> tuple[int, tuple[tuple[int, int, str], ...], tuple[tuple[int, int, str], ...]]:
    """What sorts like ``epoch:version-release``, of which the epoch may be left out, and counts as 0."""
    epoch, colon, rest = version.partition(":")
    number, rest = (epoch, rest) if colon else ("0", version)
    name, _dash, release = rest.partition("-")
    return int(number) if number.isdigit() else 0, _rank(name), _rank(release)


def newest_first(versions: t.Iterable[str]) -> list[str]:
    """The versions without repetition, the newest first."""
    return sorted(set(versions), key=sort_key, reverse=True)
