# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Replacing fstab, whose mistakes keep a host from booting: only by one that findmnt(8) finds no worse."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.steps import WriteFile
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

_ERRORS = re.compile(r"(\d+) (?:parse )?errors?")


@dataclass(frozen=True)
class WriteFstab(WriteFile):
    """Write fstab once its check has no more errors than before: a disk that is away is not our mistake."""

    def apply(self, io: HostIO) -> None:
        if self.content is None:
            io.remove(self.path)
            return
        io.write_atomic(self.path, self.content, self.mode, self.uid, self.gid, lambda path: self._check(io, path))

    def _check(self, io: HostIO, temporary: str) -> None:
        errors, text = _verify(io, temporary)
        if errors and errors > _verify(io, self.path)[0]:
            raise HostError(f"{self.path}: findmnt refuses the new content: {text.replace(temporary, self.path)}")


def _verify(io: HostIO, path: str) -> tuple[int, str]:
    """How many errors findmnt counts, at least one when it fails, and what it says."""
    done = io.run(["findmnt", "--verify", "--tab-file", path])
    text = f"{done.stdout}\n{done.stderr}".strip()
    counted = sum(int(count) for count in _ERRORS.findall(text))
    return (max(1, counted) if done.rc != 0 else 0), text
