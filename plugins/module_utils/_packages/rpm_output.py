# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What rpm, dnf and zypper write, and the files their locks are in."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import PackageStatus
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.rpm_version import newest_first


def parse_rpm_query(output: str) -> dict[str, str]:
    """Parse lines of name, tab, epoch:version-release; of several installed versions the last one counts."""
    found: dict[str, str] = {}
    for line in output.splitlines():
        name, tab, version = line.partition("\t")
        if tab:
            found[name] = version[2:] if version.startswith("0:") else version
    return found


def parse_repoquery(output: str) -> dict[str, list[str]]:
    """Parse ``dnf repoquery`` lines of name, tab, version, which it sorts by their letters, into newest first."""
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        name, tab, version = line.partition("\t")
        if tab:
            found.setdefault(name, []).append(version.removeprefix("0:"))
    return {name: newest_first(versions) for name, versions in found.items()}


def parse_installed(output: str) -> list[PackageStatus]:
    """Parse lines of name, tab, epoch:version-release; a package installed several times is there several times."""
    rows = (line.partition("\t") for line in output.splitlines())
    return [PackageStatus(name, version.removeprefix("0:")) for name, tab, version in rows if tab]


def parse_versionlocks(text: str) -> set[str]:
    """The exact locks in a file of dnf 4 or dnf 5, ``name-version`` without an epoch of 0; other entries as they are.

    Entries that exclude a version have a ``!`` before them.
    """
    found: set[str] = set()
    setting: dict[str, str] = {}
    for line in (line.strip() for line in text.splitlines()):
        match = re.match(r'(\w+)\s*=\s*"(.*)"$', line)
        if match:
            setting[match.group(1)] = match.group(2)
            sign = {"=": "", "!=": "!"}.get(setting.get("comparator", "")) if match.group(1) == "value" else None
            if sign is not None:
                found.add(f"{sign}{setting.get('name')}-{setting['value'].removeprefix('0:')}")
        elif line and not line.startswith(("#", "[")):
            found.add(re.sub(r"-0:(?=[^-]+-[^-]+$)", "-", line).removesuffix(".*"))
    return found


def name_of_lock(lock: str) -> str:
    """The name of the package in an exact lock."""
    return re.sub(r"-[^-]+-[^-]+$", "", lock)


def parse_zypper_search(output: str) -> dict[str, list[str]]:
    """Parse ``zypper search -s``: a table of status, name, type, version, architecture, repository."""
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 6 and fields[2] == "package":
            versions = found.setdefault(fields[1], [])
            if fields[3] not in versions:
                versions.append(fields[3])
    return found


def parse_locks(text: str, names: t.Iterable[str]) -> set[str]:
    """The names among ``names`` that a lock file of dnf 4, dnf 5 or zypp holds."""
    entries = []
    for line in text.splitlines():
        entry = line.strip()
        if entry and not entry.startswith(("#", "!")):
            found = re.match(r'(?:name = "|solvable_name: )?(?:\d+:)?([^"\s]+)', entry)
            entries.append(found.group(1) if found else entry)
    return {
        name
        for name in names
        if any(entry == name or re.match(rf"{re.escape(name)}-(?:\d+:)?[\d*]", entry) for entry in entries)
    }
