# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The contract every boot loader fulfils."""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.boot import UNKNOWN, BootState, Entry

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.plan import Plan


class Loader(ABC):
    """One boot loader, driven through the HostIO handed in."""

    kind = UNKNOWN

    def __init__(self, io: HostIO) -> None:
        self.io = io

    @abstractmethod
    def observe(self) -> BootState:
        """What it starts, read without changing anything."""

    @abstractmethod
    def change(self, plan: Plan) -> None:
        """Make its settings and its entries' parameters what the plan says, the safe kernel being the default."""

    @abstractmethod
    def complete(self, plan: Plan) -> None:
        """Give the entries of kernels that came with the plan the parameters the others have by it."""

    @abstractmethod
    def set_default(self, release: str) -> None:
        """Have it start a kernel from now on; an empty release leaves the choice to it."""

    @abstractmethod
    def set_once(self, release: str) -> None:
        """Have it start a kernel at the next boot alone; an empty release takes that back."""

    def entry(self, release: str) -> Entry:
        """The entry of a kernel. Raises HostError when the menu has none."""
        found = self.observe().entry_of(release)
        if found is None:
            raise HostError(f"the boot loader has no entry for kernel {release}; see why its generator leaves it out")
        return found


class NoLoader(Loader):
    """Where none of the known boot loaders is found. Its plans are refused before they are applied."""

    def observe(self) -> BootState:
        return BootState(UNKNOWN)

    def change(self, plan: Plan) -> None:
        """Nothing to change: what was pinned was pinned by another boot loader."""

    def complete(self, plan: Plan) -> None:
        """Nothing to complete, for the same reason."""

    def set_default(self, release: str) -> None:
        raise HostError(f"no known boot loader: kernel {release} can't be made the default")

    def set_once(self, release: str) -> None:
        raise HostError(f"no known boot loader: kernel {release} can't be started once")
