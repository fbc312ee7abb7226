# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Runs dnf while others may use it or rpm as well: waits for them, but not for ever, as dnf would by itself."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._packages.manager import (
    INSTALL_TIMEOUT_SECONDS,
    LOCK_TIMEOUT_SECONDS,
)

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed, HostIO

RPM_LOCK = "/var/lib/rpm/.rpm.lock"
"""Held by whatever changes packages: rpm, dnf 4 and 5, PackageKit. Where the database has moved, a link leads there."""
_EXIT_ON_LOCK = 200
# dnf 4 exits with 200 when it is told not to wait; dnf 5 says it in words, as both do of rpm's own lock.
_LOCKED = (
    "Failed to obtain",
    "waiting for it to finish",
    "another process",
    "Another transaction is in progress",
    "can't create transaction lock",
)
_POLL_SECONDS = 3


def run_dnf(io: HostIO, arguments: t.Sequence[str], what: str) -> Completed:
    """Run dnf once nobody else uses what it needs. what: the purpose, for messages. Raises HostError after a while."""
    waited = 0
    while True:
        done = io.run(["dnf", "--setopt=exit_on_lock=True", *arguments], timeout_seconds=INSTALL_TIMEOUT_SECONDS)
        if done.rc != _EXIT_ON_LOCK and not (done.rc and any(words in done.stderr for words in _LOCKED)):
            return done
        waited = _wait(io, waited, what, None)


def wait_for_rpm(io: HostIO, what: str) -> None:
    """Wait until nobody changes packages. Raises HostError after a while, naming who does."""
    waited = 0
    holder = io.lock_holder(RPM_LOCK)
    while holder is not None:
        waited = _wait(io, waited, what, holder)
        holder = io.lock_holder(RPM_LOCK)


def _wait(io: HostIO, waited: int, what: str, holder: t.Optional[int]) -> int:
    """Wait once more, unless it has been too long."""
    if waited >= LOCK_TIMEOUT_SECONDS:
        name = (io.read_text(f"/proc/{holder}/comm") or "").strip() if holder else ""
        who = f" ({name}, process {holder})" if name else ""
        raise HostError(
            f"{what}: another package manager{who} has held its lock for more than {LOCK_TIMEOUT_SECONDS} s; "
            "wait for it or stop it, then run again"
        )
    io.sleep(_POLL_SECONDS)
    return waited + _POLL_SECONDS
