# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a cut of the power must not take back: it is on the disk before anything says that it is done (syncfs(2))."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import EngineClient
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

SYNC_SECONDS = 3600.0


def settle(io: HostIO, paths: t.Collection[str]) -> None:
    """What was copied into these directories, which rsync leaves to the kernel. Raises HostError.

    It comes before their manifests are kept and before a journal says that all is there: what was taken back afterwards
    would still have the size and the times of what had arrived.
    """
    if paths:
        io.run(["sync", "--file-system", *paths], timeout_seconds=SYNC_SECONDS, check=True)


def settle_engine(io: HostIO, client: EngineClient) -> None:
    """What the engine keeps: layers it has loaded, and restart policies. Raises HostError.

    Engines leave layers to the kernel, and Docker renames a file with a policy into its place and syncs no directory.
    """
    root = str(client.about().get("DockerRootDir") or "")
    settle(io, [root]) if root else io.run(["sync"], timeout_seconds=SYNC_SECONDS, check=True)
