# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The values read so far, and what could not be read; host files and commands come through the seam handed in."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.mounts import Mount, parse_mountinfo
from ansible_collections.anycloud.container_host.plugins.module_utils._contract.sysctl import number, sysctl_path

# Generous: on a starved machine a command that takes a moment elsewhere takes minutes.
COMMAND_TIMEOUT_SECONDS = 120

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO


class Reading:
    """Collects the contract's values. A field is in ``values`` or, with the reason, in ``unread``."""

    def __init__(self, io: HostIO) -> None:
        self.io = io
        self.values: dict[str, t.Any] = {}
        self.unread: dict[str, str] = {}

    def text(self, path: str, *fields: str) -> t.Optional[str]:
        """A file's text; None when it is absent. When it is there but unreadable, the fields become unread."""
        content = self.io.read_text(path)
        if content is None:
            if self.io.exists(path):
                self.mark_unread(fields, f"{path} can't be read; run as root")
            return None
        # What isn't UTF-8 has no canonical form.
        return content.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def line(self, path: str, *fields: str) -> t.Optional[str]:
        """A one-line file without the line's end; None when it is absent or empty."""
        return (self.text(path, *fields) or "").strip() or None

    def setting(self, field: str, name: str) -> t.Optional[int]:
        """A numeric kernel setting (``net.ipv4.ip_forward``) for a field."""
        return number(self.text(sysctl_path(name), field))

    def command(self, argv: t.Sequence[str], *fields: str, good: t.Container[int] = (0,)) -> t.Optional[str]:
        """What a command printed; None when it isn't there. When it failed or took too long, the fields are unread."""
        done = self.io.run(argv, timeout_seconds=COMMAND_TIMEOUT_SECONDS)
        if done.rc in good:
            return done.stdout
        if done.rc != 127:
            words = " ".join(done.stderr.split())[-300:]
            self.mark_unread(fields, f"{' '.join(argv[:2])} failed with {done.rc}: {words}")
        return None

    def put(self, values: t.Mapping[str, t.Any]) -> None:
        """Take values, except for fields known to be unread."""
        self.values.update({path: value for path, value in values.items() if path not in self.unread})

    def mark_unread(self, fields: t.Iterable[str], reason: str) -> None:
        """Say that fields can't be read."""
        for field in fields:
            self.unread[field] = reason
            self.values.pop(field, None)

    def mounts(self) -> list[Mount]:
        """All mounts of the host."""
        return parse_mountinfo(self.io.read_text("/proc/self/mountinfo") or "")

    def is_root(self) -> bool:
        """Whether this runs as root: the effective id in ``/proc/self/status``."""
        status = self.io.read_text("/proc/self/status") or ""
        ids = next((line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")), [])
        return len(ids) > 1 and ids[1] == "0"
