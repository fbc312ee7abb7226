# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What has to be true of a machine before anything on it is managed."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


def check_machine(io: HostIO, what: str, needs: str) -> None:
    """Raise HostError unless this is a machine of its own: root, systemd, no container.

    what: the things that are managed; needs: why that takes systemd.
    """
    status = io.read_text("/proc/self/status") or ""
    user_ids = next((line.split() for line in status.splitlines() if line.startswith("Uid:")), [])
    if len(user_ids) > 2 and user_ids[2] != "0":
        raise HostError(f"no privileges: {what} are managed as root; use become: true")
    if not io.exists("/run/systemd/system"):
        raise HostError(f"systemd does not run here: {needs}; use a host booted by systemd")
    container = (io.read_text("/run/systemd/container") or "").strip()
    if container:
        raise HostError(f"this is a container ({container}): {what} are managed on hosts; use a host")


def check_own_root(io: HostIO) -> None:
    """Raise HostError in a chroot: what is changed there is not what this machine starts with."""
    if io.run(["systemd-detect-virt", "--chroot"]).rc == 0:
        raise HostError("this is a chroot: which kernel is started can't be proved here; use the host itself")
