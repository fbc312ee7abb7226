# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""AppArmor's files: which profiles the kernel has, and those that are ours."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import Profile

FOLDER = "/etc/apparmor.d"
PREFIX = "container-host."
OWNED = f"{FOLDER}/{PREFIX}*"
DROP_IN = "60-container-host-apparmor.conf"
OWNED_DROP_INS = f"/etc/systemd/system/*.service.d/{DROP_IN}"


def parse_profiles(text: t.Optional[str]) -> dict[str, str]:
    """/sys/kernel/security/apparmor/profiles: name to mode (enforce, complain, kill, unconfined)."""
    found = {}
    for line in (text or "").splitlines():
        matched = re.fullmatch(r"(.*) \((\w+)\)", line.strip())
        if matched:
            found[matched.group(1)] = matched.group(2)
    return found


def profile_path(profile: Profile) -> str:
    """The file of a profile of ours."""
    return f"{FOLDER}/{PREFIX}{profile.name}"


def drop_in_path(service: str) -> str:
    """The drop-in that binds a service to its profile."""
    return f"/etc/systemd/system/{service}.d/{DROP_IN}"


def loosened(content: str) -> str:
    """A profile's text with all its profiles only noting, also when the next boot loads it (apparmor.d(5), "flags")."""
    flagged = re.sub(r"\bflags=\(", "flags=(complain,", content)
    # A line that ends with a comma is a rule, whose path may have braces.
    header = r"^(\s*(?:profile\s|/)(?![^\n]*(?:flags=|,[ \t]*$))[^\n{]*?)\s*\{"
    return re.sub(header, r"\1 flags=(complain) {", flagged, flags=re.MULTILINE)


def render(profiles: t.Sequence[Profile], enforcing: bool = True) -> dict[str, str]:
    """Every file, path to content: profiles, and the drop-ins of the services that are bound to one."""
    files = {profile_path(one): one.content if enforcing else loosened(one.content) for one in profiles}
    for one in profiles:
        if one.service:
            files[drop_in_path(one.service)] = f"[Service]\nAppArmorProfile={one.profile}\n"
    return files


def declared(content: str) -> str:
    """The name of the first profile in a profile's text; empty when there is none."""
    found = re.search(r"^\s*(?:profile\s+([^\s{]+)|(/[^\s{]+))[^\n]*\{", content, re.MULTILINE)
    return next((one.strip('"') for one in found.groups() if one), "") if found else ""
