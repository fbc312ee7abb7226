# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Mounting memory over a directory in use: what lies in it comes along, so that programs still find their files."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import Step
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

STAGE = "/run/container-host/memory"
COPY_SECONDS = 600


@dataclass(frozen=True)
class MountMemory(Step):
    """Mount a tmpfs over a path, filled with what is there. Sockets lose their listener: restart what has one there.

    Filled aside and put into place in one go. What doesn't fit into the memory allowed fails and changes nothing.
    """

    path: str
    options: str

    def apply(self, io: HostIO) -> None:
        io.make_directory(STAGE, 0o700)
        io.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", STAGE], check=True)
        try:
            io.run(["cp", "-a", "-x", f"{self.path}/.", STAGE], timeout_seconds=COPY_SECONDS, check=True)
            io.run(["mount", "--bind", STAGE, self.path], check=True)
        except HostError as error:
            raise HostError(
                f"{self.path} can't be put into memory: {error}; empty it, or exempt the control"
            ) from error
        finally:
            io.run(["umount", STAGE])
