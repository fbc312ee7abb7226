# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which services of a file take part: those without profiles, those of the active ones, and those asked for by name.

Source: Compose Specification, "Profiles".
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader

ALL = "*"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")


def inactive_services(
    reader: Reader, services: t.Mapping[str, t.Any], profiles: t.Collection[str], named: t.Collection[str]
) -> set[str]:
    """The services that don't take part. ``named`` ones do whatever their profiles; that activates no other."""
    for name in named:
        if name not in services:
            known = ", ".join(sorted(map(str, services)))
            reader.report.add(("services",), f"there is no service {name}, which was asked for", f"name one of {known}")
    result = set()
    for name, keys in services.items():
        if not isinstance(keys, dict) or keys.get("profiles") is None:
            continue
        path = ("services", name, "profiles")
        own = reader.texts(keys["profiles"], path)
        for profile in own:
            if not _NAME.fullmatch(profile):
                reader.report.add(path, f"{profile!r} isn't a profile's name", "use letters, digits, ., _ and -")
        if own and ALL not in profiles and not set(own) & set(profiles) and name not in named:
            result.add(name)
    return result
