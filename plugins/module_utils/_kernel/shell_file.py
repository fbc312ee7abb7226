# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""One setting in a file of shell assignments, such as those in /etc/sysconfig."""

from __future__ import annotations

import re
import typing as t


def value_of(text: t.Optional[str], name: str) -> t.Optional[str]:
    """The setting's value, the last one as the shell has it; None without it."""
    values = re.findall(rf"^\s*{re.escape(name)}=(.*)$", text or "", re.MULTILINE)
    return values[-1].strip().strip("\"'") if values else None


def with_value(text: t.Optional[str], name: str, value: t.Optional[str]) -> t.Optional[str]:
    """The text with the setting at this value, or without it; None when nothing is left of it."""
    if value_of(text, name) == value:
        return text
    lines = (text or "").splitlines()
    places = [index for index, line in enumerate(lines) if re.match(rf"\s*{re.escape(name)}=", line)]
    for index in reversed(places[1:] if value is not None else places):
        del lines[index]
    if value is not None and places:
        lines[places[0]] = f"{name}={value}"
    elif value is not None:
        lines.append(f"{name}={value}")
    return "\n".join(lines) + "\n" if lines else None
