# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a container uses now, read where the kernel counts it: engines' own figures differ, and take a second each."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._cgroup.usage import (
    FILES,
    LIMITS,
    Usage,
    container_groups,
    parse_usage,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

ROOT = "/sys/fs/cgroup"


def read_usage(io: HostIO, inspected: t.Mapping[str, t.Any]) -> t.Optional[Usage]:
    """The usage of an inspected container; None when it doesn't run, or under control groups of version 1."""
    pid = int(inspected["State"].get("Pid") or 0)
    if not pid:
        return None
    groups = container_groups(io.read_text(f"/proc/{pid}/cgroup"), str(inspected["Id"]))
    if not groups:
        return None
    files = {name: io.read_text(f"{ROOT}{groups[0]}/{name}") for name in FILES}
    return parse_usage(files, {name: io.read_text(f"{ROOT}{groups[-1]}/{name}") for name in LIMITS})
