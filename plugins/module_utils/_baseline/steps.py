# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What can be done to a host to reach a plan. Each step knows which controls it is for; all go through the HostIO."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


@dataclass(frozen=True)
class Step:
    """One step. ``controls``: the ids of the controls that fail when it fails."""

    controls: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it changes, as far as they can be put back."""
        return ()

    def apply(self, io: HostIO) -> None:
        """Do it. Raises HostError."""
        raise NotImplementedError


@dataclass(frozen=True)
class WriteFile(Step):
    """Write a file whole, or remove it when the content is None.

    validate: a command that accepts the new file before it is used; ``%s`` stands for its path.
    """

    path: str
    content: str | None
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    validate: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def apply(self, io: HostIO) -> None:
        if self.content is None:
            io.remove(self.path)
            return

        def check(temporary: str) -> None:
            done = io.run([word.replace("%s", temporary) for word in self.validate])
            if done.rc != 0:
                words = (done.stderr.strip() or done.stdout.strip()).replace(temporary, self.path)
                raise HostError(f"{self.path}: {self.validate[0]} refuses the new content: {words}")

        io.write_atomic(self.path, self.content, self.mode, self.uid, self.gid, check if self.validate else None)


@dataclass(frozen=True)
class WriteValue(Step):
    """Write a value to a file of the kernel."""

    path: str
    value: str

    def apply(self, io: HostIO) -> None:
        io.write_in_place(self.path, self.value + "\n")


@dataclass(frozen=True)
class SetStatus(Step):
    """Set owner, group and permission bits of a file or directory."""

    path: str
    mode: int
    uid: int
    gid: int

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def apply(self, io: HostIO) -> None:
        # The owner first: changing it can clear set-user-id bits.
        io.set_owner(self.path, self.uid, self.gid)
        io.set_mode(self.path, self.mode)


@dataclass(frozen=True)
class Run(Step):
    """Run a command that has to succeed. touches: the files it changes that can be put back."""

    argv: tuple[str, ...]
    timeout_seconds: float = 120
    touches: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return self.touches

    def apply(self, io: HostIO) -> None:
        io.run(self.argv, timeout_seconds=self.timeout_seconds, check=True)
