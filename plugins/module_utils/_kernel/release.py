# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Releases of kernels, as ``uname -r`` says them, and versions of their packages: their order."""

from __future__ import annotations

import re
import typing as t


def sort_key(release: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts releases and versions of packages as their makers count.

    Numbers are numbers, a number comes after a word, and a tilde before everything, the end included.
    """
    parts = re.findall(r"\d+|[A-Za-z]+|~", release)
    keys = [(1, int(part), "") if part.isdigit() else (0, 0, part) if part != "~" else (-1, 0, "") for part in parts]
    return (*keys, (0, -1, ""))


def newest_first(releases: t.Iterable[str]) -> list[str]:
    """The releases without repetition, the newest first."""
    return sorted(set(releases), key=sort_key, reverse=True)
