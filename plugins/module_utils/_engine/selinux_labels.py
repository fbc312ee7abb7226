# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Which bind mounts get SELinux' label of containers' files, so that nobody has to write ``:z`` (podman-run(1))."""

from __future__ import annotations

import typing as t
from dataclasses import replace

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Mount
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

# There once a policy is loaded, enforced or not.
ENFORCE = "/sys/fs/selinux/enforce"
SHARED = "z"
# What the host itself runs from, and the engines' own: another label there would break it.
_SYSTEM = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/run", "/sbin", "/sys", "/usr",
    "/var/lib/containerd", "/var/lib/containers", "/var/lib/docker", "/var/lock", "/var/log", "/var/run",
)  # fmt: skip
# Whose folders belong to many: what is in them can be a workload's, they can't.
_PARENTS = ("/home", "/media", "/mnt", "/var", "/var/cache", "/var/lib", "/var/spool", "/var/tmp")  # noqa: S108 - labels it, writes nothing


def is_workloads(path: str) -> bool:
    """Whether an absolute path can be a workload's own, by its name alone: no part of the system, nobody's home."""
    words = [word for word in path.split("/") if word not in ("", ".")]
    whole = "/" + "/".join(words)
    if ".." in words or len(words) < 2 or whole in _PARENTS:
        return False
    if words[0] == "home" and len(words) == 2:
        return False
    return words[0] != "root" and not any(whole == one or whole.startswith(f"{one}/") for one in _SYSTEM)


def with_labels(mounts: t.Sequence[Mount], io: HostIO) -> tuple[Mount, ...]:
    """The mounts as they are where SELinux is not in force; else bind mounts that name no label get the shared one.

    Shared, since another workload or the next container of this one may have the same folder. What isn't there, a
    socket and a link stay: the engine says what is wrong with them, or takes them as they are.
    """
    if not io.exists(ENFORCE):
        return tuple(mounts)
    return tuple(replace(one, selinux=SHARED) if _takes_label(one, io) else one for one in mounts)


def _takes_label(mount: Mount, io: HostIO) -> bool:
    if mount.type != "bind" or mount.selinux or not is_workloads(mount.source):
        return False
    found = io.status(mount.source)
    return found is not None and found.kind in ("file", "directory")
