# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Whether a host has to be rebooted for its kernel to be the one that is meant, and why."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import has


def built_version(version_text: str) -> str:
    """The package version in /proc/version, where the maker puts it before the date; empty elsewhere."""
    found = re.search(r" (\d[^ ]*) \(\d{4}-\d\d-\d\d\)\s*$", version_text)
    return found.group(1) if found else ""


def is_rebuilt(running: str, built: str, release: str, version: str) -> bool:
    """Whether the image of the running kernel's release is another one than it was when it was started."""
    return running == release and bool(built) and built != version


def reboot_reasons(
    running: str,
    built: str,
    release: str,
    version: str,
    command_line: t.Sequence[str],
    present: t.Sequence[str],
    absent: t.Sequence[str],
) -> list[str]:
    """Every reason; none means that the host runs as it shall. version: of the package that has the image."""
    reasons = []
    if running != release:
        reasons.append(f"{running} runs, and {release} is pinned")
    elif is_rebuilt(running, built, release, version):
        reasons.append(f"{release} runs as it was built for {built}, and {version} is installed")
    lacking = [word for word in present if not has(command_line, word)]
    excess = [word for word in absent if has(command_line, word)]
    if lacking:
        reasons.append(f"the kernel was started without {', '.join(lacking)}")
    if excess:
        reasons.append(f"the kernel was started with {', '.join(excess)}")
    return reasons
