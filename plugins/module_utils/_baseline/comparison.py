# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""How a value that is compares with the value that shall be."""

from __future__ import annotations

WAYS = ("equal", "at_least", "at_most", "mode_within", "mask_covers")
"""mode_within: an octal mode with no bit beyond the wanted one. mask_covers: a umask with all of its bits."""


def holds(current: str | None, wanted: str, way: str) -> bool:
    """Whether the current value meets the wanted one; numbers by their size for at_least and at_most."""
    if current is None:
        return False
    if way == "equal":
        return current == wanted
    is_octal = way in ("mode_within", "mask_covers")
    try:
        left, right = (int(value, 8 if is_octal else 10) for value in (current, wanted))
    except ValueError:
        return current == wanted
    if is_octal:
        return not left & ~right if way == "mode_within" else not right & ~left
    return left >= right if way == "at_least" else left <= right


def is_number(value: str) -> bool:
    """Whether a value can be compared by size."""
    return value.lstrip("-").isdigit()
